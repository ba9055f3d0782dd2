// Copies the extension and what it gathers into the working folder, and builds and packs it there: a test leaves nothing in
// the sources.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { EXTENSION, EXTENSION_MODULES, ROOT, SERVER, VSIX, WORK } from './surroundings.mjs';

const MADE = new Set(['node_modules', 'dist', 'server', 'pages']);
const GATHERED = ['lsp/editors/vscode', 'grammar/editors/ambit.tmLanguage.json', 'docs/errors', 'LICENSE'];

rmSync(join(WORK, 'source'), { recursive: true, force: true });
rmSync(VSIX, { force: true });
for (const path of GATHERED) {
  const to = join(WORK, 'source', path);
  mkdirSync(dirname(to), { recursive: true });
  const filter = (from) => !MADE.has(basename(from));
  cpSync(join(ROOT, path), to, { recursive: true, filter });
}
symlinkSync(EXTENSION_MODULES, join(EXTENSION, 'node_modules'));
const run = (...args) => execFileSync(process.execPath, args, { cwd: EXTENSION, stdio: 'inherit' });
run(join('scripts', 'package.mjs'), '--server', SERVER, '--out', VSIX);
