/** The artifact view, beside the policy. */
import * as vscode from 'vscode';
import type { Projects } from '../projects';
import type { Server } from '../server';
import type { ArtifactsEvent, ArtifactsLocal, ArtifactsState } from '../view/artifactsState';
import { ArtifactsModel, type SqlQuestion } from './artifactsModel';
import { openPlace } from './open';
import { options, page } from './page';

const TYPE = 'ambit.artifacts';
const TITLE = 'Ambit Artifacts';

export class Artifacts implements vscode.WebviewPanelSerializer<ArtifactsLocal>, vscode.Disposable {
  readonly #context: vscode.ExtensionContext;
  readonly #model: ArtifactsModel;
  readonly #subscriptions: vscode.Disposable[];
  readonly #shown = new vscode.EventEmitter<ArtifactsState>();
  #panel: vscode.WebviewPanel | undefined;
  #behind = true;

  /** A new text is shown. */
  readonly onShown = this.#shown.event;

  constructor(context: vscode.ExtensionContext, server: Server, projects: Projects) {
    this.#context = context;
    this.#model = new ArtifactsModel({
      ask: server.ask,
      project: () => projects.current(),
      show: (state) => {
        void this.#panel?.webview.postMessage(state);
        this.#shown.fire(state);
      },
    });
    this.#subscriptions = [
      this.#shown,
      vscode.window.registerWebviewPanelSerializer(TYPE, this),
      server.onChanged(() => this.#changed()),
      server.onState((state) => state === 'running' && this.#changed()),
      projects.onChanged(() => this.#changed()),
    ];
  }

  get state(): ArtifactsState {
    return this.#model.state;
  }

  /** Opens the view, at an artifact if one is named. */
  async open(path?: string): Promise<void> {
    this.#show();
    await (path === undefined ? this.#model.refresh() : this.#model.choose(path));
  }

  /** Opens the view at the predicate of somebody. */
  async sql(question: SqlQuestion): Promise<void> {
    this.#show();
    await this.#model.sql(question);
  }

  deserializeWebviewPanel(panel: vscode.WebviewPanel, local: ArtifactsLocal | undefined): Promise<void> {
    this.#adopt(panel);
    return local?.path === undefined ? this.#model.refresh() : this.#model.choose(local.path);
  }

  dispose(): void {
    this.#panel?.dispose();
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  #show(): void {
    if (this.#panel) {
      this.#panel.reveal(undefined, true);
      return;
    }
    const column = { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true };
    this.#adopt(vscode.window.createWebviewPanel(TYPE, TITLE, column, { enableFindWidget: true }));
  }

  #adopt(panel: vscode.WebviewPanel): void {
    this.#panel = panel;
    panel.iconPath = vscode.Uri.joinPath(this.#context.extensionUri, 'images', 'file.svg');
    panel.webview.options = options(this.#context.extensionUri);
    panel.webview.onDidReceiveMessage((event: ArtifactsEvent) => this.#hear(event));
    panel.onDidChangeViewState(() => {
      if (panel.visible && this.#behind) this.#changed();
    });
    panel.onDidDispose(() => {
      if (this.#panel === panel) this.#panel = undefined;
    });
    panel.webview.html = page(panel.webview, this.#context.extensionUri, 'artifacts.js', TITLE);
  }

  async #hear(event: ArtifactsEvent): Promise<void> {
    if (event.type === 'ready') await this.#model.refresh();
    else if (event.type === 'choose') await this.#model.choose(event.path);
    else if (event.type === 'close') await this.#model.closeSql();
    else await openPlace(event);
  }

  #changed(): void {
    this.#behind = this.#panel?.visible !== true;
    if (!this.#behind) void this.#model.refresh();
  }
}
