/** The Ambit extension: its parts, made and joined. */
import * as vscode from 'vscode';
import { ActAs } from './actAs';
import { type Parts, registerCommands } from './commands';
import { Projects } from './projects';
import { Server } from './server';
import { statusItem } from './status';
import { Testing } from './testing';
import { Artifacts } from './views/artifacts';
import { WhoSees } from './views/whoSees';

/** What the extension exports: its parts, so that tests and other extensions can ask what the views show. */
export type Api = Parts;

let server: Server | undefined;

export async function activate(context: vscode.ExtensionContext): Promise<Api> {
  server = new Server(context);
  const projects = new Projects();
  const actAs = new ActAs(context, server, projects);
  const testing = new Testing(server, projects);
  const whoSees = new WhoSees(context, server, projects, actAs);
  const artifacts = new Artifacts(context, server, projects);
  const parts: Parts = { server, projects, actAs, testing, whoSees, artifacts };
  const ours = server;
  context.subscriptions.push(
    projects,
    actAs,
    testing,
    whoSees,
    artifacts,
    statusItem(server),
    registerCommands(parts),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration('ambit.server.path')) void ours.restart();
    }),
    vscode.workspace.onDidGrantWorkspaceTrust(() => void ours.restart()),
  );
  await vscode.commands.executeCommand('setContext', 'ambit.active', true);
  // A server that does not start says so itself; the rest of the extension is there all the same.
  await server.start();
  return parts;
}

export async function deactivate(): Promise<void> {
  await server?.stop();
}
