/** The HTML around a page: nothing runs or loads but what the extension brings. */
import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import { escape } from '../view/html';

/** The page of a view; `script` is a file of dist/view. */
export function page(webview: vscode.Webview, extension: vscode.Uri, script: string, title: string): string {
  const nonce = randomBytes(24).toString('base64');
  const view = vscode.Uri.joinPath(extension, 'dist', 'view');
  const source = (file: string) => escape(webview.asWebviewUri(vscode.Uri.joinPath(view, file)).toString());
  const policy = `default-src 'none'; style-src ${webview.cspSource}; script-src 'nonce-${nonce}'`;
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="${source('style.css')}">
<title>${escape(title)}</title>
</head>
<body><main id="root" aria-label="${escape(title)}"></main>
<script nonce="${nonce}" src="${source(script)}"></script>
</body>
</html>`;
}

/** What a page may use. */
export function options(extension: vscode.Uri): vscode.WebviewOptions {
  return { enableScripts: true, localResourceRoots: [vscode.Uri.joinPath(extension, 'dist', 'view')] };
}
