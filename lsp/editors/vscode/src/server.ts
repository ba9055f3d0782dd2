/** The language server: found, started, watched, asked. */
import * as vscode from 'vscode';
import {
  CloseAction,
  type CloseHandlerResult,
  ErrorAction,
  LanguageClient,
  State,
  TransportKind,
} from 'vscode-languageclient/node';
import { locate } from './locate';
import { type Ask, CHANGED, type Commands } from './protocol';
import { Restarts } from './restarts';
import { TraceChannel } from './trace';

/** What the server is doing. */
export type ServerState = 'stopped' | 'starting' | 'running' | 'missing' | 'failed';

/** Codes of the protocol after which the same question may be asked again. */
const CONTENT_MODIFIED = -32801;
const SERVER_CANCELLED = -32802;
const ATTEMPTS = 4;
const STOP_WITHIN = 3000;

export class Server implements vscode.Disposable {
  readonly output = vscode.window.createOutputChannel('Ambit', { log: true });
  readonly #trace = new TraceChannel();
  readonly #context: vscode.ExtensionContext;
  readonly #stateChanged = new vscode.EventEmitter<ServerState>();
  readonly #contentChanged = new vscode.EventEmitter<string>();
  #client: LanguageClient | undefined;
  #state: ServerState = 'stopped';
  #why: string | undefined;
  /** Starts and stops come one after the other. */
  #queue: Promise<void> = Promise.resolve();

  /** The server is in another state. */
  readonly onState = this.#stateChanged.event;
  /** What views show of a project (its URI) may have changed. */
  readonly onChanged = this.#contentChanged.event;

  constructor(context: vscode.ExtensionContext) {
    this.#context = context;
  }

  get state(): ServerState {
    return this.#state;
  }

  /** Why it does not run, for people. */
  get why(): string | undefined {
    return this.#why;
  }

  get version(): string | undefined {
    return this.#client?.initializeResult?.serverInfo?.version;
  }

  /** The process of the server. */
  get pid(): number | undefined {
    return this.#client?.serverProcess?.pid;
  }

  start(): Promise<void> {
    return this.#next(() => this.#start());
  }

  stop(): Promise<void> {
    return this.#next(() => this.#stop());
  }

