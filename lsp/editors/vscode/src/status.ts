/** The state of the language server in the status bar, and its menu. */
import * as vscode from 'vscode';
import type { Server, ServerState } from './server';

const LOOKS: Record<ServerState, { icon: string; says: string; background?: string }> = {
  stopped: { icon: '$(circle-slash)', says: 'stopped', background: 'statusBarItem.warningBackground' },
  starting: { icon: '$(sync~spin)', says: 'starting' },
  running: { icon: '$(check)', says: 'running' },
  missing: { icon: '$(error)', says: 'not found', background: 'statusBarItem.errorBackground' },
  failed: { icon: '$(error)', says: 'failed', background: 'statusBarItem.errorBackground' },
};

/** Shows the state for as long as it is not disposed. */
export function statusItem(server: Server): vscode.Disposable {
  const item = vscode.window.createStatusBarItem('ambit.server', vscode.StatusBarAlignment.Left, 1);
  item.name = 'Ambit: language server';
  item.command = 'ambit.server.menu';
  const draw = () => {
    const { icon, says, background } = LOOKS[server.state];
    item.text = `${icon} Ambit`;
    const version = server.version ? ` (${server.version})` : '';
    item.tooltip = `Ambit language server${version}: ${says}${server.why ? `\n${server.why}` : ''}`;
    item.backgroundColor = background ? new vscode.ThemeColor(background) : undefined;
    item.accessibilityInformation = { label: `Ambit language server: ${says}` };
    item.show();
  };
  const subscription = server.onState(draw);
  draw();
  return vscode.Disposable.from(item, subscription);
}

/** What can be done with the server. */
export async function menu(): Promise<void> {
  const all = [
    { label: '$(debug-restart) Restart', command: 'ambit.server.restart' },
    { label: '$(output) Show Output', command: 'ambit.server.output' },
    { label: '$(list-flat) Trace…', command: 'ambit.server.trace' },
    { label: '$(settings-gear) Settings', command: 'workbench.action.openSettings', argument: 'ambit' },
  ];
  const chosen = await vscode.window.showQuickPick(all, { title: 'Ambit language server' });
  if (chosen) await vscode.commands.executeCommand(chosen.command, chosen.argument);
}

/** Chooses what is traced, and shows the trace. */
export async function chooseTrace(server: Server): Promise<void> {
  const settings = vscode.workspace.getConfiguration('ambit');
  const now = settings.get('trace.server', 'off');
  const all = [
    { label: 'off', detail: 'Nothing.' },
    { label: 'messages', detail: 'That a message was sent or received.' },
    { label: 'verbose', detail: 'Messages with all that they hold.' },
  ].map((item) => ({ ...item, ...(item.label === now ? { description: 'now' } : {}) }));
  const chosen = await vscode.window.showQuickPick(all, { title: 'Trace the Ambit language server' });
  if (!chosen) return;
  const target = vscode.workspace.workspaceFolders ? vscode.ConfigurationTarget.Workspace : vscode.ConfigurationTarget.Global;
  await settings.update('trace.server', chosen.label, target);
  if (chosen.label !== 'off') server.showTrace();
}
