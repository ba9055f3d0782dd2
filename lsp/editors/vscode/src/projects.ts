/** Which projects there are and which one the person is at. */
import * as vscode from 'vscode';

/** Folders in which no project of the person lies. */
const NOT_IN = '**/{node_modules,target,.git,out}/**';

export class Projects implements vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<void>();
  readonly #subscriptions: vscode.Disposable[] = [];
  #file: vscode.Uri | undefined;
  /** Every `ambit.toml`; looked for again when one comes or goes. */
  #found: Thenable<vscode.Uri[]> | undefined;

  /** Another file or project is the current one, or projects came or went. */
  readonly onChanged = this.#changed.event;

  constructor() {
    const watcher = vscode.workspace.createFileSystemWatcher('**/ambit.toml', false, true, false);
    this.#subscriptions.push(
      watcher,
      watcher.onDidCreate(() => this.#forget()),
      watcher.onDidDelete(() => this.#forget()),
      vscode.workspace.onDidChangeWorkspaceFolders(() => this.#forget()),
      vscode.window.onDidChangeActiveTextEditor((editor) => this.#see(editor)),
    );
    this.#see(vscode.window.activeTextEditor);
  }

  /** A file of the project that the person looked at last, else of the first project of the workspace. */
  async current(): Promise<string | undefined> {
    if (this.#file) return this.#file.toString();
    return (await this.all())[0]?.toString();
  }

  /** The `ambit.toml` of every project of the workspace, in order, and open files outside of any. */
  async all(): Promise<vscode.Uri[]> {
    const found = await (this.#found ??= vscode.workspace.findFiles('**/ambit.toml', NOT_IN));
    const roots = found.map(folder);
    const alone = vscode.workspace.textDocuments
      .filter((document) => document.languageId === 'ambit' && document.uri.scheme === 'file')
      .map((document) => document.uri)
      .filter((uri) => !roots.some((root) => uri.path.startsWith(`${root}/`)));
    return [...found, ...alone].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  }

  /** The folder of the project of a file: the nearest one upwards with an `ambit.toml`, else the file's own. */
  async root(uri: vscode.Uri): Promise<vscode.Uri> {
    const own = vscode.Uri.joinPath(uri, '..');
    for (let at = own; ; at = vscode.Uri.joinPath(at, '..')) {
      try {
        await vscode.workspace.fs.stat(vscode.Uri.joinPath(at, 'ambit.toml'));
        return at;
      } catch {
        if (at.path === '/' || at.path === vscode.Uri.joinPath(at, '..').path) return own;
      }
    }
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
    this.#changed.dispose();
  }

  #forget(): void {
    this.#found = undefined;
    this.#changed.fire();
  }

  #see(editor: vscode.TextEditor | undefined): void {
    const uri = editor?.document.uri;
    const ours = editor?.document.languageId === 'ambit' || uri?.path.endsWith('/ambit.toml');
    if (!uri || !ours || uri.scheme !== 'file' || uri.toString() === this.#file?.toString()) return;
    this.#file = uri;
    this.#changed.fire();
  }
}

function folder(uri: vscode.Uri): string {
  return uri.path.slice(0, uri.path.lastIndexOf('/'));
}
