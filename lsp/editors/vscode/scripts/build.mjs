// Bundles the extension, the pages of its views, and the tests, into dist/. `--watch` goes on, `--release` makes it small.
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, context } from 'esbuild';

export const HERE = join(dirname(fileURLToPath(import.meta.url)), '..');
const ROOT = join(HERE, '..', '..', '..');
const at = (...parts) => join(HERE, ...parts);

/** What other parts of the repository own: each has one source, and a copy here that git does not know. */
function gather() {
  mkdirSync(at('syntaxes'), { recursive: true });
  cpSync(join(ROOT, 'grammar', 'editors', 'ambit.tmLanguage.json'), at('syntaxes', 'ambit.tmLanguage.json'));
  cpSync(join(ROOT, 'LICENSE'), at('LICENSE'));
  rmSync(at('pages'), { recursive: true, force: true });
  mkdirSync(at('pages'));
  const errors = join(ROOT, 'docs', 'errors');
  for (const page of readdirSync(errors).filter((name) => name.endsWith('.md'))) cpSync(join(errors, page), at('pages', page));
}

export async function bundle({ watch = false, release = false } = {}) {
  gather();
  rmSync(at('dist'), { recursive: true, force: true });
  mkdirSync(at('dist', 'view'), { recursive: true });
  const common = { bundle: true, sourcemap: release ? false : 'linked', minify: release, logLevel: 'warning', absWorkingDir: HERE };
  const node = { ...common, platform: 'node', format: 'cjs', target: 'node20', external: ['vscode'] };
  const browser = { ...common, platform: 'browser', format: 'iife', target: 'es2022' };
  const units = readdirSync(at('src', 'test', 'unit')).filter((name) => name.endsWith('.test.ts'));
  const all = [
    { ...node, entryPoints: { extension: 'src/extension.ts' }, outdir: 'dist' },
    { ...browser, entryPoints: { whoSees: 'src/view/main/whoSees.ts', artifacts: 'src/view/main/artifacts.ts' }, outdir: 'dist/view' },
    { ...common, minify: release, entryPoints: { style: 'src/view/style.css' }, outdir: 'dist/view', sourcemap: false },
  ];
  if (!release) {
    all.push(
      { ...node, entryPoints: { hosttest: 'src/test/host/index.ts' }, outdir: 'dist' },
      { ...node, entryPoints: units.map((name) => `src/test/unit/${name}`), outdir: 'dist/unit' },
      { ...browser, entryPoints: { harness: 'src/test/page/harness.ts' }, outdir: 'dist/view' },
    );
  }
  if (!watch) return Promise.all(all.map((one) => build(one)));
  const contexts = await Promise.all(all.map((one) => context(one)));
  return Promise.all(contexts.map((one) => one.watch()));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await bundle({ watch: process.argv.includes('--watch'), release: process.argv.includes('--release') });
  const { version } = JSON.parse(readFileSync(at('package.json'), 'utf8'));
  console.log(`ambit ${version}: built in dist`);
}
