// Runs conditions of UCAST through @ucast/js and prints what @ucast/sql makes of them. NODE_PATH names the packages.
//
// A line in:  {"condition": true | {operator, field, value}, "rows": [row]}
// A line out: {"js": [bool], "sqlite": {"sql", "params"}, "postgres": {"sql", "params"}}
const readline = require('node:readline');
const { CompoundCondition, FieldCondition } = require('@ucast/core');
const js = require('@ucast/js');
const sql = require('@ucast/sql');

// The lines of docs/targets/ucast.md.
function condition({ operator, field, value }) {
  return field === undefined
    ? new CompoundCondition(operator, value.map(condition))
    : new FieldCondition(operator, field, value);
}

const toSql = sql.createSqlInterpreter(sql.allInterpreters);
const dialects = sql.createDialects({ joinRelation: () => false });

function answer({ condition: json, rows }) {
  if (json === true) {
    const all = { sql: '', params: [] };
    return { js: rows.map(() => true), sqlite: all, postgres: all };
  }
  const tree = condition(json);
  const write = (dialect) => {
    const [text, params] = toSql(tree, dialect);
    return { sql: text, params };
  };
  return {
    js: rows.map((row) => js.interpret(tree, row)),
    sqlite: write(dialects.sqlite),
    postgres: write(dialects.pg),
  };
}

readline.createInterface({ input: process.stdin }).on('line', (line) => {
  process.stdout.write(`${JSON.stringify(answer(JSON.parse(line)))}\n`);
});
