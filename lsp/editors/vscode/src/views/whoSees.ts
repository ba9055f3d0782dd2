/** The view "Who sees what". */
import * as vscode from 'vscode';
import type { ActAs } from '../actAs';
import type { Projects } from '../projects';
import type { Data } from '../protocol';
import type { Server } from '../server';
import type { Choice, WhoSeesEvent, WhoSeesState } from '../view/whoSeesState';
import { openPlace } from './open';
import { options, page } from './page';
import { WhoSeesModel } from './whoSeesModel';

const ID = 'ambit.whoSeesView';
const KEPT = 'ambit.whoSees.choice';

export class WhoSees implements vscode.WebviewViewProvider, vscode.Disposable {
  readonly #context: vscode.ExtensionContext;
  readonly #actAs: ActAs;
  readonly #model: WhoSeesModel;
  readonly #subscriptions: vscode.Disposable[];
  readonly #shown = new vscode.EventEmitter<WhoSeesState>();
  #view: vscode.WebviewView | undefined;
  /** Something changed while nobody looked. */
  #behind = true;

  /** A new answer is shown. */
  readonly onShown = this.#shown.event;

  constructor(context: vscode.ExtensionContext, server: Server, projects: Projects, actAs: ActAs) {
    this.#context = context;
    this.#actAs = actAs;
    this.#model = new WhoSeesModel({
      ask: server.ask,
      project: () => projects.current(),
      preferred,
      show: (state) => {
        void this.#view?.webview.postMessage(state);
        this.#shown.fire(state);
      },
    });
    void this.#model.choose(context.workspaceState.get<Choice>(KEPT, {}));
    this.#subscriptions = [
      this.#shown,
      vscode.window.registerWebviewViewProvider(ID, this),
      server.onChanged(() => this.#changed()),
      server.onState((state) => state === 'running' && this.#changed()),
      projects.onChanged(() => this.#changed()),
      actAs.onChanged((as) => void this.#model.actAs(as)),
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration('ambit.sampleData')) this.#changed();
      }),
    ];
  }

  get state(): WhoSeesState {
    return this.#model.state;
  }

  /** Opens the view, with a question if one is given. */
  async open(choice: Choice = {}): Promise<void> {
    await vscode.commands.executeCommand(`${ID}.focus`);
    await this.choose(choice);
  }

  async choose(choice: Choice): Promise<void> {
    await this.#model.choose(choice);
    await this.#context.workspaceState.update(KEPT, this.#model.choice);
  }

  resolveWebviewView(view: vscode.WebviewView): void {
    this.#view = view;
    view.webview.options = options(this.#context.extensionUri);
    view.webview.onDidReceiveMessage((event: WhoSeesEvent) => this.#hear(event));
    view.onDidChangeVisibility(() => {
      if (view.visible && this.#behind) this.#changed();
    });
    view.onDidDispose(() => {
      if (this.#view === view) this.#view = undefined;
    });
    view.webview.html = page(view.webview, this.#context.extensionUri, 'whoSees.js', 'Who sees what');
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  async #hear(event: WhoSeesEvent): Promise<void> {
    if (event.type === 'ready') await this.#model.refresh();
    else if (event.type === 'choose') await this.choose(event.choice);
    else if (event.type === 'actAs') await this.#actAs.set(event.as);
    else await openPlace(event);
  }

  #changed(): void {
    this.#behind = this.#view?.visible !== true;
    if (!this.#behind) void this.#model.refresh();
  }
}

/** The rows that the setting names. */
function preferred(project: string): Data | undefined {
  const settings = vscode.workspace.getConfiguration('ambit', vscode.Uri.parse(project));
  const path = settings.get('sampleData.path', '').trim();
  if (path === '') return undefined;
  return /\.(db|sqlite3?)$/i.test(path) ? { sqlite: path } : { csv: path };
}
