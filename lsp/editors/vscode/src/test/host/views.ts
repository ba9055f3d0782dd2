/** "Who sees what", acting as somebody, artifacts. */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { WhoSeesState } from '../../view/whoSeesState';
import { file, hoverText, open, position, replace, revert, test, until } from './support';

function visible({ sample }: WhoSeesState): unknown[] {
  return (sample?.rows ?? []).filter(({ decision }) => decision === 'allow').map(({ values }) => values['id']);
}

test('who sees what: rows with reasons', async ({ whoSees }) => {
  await open('policy.ambit');
  await vscode.commands.executeCommand('ambit.view.whoSees', { resource: 'sales', as: 'dan' });
  const state = await until('rows', () => whoSees.state.sample && whoSees.state);
  assert.deepEqual(state.choice, { as: 'dan', resource: 'sales', action: 'read', data: undefined });
  assert.deepEqual(visible(state), [1, 4]);
  assert.equal(state.sample?.rows.length, 5);
  for (const row of state.sample?.rows ?? []) {
    assert.ok(row.reason.length > 0);
    assert.ok(row.rules.length > 0 && row.tree.children.length > 0);
    const [rule] = row.rules;
    assert.equal(vscode.Uri.parse(rule?.uri ?? '').path, file('policy.ambit').path);
    assert.equal(rule?.range.start.line, 5);
  }
  const who = new Map(state.who?.map(({ principal, access }) => [principal, access]));
  assert.equal(who.get('olga'), 'all');
  assert.equal(who.get('dan'), 'some');
});

test('who sees what follows each edit', async ({ whoSees }) => {
  const { document } = await open('policy.ambit');
  await whoSees.open({ as: 'dan', resource: 'sales' });
  await until('two rows', () => visible(whoSees.state).length === 2);
  await replace(document, 'grant read on sales where own', 'grant read on sales where amount > 100');
  await until('other rows', () => visible(whoSees.state).join() === '2,3,4,5');
  await revert();
  await until('the rows of before', () => visible(whoSees.state).join() === '1,4');
});

test('who sees what takes rows from where one chooses', async ({ whoSees }) => {
  await whoSees.open({ as: 'dan', resource: 'sales' });
  const sources = (await until('sources', () => whoSees.state.sample))?.sources;
  assert.ok(sources.length >= 3, JSON.stringify(sources));
  const given = sources.find(({ data }) => 'given' in data && data.given === 'names are compared exactly');
  assert.ok(given);
  await whoSees.choose({ data: given.data });
  assert.deepEqual(visible(whoSees.state), [1]);
  assert.equal(whoSees.state.sample?.rows.length, 4);
  await whoSees.choose({ data: undefined });
});

test('acting as somebody: the view and hover follow', async ({ actAs, whoSees }) => {
  const { document } = await open('policy.ambit');
  await whoSees.open({ as: 'olga', resource: 'sales' });
  assert.equal(visible(whoSees.state).length, 5);
  const { document: schema } = await open('schema.ambit');
  const table = position(schema, 'table sales', 7);
  const before = await hoverText(schema, table);
  await actAs.set('matthew');
  assert.equal(actAs.current, 'matthew');
  await until('the rows of matthew', () => whoSees.state.choice.as === 'matthew' && visible(whoSees.state).join() === '2,5');
  assert.equal(whoSees.state.actsAs, 'matthew');
  const after = await until('another hover', async () => {
    const text = await hoverText(schema, table);
    return text !== before && text;
  });
  assert.match(after, /matthew/);
  await assert.rejects(actAs.set('nobody_of_that_name'));
  assert.equal(actAs.current, 'matthew', 'who is not there does not act');
  await actAs.set(null);
  assert.equal(actAs.current, null);
  await until('the hover of before', async () => (await hoverText(schema, table)) === before);
  assert.equal(document.isDirty, false);
});

test('artifacts: text with links to rules, following each edit', async ({ artifacts }) => {
  const { document } = await open('policy.ambit');
  await artifacts.open();
  const state = await until('an artifact', () => artifacts.state.artifact && artifacts.state);
  const paths = state.files.map(({ path }) => path);
  assert.ok(paths.includes('json/policy.json'), paths.join());
  await artifacts.open(paths.find((path) => path.endsWith('sqlite/predicates.json')));
  const sql = await until('predicates', () => artifacts.state.artifact?.target === 'sql' && artifacts.state.artifact);
  assert.ok(sql.links.length > 0);
  for (const { start, end, uri } of sql.links) {
    assert.ok(0 <= start && start < end && end <= sql.text.length);
    assert.equal(vscode.Uri.parse(uri).path, file('policy.ambit').path);
  }
  assert.ok(!sql.text.includes('12345'));
  await open('policy.ambit');
  await replace(document, 'grant read on sales where own', 'grant read on sales where own and amount < 12345');
  await until('the edit in the text', () => artifacts.state.artifact?.text.includes('12345'));
});

test('show SQL opens the predicate of somebody', async ({ artifacts }) => {
  await open('policy.ambit');
  const uri = file('policy.ambit').toString();
  await vscode.commands.executeCommand('ambit.view.sql', { uri, as: 'dan', resource: 'sales' });
  const state = await until('SQL', () => artifacts.state.sql && artifacts.state);
  assert.ok(state.sql?.predicates.some(({ inline }) => inline?.includes("'Dan'")));
  assert.ok(state.spot && state.artifact);
  const entry = JSON.parse(state.artifact.text.slice(state.spot.start, state.spot.end)) as Record<string, unknown>;
  assert.deepEqual([entry['table'], entry['action'], entry['principal']], ['sales', 'read', 'dan']);
});
