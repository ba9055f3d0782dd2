/** What else the editor asks of a language: each is answered with something. */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { file, open, position, problems, replace, test, until } from './support';

/** Asks until the answer is not empty. */
function ask<T>(command: string, ...rest: unknown[]): Promise<T[]> {
  return until(command, async () => {
    const answer = await vscode.commands.executeCommand<T[] | undefined>(command, ...rest);
    return answer !== undefined && answer.length > 0 && answer;
  });
}

test('references stand in policy and tests', async () => {
  const { document } = await open('policy.ambit');
  const all = await ask<vscode.Location>('vscode.executeReferenceProvider', document.uri, position(document, 'user dan', 6));
  const files = new Set(all.map(({ uri }) => uri.path.split('/').at(-1)));
  assert.deepEqual([...files].sort(), ['policy.ambit', 'policy_test.ambit']);
  assert.ok(all.length >= 6);
});

test('the symbols of the workspace are found by name', async () => {
  await open('policy.ambit');
  const all = await ask<vscode.SymbolInformation>('vscode.executeWorkspaceSymbolProvider', 'deal_con');
  assert.ok(all.some(({ name, location }) => name === 'deal_contacts' && location.uri.path === file('schema.ambit').path));
});

test('roles have a type hierarchy', async () => {
  const { document } = await open('policy.ambit');
  const at = position(document, 'group salespeople', 8);
  const [item] = await ask<vscode.TypeHierarchyItem>('vscode.prepareTypeHierarchy', document.uri, at);
  assert.equal(item?.name, 'salespeople');
  const below = await ask<vscode.TypeHierarchyItem>('vscode.provideSubtypes', item);
  assert.ok(below.some(({ name }) => name === 'dan'), below.map(({ name }) => name).join());
});

test('items fold, and a selection grows from a word to its item', async () => {
  const { document } = await open('policy.ambit');
  const folds = await ask<vscode.FoldingRange>('vscode.executeFoldingRangeProvider', document.uri);
  assert.ok(folds.some(({ start, end }) => start === 4 && end >= 8));
  const [selection] = await ask<vscode.SelectionRange>('vscode.executeSelectionRangeProvider', document.uri, [
    position(document, 'own\n', 1),
  ]);
  const texts: string[] = [];
  for (let at = selection; at; at = at.parent) texts.push(document.getText(at.range));
  assert.equal(texts[0], 'own');
  assert.ok(texts.some((text) => text.startsWith('group salespeople')));
});

test('hints, lenses and highlights are there', async () => {
  const { document } = await open('policy.ambit');
  await replace(document, '\nuser olga', '\nrole above\nrole below inherits above\nuser zed : below\n\nuser olga');
  const range = new vscode.Range(0, 0, document.lineCount, 0);
  const hints = await ask<vscode.InlayHint>('vscode.executeInlayHintProvider', document.uri, range);
  assert.ok(hints.some(({ position: at }) => document.lineAt(at.line).text.includes('zed')));
  const wanted = ['ambit.view.users', 'ambit.view.whoSees', 'ambit.view.sql'];
  // The first answer may still be that of the text before.
  await until('the lenses of both files', async () => {
    const both = [document.uri, file('schema.ambit')].map((uri) => ask<vscode.CodeLens>('vscode.executeCodeLensProvider', uri));
    const commands = new Set((await Promise.all(both)).flat().map(({ command }) => command?.command));
    return wanted.every((name) => commands.has(name));
  });
  const highlights = await ask<vscode.DocumentHighlight>(
    'vscode.executeDocumentHighlights',
    document.uri,
    position(document, 'filter own', 8),
  );
  assert.equal(highlights.length, 2);
});

test('every lens of the extension can be clicked', async () => {
  for (const name of ['policy.ambit', 'schema.ambit', 'policy_test.ambit']) {
    const { document } = await open(name);
    const lenses = await ask<vscode.CodeLens>('vscode.executeCodeLensProvider', document.uri);
    const known = new Set(await vscode.commands.getCommands(true));
    for (const { command } of lenses) {
      if (!command || command.command === '') continue;
      assert.ok(known.has(command.command), `${command.title}: there is no command ${command.command}`);
      await vscode.commands.executeCommand(command.command, ...(command.arguments ?? []));
    }
  }
});

test('snippets are offered where an item may begin', async () => {
  const { document } = await open('policy.ambit');
  await replace(document, '\nuser olga', '\nrol\n\nuser olga');
  const at = position(document, 'rol\n', 3);
  const list = await until('completion', async () => {
    const all = await vscode.commands.executeCommand<vscode.CompletionList>('vscode.executeCompletionItemProvider', document.uri, at);
    return all.items.length > 0 && all;
  });
  const snippets = list.items.filter(({ kind }) => kind === vscode.CompletionItemKind.Snippet);
  assert.ok(snippets.some(({ label }) => (typeof label === 'string' ? label : label.label) === 'role'));
});

test('ambit.toml has problems and completion', async () => {
  const { document } = await open('ambit.toml');
  await replace(document, 'week_start = "monday"', 'week_start = "someday"');
  const [problem] = await until('a problem', () => problems('ambit.toml').length > 0 && problems('ambit.toml'));
  assert.ok(problem && document.getText(problem.range).includes('someday'));
  const at = position(document, 'someday', 0);
  const list = await until('completion', async () => {
    const all = await vscode.commands.executeCommand<vscode.CompletionList>('vscode.executeCompletionItemProvider', document.uri, at);
    return all.items.length > 0 && all;
  });
  const labels = list.items.map(({ label }) => (typeof label === 'string' ? label : label.label));
  assert.ok(labels.some((label) => label.includes('sunday')), labels.join());
});

test('a text that was never saved is checked alone', async () => {
  const document = await vscode.workspace.openTextDocument({ language: 'ambit', content: 'role a inherits b\n' });
  await vscode.window.showTextDocument(document);
  await until('a problem', () => vscode.languages.getDiagnostics(document.uri).some(({ message }) => message.includes('`b`')));
  await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
});
