// The tests inside the extension host (lsp/editors/vscode/src/test/host): its exit code is ours.
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { open, remote, shot } from './browser.mjs';
import { start, user } from './code-server.mjs';
import { EXTENSION, ROOT, WORK } from './surroundings.mjs';

const PATIENCE = 240_000;
const project = join(WORK, 'api-sales');
rmSync(project, { recursive: true, force: true });
cpSync(join(ROOT, 'examples', 'sales'), project, { recursive: true });

const server = await start(user('api-user'));
let code = 1;
let session;
try {
  const started = Date.now();
  const payload = [
    ['extensionDevelopmentPath', remote(server.address, EXTENSION)],
    ['extensionTestsPath', remote(server.address, join(EXTENSION, 'dist', 'hosttest.js'))],
  ];
  let done;
  const exit = new Promise((resolve) => (done = resolve));
  session = await open(server.address, project, payload, async (page) => {
    await page.exposeFunction('codeAutomationLog', (type, args) => console.log(`[${type}]`, ...args));
    await page.exposeFunction('codeAutomationExit', (result) => done(result));
  });
  const timeout = new Promise((resolve) => setTimeout(() => resolve('timeout'), PATIENCE).unref());
  const result = await Promise.race([exit, timeout]);
  if (result !== 0) await shot(session.page, 'api-failure');
  console.log(`the tests in the extension host ended with ${result} after ${Date.now() - started} ms`);
  code = result === 0 ? 0 : 1;
} finally {
  await session?.browser.close();
  server.stop();
}
process.exit(code);
