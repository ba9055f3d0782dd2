/** The Testing view. */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { file, open, replace, revert, test, until } from './support';

const NAMES = [
  'a salesperson sees the own sales and no others',
  'contacts follow their sales',
  'a salesperson without a name sees nothing',
  'names are compared exactly',
];

test('tests are found, in the order of the file', async ({ testing }) => {
  const all = await until('tests', () => testing.all.length === NAMES.length && testing.all);
  assert.deepEqual(all.map(({ name }) => name), NAMES);
  const [first] = all;
  assert.equal(first?.item.uri?.path, file('policy_test.ambit').path);
  assert.equal(first?.item.range?.start.line, 2);
  assert.equal(testing.controller.items.size, 1);
});

test('tests are found while one types, without saving', async ({ testing }) => {
  const { document } = await open('policy_test.ambit');
  const before = testing.all[1]?.item;
  await replace(document, 'test "contacts follow', '\ntest "another" { dan sees sales [] }\n\ntest "contacts follow');
  const all = await until('five tests', () => testing.all.length === 5 && testing.all);
  assert.equal(all[1]?.name, 'another');
  assert.equal(all[2]?.item, before, 'an item that stays is the same one');
  assert.ok((all[2]?.item.range?.start.line ?? 0) > 17, 'and knows where it went');
  await revert();
  await until('four tests', () => testing.all.length === 4);
});

test('all tests run and pass', async ({ testing }) => {
  await until('tests', () => testing.all.length === 4);
  const { outcomes } = await testing.run();
  assert.deepEqual(outcomes.map(({ name, result }) => [name, result]), NAMES.map((name) => [name, 'passed']));
});

test('a failed test says where and why', async ({ testing }) => {
  const { document } = await open('policy_test.ambit');
  await replace(document, 'dan sees sales [1, 4]', 'dan sees sales [1, 2]');
  const test = await until('tests', () => testing.all.length === 4 && testing.all[0]);
  const { outcomes } = await testing.run([test.item]);
  assert.equal(outcomes.length, 1);
  const [message] = outcomes[0]?.messages ?? [];
  assert.equal(outcomes[0]?.result, 'failed');
  assert.ok(message?.location);
  assert.ok(document.getText(message.location.range).includes('dan sees sales'), document.getText(message.location.range));
  assert.equal(message.expectedOutput, 'dan sees sales [1, 2]');
  assert.match(message.actualOutput ?? '', /\[1, 4\]/);
  assert.match(String(message.message), /sales 2 is not allowed/);
  assert.match(String(message.message), /policy\.ambit:6/);
});

test('coverage says which rules no test reaches', async ({ testing }) => {
  const { document } = await open('policy.ambit');
  await replace(document, 'group managers', 'role unused {\n    grant delete on sales\n}\n\ngroup managers');
  await until('tests', () => testing.all.length === 4);
  const { files, outcomes } = await testing.run(undefined, true);
  assert.ok(outcomes.every(({ result }) => result === 'passed'));
  const covered = files.find(({ uri }) => uri.path === file('policy.ambit').path);
  assert.ok(covered);
  assert.deepEqual([covered.statementCoverage.covered, covered.statementCoverage.total], [3, 4]);
  const idle = covered.rules.filter(({ executed }) => executed === 0);
  assert.equal(idle.length, 1);
  const [rule] = idle;
  const at = rule?.location instanceof vscode.Range ? rule.location : rule && new vscode.Range(rule.location, rule.location);
  assert.ok(at && document.lineAt(at.start.line).text.includes('grant delete on sales'));
});

test('a lens runs its test, by name', async ({ testing }) => {
  await until('tests', () => testing.all.length === 4);
  const uri = file('policy_test.ambit').toString();
  const { outcomes } = await testing.runNamed(uri, NAMES[1] ?? '');
  assert.deepEqual(outcomes.map(({ name, result }) => [name, result]), [[NAMES[1], 'passed']]);
  const { document } = await open('policy_test.ambit');
  const lens = await until('a lens of a test', async () => {
    const all = await vscode.commands.executeCommand<vscode.CodeLens[]>('vscode.executeCodeLensProvider', document.uri);
    return all.find(({ command }) => command?.command === 'ambit.view.runTest');
  });
  assert.equal((lens.command?.arguments?.[0] as { name: string }).name, NAMES[0]);
});
