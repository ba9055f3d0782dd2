/** The language: problems, hover, completion, rename, fixes, formatting, keys. */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { apply, file, hoverText, open, position, problems, replace, revert, test, until } from './support';

const BROKEN = 'grant read on sales where owm';
const WHOLE = 'grant read on sales where own';

test('problems come while one types and go when it is mended', async () => {
  const { document } = await open('policy.ambit');
  assert.equal(document.languageId, 'ambit');
  await until('no problems at first', () => problems('policy.ambit').length === 0);
  await replace(document, WHOLE, BROKEN);
  const [problem] = await until('a problem', () => problems('policy.ambit').length > 0 && problems('policy.ambit'));
  assert.ok(problem);
  assert.equal(problem.severity, vscode.DiagnosticSeverity.Error);
  assert.equal(document.getText(problem.range), 'owm');
  await revert();
  await until('no problems', () => problems('policy.ambit').length === 0);
});

test('the code of a problem leads to its page', async () => {
  const { document } = await open('policy.ambit');
  await replace(document, WHOLE, BROKEN);
  const [problem] = await until('a problem', () => problems('policy.ambit').length > 0 && problems('policy.ambit'));
  const code = problem?.code;
  assert.ok(typeof code === 'object' && code !== null);
  const page = await vscode.workspace.openTextDocument(code.target);
  assert.match(page.getText(), new RegExp(`^# ${String(code.value)}`));
});

test('the second stage speaks of a file that is not open', async () => {
  const { document } = await open('policy.ambit');
  await replace(document, 'group managers', 'group salespeople_x { grant delete on sales where 1 = 1 }\ngroup managers');
  await until('a problem', () => problems('policy.ambit').length > 0);
  await revert();
  await replace(document, WHOLE, 'grant read on sales');
  await until('a failed claim', () => problems('policy_test.ambit').some(({ message }) => message.length > 0));
});

test('hover tells what a role is', async () => {
  const { document } = await open('policy.ambit');
  const text = await until('a hover', async () => hoverText(document, position(document, 'group salespeople', 8)));
  assert.match(text, /salespeople/);
  assert.match(text, /own|full_name/);
});

test('completion knows the columns of the table, and snippets are offered', async () => {
  const { document } = await open('policy.ambit');
  await replace(document, WHOLE, 'grant read on sales where ');
  const at = position(document, 'grant read on sales where ', 26);
  const complete = () =>
    vscode.commands.executeCommand<vscode.CompletionList>('vscode.executeCompletionItemProvider', document.uri, at);
  const labels = await until('columns', async () => {
    const all = (await complete()).items.map(({ label }) => (typeof label === 'string' ? label : label.label));
    return all.includes('salesperson') && all;
  });
  assert.ok(labels.includes('amount'));
  assert.ok(labels.includes('own'));
  assert.ok(!labels.includes('company'), 'a column of another table');
});

test('definition leads to another file', async () => {
  const { document } = await open('policy_test.ambit');
  const at = position(document, 'dan sees sales', 1);
  const found = await until('a definition', async () => {
    const all = await vscode.commands.executeCommand<(vscode.Location | vscode.LocationLink)[]>(
      'vscode.executeDefinitionProvider',
      document.uri,
      at,
    );
    return all[0];
  });
  const uri = 'targetUri' in found ? found.targetUri : found.uri;
  assert.equal(uri.path, file('policy.ambit').path);
});

test('rename goes through all files', async () => {
  const { document } = await open('policy.ambit');
  const at = position(document, 'user dan', 6);
  const edit = await until('a rename', () =>
    vscode.commands.executeCommand<vscode.WorkspaceEdit>('vscode.executeDocumentRenameProvider', document.uri, at, 'daniel'),
  );
  const files = edit.entries().map(([uri]) => uri.path.split('/').at(-1)).sort();
  assert.deepEqual(files, ['policy.ambit', 'policy_test.ambit']);
  assert.ok(await vscode.workspace.applyEdit(edit));
  assert.match(document.getText(), /user daniel as "Dan"/);
  const tests = await vscode.workspace.openTextDocument(file('policy_test.ambit'));
  assert.match(tests.getText(), /daniel sees sales \[1, 4\]/);
  assert.ok(!/\bdan (sees|cannot)/.test(tests.getText()));
  await until('no problems', () => problems('policy.ambit').length === 0 && problems('policy_test.ambit').length === 0);
});

test('the quick fix mends a misspelt name', async () => {
  const { document } = await open('policy.ambit');
  await replace(document, 'where salesperson =', 'where salesprson =');
  const [problem] = await until('a problem', () => problems('policy.ambit').length > 0 && problems('policy.ambit'));
  assert.ok(problem);
  const action = await until('a fix', async () => {
    const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>(
      'vscode.executeCodeActionProvider',
      document.uri,
      problem.range,
      vscode.CodeActionKind.QuickFix.value,
    );
    return actions.find(({ edit }) => edit !== undefined);
  });
  assert.ok(action.edit && (await vscode.workspace.applyEdit(action.edit)));
  assert.ok(document.getText().includes('where salesperson ='), document.getText());
  await until('no problems', () => problems('policy.ambit').length === 0);
});

test('formatting gives the one style', async () => {
  const { document } = await open('policy.ambit');
  const before = document.getText();
  await replace(document, WHOLE, 'grant   read  on sales\n where own');
  const edits = await until('edits', () =>
    vscode.commands.executeCommand<vscode.TextEdit[]>('vscode.executeFormatDocumentProvider', document.uri, {
      tabSize: 4,
      insertSpaces: true,
    }),
  );
  await apply(document, edits);
  assert.equal(document.getText(), before);
});

test('words have their colours, and the outline its names', async () => {
  const { document } = await open('policy.ambit');
  const tokens = await until('tokens', () =>
    vscode.commands.executeCommand<vscode.SemanticTokens>('vscode.provideDocumentSemanticTokens', document.uri),
  );
  assert.ok(tokens.data.length >= 5 * 40);
  const symbols = await until('symbols', () =>
    vscode.commands.executeCommand<vscode.DocumentSymbol[]>('vscode.executeDocumentSymbolProvider', document.uri),
  );
  const names = symbols.map(({ name }) => name);
  for (const name of ['own', 'salespeople', 'managers', 'dan']) assert.ok(names.includes(name), `${name} of ${names}`);
});

test('Enter goes on with a doc comment and indents after a brace', async () => {
  const editor = await open('policy.ambit');
  const { document } = editor;
  const type = async (after: string) => {
    const at = position(document, after, after.length);
    editor.selection = new vscode.Selection(at, at);
    await vscode.commands.executeCommand('type', { text: '\n' });
  };
  const comment = '    /// Contacts follow their sales, also in a query that does not name the sales at all.';
  await type(comment);
  assert.match(document.getText(), /at all\.\n    \/\/\/ \n/);
  await type('group salespeople as "5d11c3a7e2aa01aa01aa01aa" in cube {');
  assert.match(document.getText(), /in cube \{\n    \n    grant read/);
});

test('closing braces come by themselves, but not in strings', async () => {
  const editor = await open('policy.ambit');
  const { document } = editor;
  const end = document.lineAt(document.lineCount - 1).range.end;
  editor.selection = new vscode.Selection(end, end);
  for (const text of ['\n', 'r', 'o', 'l', 'e', ' ', 'x', ' ', '{']) await vscode.commands.executeCommand('type', { text });
  assert.ok(document.getText().trimEnd().endsWith('role x {}'), document.getText().slice(-30));
});
