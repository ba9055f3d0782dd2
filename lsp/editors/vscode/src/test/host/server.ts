/** The server: restarted, missed, traced. These come last: they take it away for a while. */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { open, problems, replace, test, until } from './support';

test('after a restart problems come again', async ({ server }) => {
  const { document } = await open('policy.ambit');
  assert.equal(server.state, 'running');
  assert.match(server.version ?? '', /^\d+\.\d+\.\d+/);
  await vscode.commands.executeCommand('ambit.server.restart');
  assert.equal(server.state, 'running');
  await replace(document, 'where own', 'where owm');
  await until('a problem', () => problems('policy.ambit').length > 0);
});

test('who acted before a restart acts after it', async ({ server, actAs }) => {
  await actAs.set('dan');
  await server.restart();
  await until('dan', async () => actAs.current === 'dan');
  await actAs.set(null);
});

test('a server that is nowhere is said, and found again', async ({ server }) => {
  const settings = vscode.workspace.getConfiguration('ambit');
  const before = settings.inspect<string>('server.path')?.workspaceValue;
  await settings.update('server.path', '/nowhere/ambit-lsp', vscode.ConfigurationTarget.Workspace);
  await until('missing', () => server.state === 'missing');
  assert.match(server.why ?? '', /\/nowhere\/ambit-lsp does not exist/);
  await assert.rejects(server.ask('ambit.principals', {}), /not found/);
  await settings.update('server.path', before, vscode.ConfigurationTarget.Workspace);
  await until('running', () => server.state === 'running');
});

test('a program that is no server is said', async ({ server }) => {
  const settings = vscode.workspace.getConfiguration('ambit');
  const before = settings.inspect<string>('server.path')?.workspaceValue;
  await settings.update('server.path', '/bin/false', vscode.ConfigurationTarget.Workspace);
  await until('failed', () => server.state === 'failed');
  await settings.update('server.path', before, vscode.ConfigurationTarget.Workspace);
  await until('running', () => server.state === 'running');
});
