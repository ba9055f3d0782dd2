import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Ask } from '../../protocol';
import { byFile, questions } from '../../testing/tree';
import type { ArtifactsState } from '../../view/artifactsState';
import type { WhoSeesState } from '../../view/whoSeesState';
import { ArtifactsModel, settle } from '../../views/artifactsModel';
import { WhoSeesModel } from '../../views/whoSeesModel';
import * as fixtures from '../page/fixtures';

const range = { start: { line: 2, character: 0 }, end: { line: 2, character: 4 } };
const names = fixtures.whoSees['rows'];
const text = fixtures.artifacts['text'];

type Question = Record<string, unknown>;

/** A server that answers from a table; what it was asked is kept. */
function fake(answers: Record<string, (question: Question) => unknown>): { ask: Ask; asked: [string, Question][] } {
  const asked: [string, Question][] = [];
  const ask = (async (command: string, question: Question) => {
    asked.push([command, question]);
    const answer = answers[command];
    if (!answer) throw new Error(`not asked: ${command}`);
    return answer(question);
  }) as unknown as Ask;
  return { ask, asked };
}

function model(answers: Record<string, (question: Question) => unknown>) {
  const shown: WhoSeesState[] = [];
  const { ask, asked } = fake({
    'ambit.principals': () => names?.principals,
    'ambit.resources': () => names?.resources,
    'ambit.whoSees': () => names?.who,
    'ambit.sample': ({ as }) => ({ ...names?.sample, table: String(as) }),
    ...answers,
  });
  const whoSees = new WhoSeesModel({
    ask,
    project: async () => 'file:///p/ambit.toml',
    preferred: () => undefined,
    show: (state) => shown.push(state),
  });
  return { whoSees, shown, asked };
}

test('the view asks about what is chosen and shows one answer for each question', async () => {
  const { whoSees, shown, asked } = model({});
  await whoSees.choose({ as: 'dan', resource: 'sales' });
  assert.equal(shown.length, 1);
  assert.equal(shown[0]?.sample?.table, 'dan');
  const question = asked.find(([command]) => command === 'ambit.sample')?.[1];
  assert.deepEqual(question, { uri: 'file:///p/ambit.toml', as: 'dan', resource: 'sales', action: 'read' });
});

test('an answer that another question has overtaken is dropped', async () => {
  let release = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  const { whoSees, shown } = model({
    'ambit.sample': async ({ as }) => {
      if (as === 'dan') await held;
      return { ...names?.sample, table: String(as) };
    },
  });
  const slow = whoSees.choose({ as: 'dan' });
  await whoSees.choose({ as: 'amber' });
  release();
  await slow;
  assert.deepEqual(shown.map(({ sample }) => sample?.table), ['amber']);
});

test('choices made fast are all kept; rows chosen for another table are not', async () => {
  const { whoSees } = model({});
  await whoSees.choose({ data: { csv: 'other' } });
  void whoSees.choose({ as: 'dan' });
  await whoSees.choose({ resource: 'sales' });
  assert.deepEqual(whoSees.state.choice, { as: 'dan', resource: 'sales', action: 'read', data: undefined });
  await whoSees.choose({ data: { csv: 'other' } });
  await whoSees.choose({ as: 'amber' });
  assert.deepEqual(whoSees.state.choice.data, { csv: 'other' });
});

test('who acts is followed, and nobody changes nothing', async () => {
  const { whoSees } = model({});
  await whoSees.choose({ as: 'amber', resource: 'sales' });
  await whoSees.actAs('dan');
  assert.equal(whoSees.state.choice.as, 'dan');
  await whoSees.actAs(null);
  assert.equal(whoSees.state.choice.as, 'dan');
  assert.equal(whoSees.state.actsAs, null);
});

test('after an error the last answer to the same question stays, marked as old', async () => {
  let broken = false;
  const { whoSees } = model({
    'ambit.sample': ({ as }) => {
      if (broken) throw new Error('the policy has errors');
      return { ...names?.sample, table: String(as) };
    },
  });
  await whoSees.choose({ as: 'dan', resource: 'sales' });
  broken = true;
  await whoSees.refresh();
  const table = () => whoSees.state.sample?.table;
  assert.equal(table(), 'dan');
  assert.equal(whoSees.state.stale, true);
  assert.equal(whoSees.state.message, 'the policy has errors');
  await whoSees.choose({ as: 'amber' });
  assert.equal(table(), undefined);
  broken = false;
  await whoSees.refresh();
  assert.equal(whoSees.state.message, undefined);
  assert.equal(table(), 'amber');
});

