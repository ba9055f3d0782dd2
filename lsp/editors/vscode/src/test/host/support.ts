/** What the tests in the extension host share. The workspace is a copy of examples/sales. */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { Api } from '../../extension';

const tests: { name: string; run: (api: Api) => Promise<void> }[] = [];

/** A test; they run in the order in which they are written. */
export function test(name: string, run: (api: Api) => Promise<void>): void {
  tests.push({ name, run });
}

export function allTests(): readonly (typeof tests)[number][] {
  return tests;
}

export function file(name: string): vscode.Uri {
  const folder = vscode.workspace.workspaceFolders?.[0];
  assert.ok(folder, 'a folder is open');
  return vscode.Uri.joinPath(folder.uri, name);
}

export async function open(name: string): Promise<vscode.TextEditor> {
  const document = await vscode.workspace.openTextDocument(file(name));
  return vscode.window.showTextDocument(document, { preview: false, viewColumn: vscode.ViewColumn.One });
}

/** Where a part of a text stands; `inside` characters into it. */
export function position(document: vscode.TextDocument, part: string, inside = 0): vscode.Position {
  const at = document.getText().indexOf(part);
  assert.ok(at >= 0, `${part} stands in ${document.fileName}`);
  return document.positionAt(at + inside);
}

/** Replaces the first place of a part. */
export async function replace(document: vscode.TextDocument, part: string, by: string): Promise<void> {
  const start = position(document, part);
  const edit = new vscode.WorkspaceEdit();
  edit.replace(document.uri, new vscode.Range(start, document.positionAt(document.offsetAt(start) + part.length)), by);
  assert.ok(await vscode.workspace.applyEdit(edit));
}

const originals = new Map<string, string>();

/** Keeps the texts of the project, so that each test can begin with them. */
export async function remember(): Promise<void> {
  for (const uri of await vscode.workspace.findFiles('**/{*.ambit,ambit.toml}')) {
    originals.set(uri.toString(), (await vscode.workspace.openTextDocument(uri)).getText());
  }
  assert.ok(originals.size >= 4, 'the workspace is a copy of examples/sales');
}

/** All texts as they were; the editor may have saved what a test wrote. */
export async function revert(): Promise<void> {
  for (const [uri, text] of originals) {
    const document = await vscode.workspace.openTextDocument(vscode.Uri.parse(uri));
    if (document.getText() !== text) {
      const edit = new vscode.WorkspaceEdit();
      edit.replace(document.uri, new vscode.Range(0, 0, document.lineCount, 0), text);
      assert.ok(await vscode.workspace.applyEdit(edit));
    }
    if (document.isDirty) assert.ok(await document.save());
  }
}

/** Waits until something is there; what it was last is in the error. */
export async function until<T>(what: string, look: () => T | undefined | false | PromiseLike<T | undefined | false>): Promise<T> {
  let last: unknown;
  for (const end = Date.now() + 20_000; Date.now() < end; ) {
    try {
      const found = await look();
      if (found !== undefined && found !== false) return found;
      last = found;
    } catch (error) {
      last = error;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`waited in vain for ${what}; at last: ${last instanceof Error ? last.message : String(last)}`);
}

/** The problems of a file, at once or after a while. */
export function problems(name: string): vscode.Diagnostic[] {
  return vscode.languages.getDiagnostics(file(name));
}

export async function hoverText(document: vscode.TextDocument, at: vscode.Position): Promise<string> {
  const hovers = await vscode.commands.executeCommand<vscode.Hover[]>('vscode.executeHoverProvider', document.uri, at);
  return hovers
    .flatMap(({ contents }) => contents)
    .map((content) => (typeof content === 'string' ? content : content.value))
    .join('\n');
}

/** Applies edits that a provider gave. */
export async function apply(document: vscode.TextDocument, edits: readonly vscode.TextEdit[]): Promise<void> {
  const edit = new vscode.WorkspaceEdit();
  edit.set(document.uri, [...edits]);
  assert.ok(await vscode.workspace.applyEdit(edit));
}
