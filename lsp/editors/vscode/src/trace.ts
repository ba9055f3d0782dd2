/** The output "Ambit Trace": it shows messages whenever the setting `ambit.trace.server` asks for them. */
import * as vscode from 'vscode';

const SETTING = 'ambit.trace.server';

/**
 * The client traces only into a channel at the log level Trace. Here the setting is that level, so that one place says
 * whether there is a trace, and what is traced is shown whatever level the output has.
 */
export class TraceChannel implements vscode.LogOutputChannel {
  readonly #channel = vscode.window.createOutputChannel('Ambit Trace', { log: true });
  readonly #changed = new vscode.EventEmitter<vscode.LogLevel>();
  readonly #listener = vscode.workspace.onDidChangeConfiguration((event) => {
    if (event.affectsConfiguration(SETTING)) this.#changed.fire(this.logLevel);
  });

  readonly onDidChangeLogLevel = this.#changed.event;

  get name(): string {
    return this.#channel.name;
  }

  get logLevel(): vscode.LogLevel {
    const off = vscode.workspace.getConfiguration('ambit').get('trace.server', 'off') === 'off';
    return off ? vscode.LogLevel.Info : vscode.LogLevel.Trace;
  }

  trace(message: string, ...rest: unknown[]): void {
    this.#channel.info(message, ...rest);
  }

  debug(message: string, ...rest: unknown[]): void {
    this.#channel.debug(message, ...rest);
  }

  info(message: string, ...rest: unknown[]): void {
    this.#channel.info(message, ...rest);
  }

  warn(message: string, ...rest: unknown[]): void {
    this.#channel.warn(message, ...rest);
  }

  error(error: string | Error, ...rest: unknown[]): void {
    this.#channel.error(error, ...rest);
  }

  append(value: string): void {
    this.#channel.append(value);
  }

  appendLine(value: string): void {
    this.#channel.appendLine(value);
  }

  replace(value: string): void {
    this.#channel.replace(value);
  }

  clear(): void {
    this.#channel.clear();
  }

  show(column?: unknown, preserveFocus?: boolean): void {
    this.#channel.show(typeof column === 'boolean' ? column : preserveFocus);
  }

  hide(): void {
    this.#channel.hide();
  }

  dispose(): void {
    this.#listener.dispose();
    this.#changed.dispose();
    this.#channel.dispose();
  }
}