test('an object is judged as a whole', async () => {
  const row = { values: {}, decision: 'deny', reason: 'nothing gives it', rules: [], tree: { text: 'edit', value: 'false', children: [] } };
  const { whoSees, asked } = model({ 'ambit.sample': () => ({ table: 'overview', columns: [], rows: [row], sources: [], truncated: 0 }) });
  await whoSees.choose({ as: 'dan', resource: 'overview', action: 'edit' });
  assert.equal(whoSees.state.whole?.reason, 'nothing gives it');
  assert.equal(whoSees.state.sample, undefined);
  assert.equal(asked.find(([command]) => command === 'ambit.sample')?.[1]['data'], undefined);
});

test('SQL opens the predicates of its dialect at the entry', async () => {
  const shown: ArtifactsState[] = [];
  const files = [{ path: 'sql/postgres/predicates.json', target: 'sql' }, ...(text?.files ?? [])];
  const { ask } = fake({
    'ambit.artifacts': ({ path }) => (path === undefined ? files : { ...text?.artifact, path }),
    'ambit.showSql': () => text?.sql?.predicates,
  });
  const artifacts = new ArtifactsModel({ ask, project: async () => 'file:///p/ambit.toml', show: (state) => shown.push(state) });
  await artifacts.sql({ uri: 'file:///p/policy.ambit', as: 'dan', resource: 'sales' });
  assert.equal(shown.at(-1)?.path, 'sql/sqlite/predicates.json');
  assert.equal(shown.at(-1)?.spot?.start, text?.spot?.start);
  const turn = shown.at(-1)?.spot?.turn;
  await artifacts.refresh();
  assert.equal(shown.at(-1)?.spot?.turn, turn, 'an edit does not scroll');
  await artifacts.choose('json/policy.json');
  assert.equal(shown.at(-1)?.path, 'json/policy.json');
  assert.equal(shown.at(-1)?.sql, undefined);
});

test('SQL of a principal alone is that of all tables', async () => {
  const shown: ArtifactsState[] = [];
  const { ask, asked } = fake({
    'ambit.resources': () => [...(names?.resources ?? []), { name: 'contacts', kind: 'table', actions: ['read'] }],
    'ambit.artifacts': ({ path }) => (path === undefined ? text?.files : { ...text?.artifact, path }),
    'ambit.showSql': () => text?.sql?.predicates,
  });
  const artifacts = new ArtifactsModel({ ask, project: async () => 'file:///p/ambit.toml', show: (state) => shown.push(state) });
  await artifacts.sql({ uri: 'file:///p/policy.ambit', as: 'dan' });
  const tables = asked.filter(([command]) => command === 'ambit.showSql').map(([, { resource }]) => resource);
  assert.deepEqual(tables, ['sales', 'contacts']);
  assert.equal(shown.at(-1)?.spot?.start, text?.spot?.start);
});

test('the file to show is the wanted one while there is one', () => {
  const files = [
    { path: 'json/policy.json', target: 'json' },
    { path: 'sql/sqlite/predicates.json', target: 'sql' },
  ];
  assert.equal(settle(files, 'json/policy.json', undefined), 'json/policy.json');
  assert.equal(settle(files, 'gone', undefined), 'sql/sqlite/predicates.json');
  assert.equal(settle(files, 'json/policy.json', 'postgres'), 'sql/sqlite/predicates.json');
  assert.equal(settle([], undefined, undefined), undefined);
});

test('tests are grouped by file; of one name each has an id of its own', () => {
  const place = (name: string, uri: string) => ({ name, uri, range });
  const files = byFile([place('a', 'file:///x'), place('b', 'file:///y'), place('a', 'file:///x')]);
  assert.deepEqual(files.map(({ uri }) => uri), ['file:///x', 'file:///y']);
  assert.deepEqual(files[0]?.tests.map(({ id }) => id), ['a', 'a#2']);
});

test('all tests of a project are one question', () => {
  assert.deepEqual(questions(['a', 'b', 'a'], ['b', 'a', 'a']), [undefined]);
  assert.deepEqual(questions(['a', 'b'], ['b']), ['b']);
});
