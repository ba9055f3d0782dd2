/** The server: restarted, missed, traced. These come last: they take it away for a while. */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { hoverText, open, position, problems, replace, test, until } from './support';

test('after a restart problems come again', async ({ server }) => {
  const { document } = await open('policy.ambit');
  assert.equal(server.state, 'running');
  assert.match(server.version ?? '', /^\d+\.\d+\.\d+/);
  await vscode.commands.executeCommand('ambit.server.restart');
  assert.equal(server.state, 'running');
  await replace(document, 'where own', 'where owm');
  await until('a problem', () => problems('policy.ambit').length > 0);
});

test('a server that dies is started again', async ({ server }) => {
  const { document } = await open('policy.ambit');
  const before = server.pid;
  assert.ok(before !== undefined);
  process.kill(before, 'SIGKILL');
  await until('another server', () => server.state === 'running' && server.pid !== undefined && server.pid !== before);
  await replace(document, 'where own', 'where owm');
  await until('a problem', () => problems('policy.ambit').length > 0);
});

test('who acted before a restart acts after it', async ({ server, actAs }) => {
  const { document } = await open('schema.ambit');
  const hover = () => hoverText(document, position(document, 'table sales', 7));
  const nobody = await hover();
  await actAs.set('dan');
  const dan = await until('a hover that speaks for dan', async () => (await hover()) !== nobody && hover());
  await server.restart();
  assert.equal(actAs.current, 'dan');
  await until('the same hover', async () => (await hover()) === dan);
  await actAs.set(null);
  await until('the hover for nobody', async () => (await hover()) === nobody);
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
