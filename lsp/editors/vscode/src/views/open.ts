/** Opens places of rules in the editor. */
import * as vscode from 'vscode';
import type { Place, Range } from '../protocol';

/** A range of the protocol as one of VS Code; both count UTF-16 units. */
export function toRange({ start, end }: Range): vscode.Range {
  return new vscode.Range(start.line, start.character, end.line, end.character);
}

/** Shows a place in a column of editors that is not the view's own. */
export async function openPlace({ uri, range }: Place): Promise<void> {
  const selection = toRange(range);
  const target = vscode.Uri.parse(uri, true);
  const shown = vscode.window.visibleTextEditors.find(({ document }) => document.uri.toString() === target.toString());
  await vscode.window.showTextDocument(target, {
    selection,
    viewColumn: shown?.viewColumn ?? vscode.ViewColumn.One,
    preserveFocus: false,
  });
}
