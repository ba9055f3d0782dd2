/** States of the views for tests of their pages: each shows something that can go wrong. */
import type { Range, SampleRow, SampleRule, Tree, Truth, Value } from '../../protocol';
import type { ArtifactsState } from '../../view/artifactsState';
import type { WhoSeesState } from '../../view/whoSeesState';

const range: Range = { start: { line: 5, character: 4 }, end: { line: 5, character: 31 } };
const uri = 'file:///project/policy.ambit';

function rule(value: Truth, decisive: boolean): SampleRule {
  return { effect: 'grant', text: 'grant read on sales where own', value, applies: true, decisive, uri, range };
}

function tree(value: Truth): Tree {
  const leaf: Tree = { text: 'salesperson = user.full_name', value, children: [] };
  return { text: 'read', value, children: [{ text: 'a grant is true', value, children: [leaf] }] };
}

function row(values: Record<string, Value>, value: Truth): SampleRow {
  const visible = value === 'true';
  const reason = visible ? 'a grant is true' : 'no grant is true';
  return { values, decision: visible ? 'allow' : 'deny', reason, rules: [rule(value, true)], tree: tree(value) };
}

const question: WhoSeesState = {
  principals: [
    { name: 'amber', kind: 'user' },
    { name: 'dan', kind: 'user' },
    { name: 'salespeople', kind: 'group' },
    { name: 'everyone', kind: 'everyone' },
  ],
  resources: [
    { name: 'sales', kind: 'table', actions: ['read', 'insert', 'update', 'delete'] },
    { name: 'overview', kind: 'object', actions: ['read', 'edit'] },
  ],
  choice: { as: 'dan', resource: 'sales', action: 'read' },
  actsAs: null,
};

export const whoSees: Record<string, WhoSeesState> = {
  rows: {
    ...question,
    sample: {
      table: 'sales',
      columns: ['id', 'salesperson', 'amount', 'sold_on'],
      rows: [
        row({ id: 1, salesperson: 'Dan', amount: { decimal: '100.50' }, sold_on: { date: '2024-01-15' } }, 'true'),
        row({ id: 2, salesperson: 'Matthew', amount: { decimal: '300' }, sold_on: null }, 'false'),
        row({ id: 3, salesperson: null, amount: null, sold_on: null }, 'unknown'),
        row({ id: 4, salesperson: '<img src=x onerror="alert(1)">', amount: null, sold_on: null }, 'false'),
      ],
      sources: [
        { label: 'data/sales.csv', data: { csv: 'data' } },
        { label: 'test "own & others"', data: { given: 'own & others' } },
      ],
      truncated: 7,
    },
    who: [
      { principal: 'dan', access: 'some', predicate: 'salesperson = user.full_name' },
      { principal: 'olga', access: 'all', predicate: 'everything' },
    ],
  },
  whole: {
    ...question,
    choice: { as: 'dan', resource: 'overview', action: 'edit' },
    actsAs: 'dan',
    whole: { values: {}, decision: 'deny', reason: 'nothing gives it', rules: [], tree: tree('false') },
    who: [],
  },
  nothing: { principals: [], resources: [], choice: {}, actsAs: null },
  failed: { ...question, message: 'there is no principal `dan`' },
};

const sql = '[\n{"table":"sales","action":"read","principal":"amber","inline":"(\\"salesperson\\" = \'Amber\')"},\n' +
  '{"table":"sales","action":"read","principal":"dan","inline":"(\\"salesperson\\" = \'Dan\')"}\n]\n';
const of = (part: string) => ({ start: sql.indexOf(part), end: sql.indexOf(part) + part.length, uri, range });
const danEntry = sql.indexOf('{"table"', 10);

export const artifacts: Record<string, ArtifactsState> = {
  text: {
    files: [
      { path: 'json/policy.json', target: 'json' },
      { path: 'sql/sqlite/predicates.json', target: 'sql' },
    ],
    path: 'sql/sqlite/predicates.json',
    artifact: {
      path: 'sql/sqlite/predicates.json',
      target: 'sql',
      text: sql,
      links: [of('"(\\"salesperson\\" = \'Amber\')"'), of('"(\\"salesperson\\" = \'Dan\')"')],
      refusals: [{ message: '`starts with` cannot be said in this dialect', uri, range }],
    },
    sql: {
      as: 'dan',
      resource: 'sales',
      predicates: [
        {
          table: 'sales',
          action: 'read',
          principal: 'dan',
          dialect: 'sqlite',
          inline: '("salesperson" = \'Dan\')',
          bound: '("salesperson" = :user_full_name)',
          params: ['user_full_name'],
          refused: null,
        },
      ],
    },
    spot: { start: danEntry, end: sql.lastIndexOf('}') + 1, turn: 1 },
  },
  nothing: { files: [], message: 'No project is open.' },
};