  restart(): Promise<void> {
    return this.#next(async () => {
      await this.#stop();
      await this.#start();
    });
  }

  /** Asks with a command of docs/editor/protocol.md. */
  readonly ask: Ask = async <C extends keyof Commands>(command: C, argument: Commands[C][0] & { uri?: string }) => {
    for (let attempt = 1; ; attempt += 1) {
      const client = this.#client;
      if (!client?.isRunning()) throw new Error(this.#why ?? 'the language server is not running');
      try {
        return await client.sendRequest<Commands[C][1]>('workspace/executeCommand', { command, arguments: [argument] });
      } catch (error) {
        const code = (error as { code?: number }).code;
        const again = code === CONTENT_MODIFIED || code === SERVER_CANCELLED;
        // An edit came between: the answer would have been about the text before it.
        if (!again || attempt === ATTEMPTS) throw error;
      }
    }
  };

  showTrace(): void {
    this.#trace.show(true);
  }

  dispose(): void {
    void this.stop().finally(() => {
      this.#trace.dispose();
      this.output.dispose();
    });
    this.#stateChanged.dispose();
    this.#contentChanged.dispose();
  }

  #next(step: () => Promise<void>): Promise<void> {
    this.#queue = this.#queue.then(step, step);
    return this.#queue;
  }

  async #start(): Promise<void> {
    const found = locate({
      setting: vscode.workspace.getConfiguration('ambit').get('server.path', ''),
      extension: this.#context.extensionPath,
      workspace: vscode.workspace.workspaceFolders?.[0]?.uri.fsPath,
      path: process.env['PATH'],
      platform: process.platform,
    });
    if ('tried' in found) {
      this.#set('missing', `the language server was not found: ${found.tried.join('; ')}`);
      this.output.error('The language server was not found. Places tried:');
      for (const place of found.tried) this.output.error(`  ${place}`);
      void this.#complain(`Ambit: the language server was not found. Places tried: ${found.tried.map(shorten).join('; ')}.`);
      return;
    }
    this.output.info(`language server: ${found.path} (${found.from})`);
    this.#set('starting');
    const client = this.#make(found.path);
    this.#client = client;
    client.onDidChangeState(({ newState }) => {
      if (this.#client !== client) return;
      if (newState === State.Running) this.#set('running');
      else if (newState === State.Starting) this.#set('starting');
      else if (newState === State.Stopped && this.#state !== 'failed') this.#set('stopped');
    });
    client.onNotification(CHANGED, (what: { uri?: string } | undefined) => this.#contentChanged.fire(what?.uri ?? ''));
    try {
      await client.start();
    } catch (error) {
      this.#client = undefined;
      this.#set('failed', `the language server did not start: ${message(error)}`);
      this.output.error(`${found.path} did not start: ${message(error)}`);
      void client.dispose().catch(() => undefined);
      void this.#complain(`Ambit: the language server ${found.path} did not start: ${message(error)}`);
    }
  }

  async #stop(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    if (client) {
      // A server that hangs must not keep a new one from starting.
      await client.dispose(STOP_WITHIN).catch((error: unknown) => this.output.warn(`stopping: ${message(error)}`));
    }
    this.#set('stopped');
  }

  #make(command: string): LanguageClient {
    // The client adds --stdio.
    const executable = { command, transport: TransportKind.stdio };
    const pages = vscode.Uri.joinPath(this.#context.extensionUri, 'pages').toString();
    const restarts = new Restarts();
    const client = new LanguageClient(
      'ambit',
      'Ambit',
      { run: executable, debug: executable },
      {
        documentSelector: [
          { language: 'ambit', scheme: 'file' },
          { language: 'ambit', scheme: 'untitled' },
          { pattern: '**/ambit.toml', scheme: 'file' },
        ],
        outputChannel: this.output,
        traceOutputChannel: this.#trace,
        initializationOptions: { views: true, pages: `${pages}/` },
        markdown: { isTrusted: { enabledCommands: ['ambit.view.whoSees', 'ambit.view.sql', 'ambit.view.users'] } },
        errorHandler: {
          // What cannot be written to a server that is gone is followed by its end, which decides.
          error: () => ({ action: ErrorAction.Continue, handled: true }),
          closed: () => this.#closed(restarts),
        },
      },
    );
    client.onDidChangeState(({ newState }) => {
      if (newState === State.Running) restarts.ran();
    });
    return client;
  }

  #closed(restarts: Restarts): CloseHandlerResult {
    if (restarts.again(Date.now())) {
      this.output.warn('the language server ended and is started again');
      return { action: CloseAction.Restart, handled: true };
    }
    if (this.#state === 'running') {
      this.#set('failed', 'the language server ended again and again');
      void this.#complain('Ambit: the language server ended again and again. The output says what it said last.');
    }
    return { action: CloseAction.DoNotRestart, handled: true };
  }

  #set(state: ServerState, why?: string): void {
    this.#state = state;
    this.#why = why;
    this.#stateChanged.fire(state);
  }

  async #complain(text: string): Promise<void> {
    const settings = 'Open Settings';
    const output = 'Show Output';
    const choice = await vscode.window.showErrorMessage(text, settings, output);
    if (choice === settings) await vscode.commands.executeCommand('workbench.action.openSettings', 'ambit.server.path');
    if (choice === output) this.output.show();
  }
}

/** A notification is short: the whole PATH stands in the output. */
function shorten(place: string): string {
  return place.length > 160 ? `${place.slice(0, 159)}…` : place;
}

/** What an error says. */
export function message(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
