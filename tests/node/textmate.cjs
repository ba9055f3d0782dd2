// Splits texts with the engine that editors use. NODE_PATH names the packages; argument: the grammar.
//
// A line in:  {"text": S}
// A line out: [[start, end, "scope scope …"]…]: bytes of the text, without the scope of the language.
const fs = require('node:fs');
const readline = require('node:readline');
const oniguruma = require('vscode-oniguruma');
const { INITIAL, Registry, parseRawGrammar } = require('vscode-textmate');

const path = process.argv[2];

async function load() {
  await oniguruma.loadWASM(fs.readFileSync(require.resolve('vscode-oniguruma/release/onig.wasm')).buffer);
  const registry = new Registry({
    onigLib: Promise.resolve({
      createOnigScanner: (sources) => new oniguruma.OnigScanner(sources),
      createOnigString: (text) => new oniguruma.OnigString(text),
    }),
    loadGrammar: async () => parseRawGrammar(fs.readFileSync(path, 'utf8'), path),
  });
  return registry.loadGrammar('source.ambit');
}

function split(grammar, text) {
  const tokens = [];
  let state = INITIAL;
  let at = 0;
  // As editors cut lines; the ends count for the places alone.
  for (const piece of text.split(/(\r\n|\n|\r)/)) {
    if (/^[\r\n]/.test(piece)) {
      at += piece.length;
      continue;
    }
    const { tokens: found, ruleStack } = grammar.tokenizeLine(piece, state);
    state = ruleStack;
    for (const { startIndex, endIndex, scopes } of found) {
      const start = at + Buffer.byteLength(piece.slice(0, startIndex));
      const end = start + Buffer.byteLength(piece.slice(startIndex, endIndex));
      // The engine adds a line end of its own to each line.
      if (end > start) tokens.push([start, end, scopes.slice(1).join(' ')]);
    }
    at += Buffer.byteLength(piece);
  }
  return tokens;
}

load().then((grammar) => {
  readline.createInterface({ input: process.stdin }).on('line', (line) => {
    process.stdout.write(`${JSON.stringify(split(grammar, JSON.parse(line).text))}\n`);
  });
});
