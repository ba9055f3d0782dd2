// Makes the .vsix: `npm run package -- --server PATH --out FILE [--target TARGET]`. PATH is a built ambit-lsp, which goes in
// with the extension; TARGET says for which machines that is (as vsce names them; else this one).
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { bundle, HERE } from './build.mjs';

const { values } = parseArgs({
  options: { server: { type: 'string' }, out: { type: 'string' }, target: { type: 'string' } },
});
if (!values.server || !values.out) {
  console.error('usage: npm run package -- --server PATH --out FILE [--target TARGET]');
  process.exit(2);
}
// Paths are the caller's: npm runs scripts in the folder of the package.
const from = process.env.INIT_CWD ?? process.cwd();
const server = resolve(from, values.server);
if (!existsSync(server)) {
  console.error(`there is no server at ${server}; cargo build -p ambit-lsp --locked builds one`);
  process.exit(4);
}
const target = values.target ?? `${process.platform}-${process.arch}`;
const copy = join(HERE, 'server', target.startsWith('win32') ? 'ambit-lsp.exe' : 'ambit-lsp');
rmSync(join(HERE, 'server'), { recursive: true, force: true });
mkdirSync(join(HERE, 'server'));
copyFileSync(server, copy);
chmodSync(copy, 0o755);

// vsce runs vscode:prepublish, which builds. What is bundled needs no node_modules.
const vsce = join(HERE, 'node_modules', '@vscode', 'vsce', 'vsce');
const out = resolve(from, values.out);
const flags = ['package', '--no-dependencies', '--allow-missing-repository', '--target', target, '--out', out];
execFileSync(process.execPath, [vsce, ...flags], { cwd: HERE, stdio: 'inherit' });
// What the release leaves out, the tests in the editor need.
await bundle();
