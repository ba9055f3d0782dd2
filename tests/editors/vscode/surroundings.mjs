// Where everything is, as the Rust side says (tests/tests/editors/vscode.rs).
import { createRequire } from 'node:module';
import { join } from 'node:path';

function variable(name) {
  const value = process.env[name];
  if (!value) throw new Error(`the variable ${name} is not set`);
  return value;
}

/** The repository. */
export const ROOT = variable('AMBIT_ROOT');
/** A folder of our own. */
export const WORK = variable('AMBIT_WORK');
/** Where screenshots go. */
export const SHOTS = variable('AMBIT_SHOTS');
/** The built server. */
export const SERVER = variable('AMBIT_SERVER');
/** `node_modules` of tests/editors/package.json. */
export const MODULES = variable('AMBIT_EDITORS_MODULES');
/** `node_modules` of the extension. */
export const EXTENSION_MODULES = variable('AMBIT_EXTENSION_MODULES');

/** The copy of the extension that is built and installed. */
export const EXTENSION = join(WORK, 'source', 'lsp', 'editors', 'vscode');
/** The packed extension. */
export const VSIX = join(WORK, 'ambit.vsix');

/** Packages of tests/editors/package.json. */
export const packages = createRequire(join(MODULES, 'here.js'));
