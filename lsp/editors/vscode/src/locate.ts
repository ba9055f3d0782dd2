/** Finds the program of the language server. */
import { accessSync, chmodSync, constants, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, isAbsolute, join, resolve } from 'node:path';

/** What the search depends on. */
export interface Surroundings {
  /** The setting `ambit.server.path`; empty if it is not set. */
  setting: string;
  /** The folder of the extension. */
  extension: string;
  /** The first folder of the workspace. */
  workspace?: string | undefined;
  /** The variable PATH. */
  path?: string | undefined;
  platform: NodeJS.Platform;
}

/** Where the program is, or where it is not, each with what is wrong there. */
export type Found = { path: string; from: 'setting' | 'bundled' | 'path' } | { tried: string[] };

/** Looks at the setting; without one into the extension, then at the PATH. */
export function locate(around: Surroundings): Found {
  const setting = around.setting.trim();
  if (setting !== '') {
    // Who names a program wants that one: no other is taken in its place.
    const path = expand(setting, around.workspace);
    const wrong = unusable(path);
    return wrong ? { tried: [`the setting ambit.server.path: ${path} ${wrong}`] } : { path, from: 'setting' };
  }
  const tried: string[] = [];
  const name = around.platform === 'win32' ? 'ambit-lsp.exe' : 'ambit-lsp';
  const bundled = join(around.extension, 'server', name);
  makeExecutable(bundled, around.platform);
  const wrong = unusable(bundled);
  if (!wrong) return { path: bundled, from: 'bundled' };
  tried.push(`in the extension: ${bundled} ${wrong}`);
  const folders = (around.path ?? '').split(delimiter).filter((folder) => folder !== '');
  for (const folder of folders) {
    const path = join(folder, name);
    if (!unusable(path)) return { path, from: 'path' };
  }
  tried.push(`on the PATH: no ${name} in ${folders.length === 0 ? 'it, it is empty' : folders.join(', ')}`);
  return { tried };
}

/** The setting with `~` and `${workspaceFolder}` replaced; relative paths start at the workspace. */
export function expand(setting: string, workspace: string | undefined): string {
  const home = setting.replace(/^~(?=$|[\\/])/, () => homedir());
  const path = home.replaceAll('${workspaceFolder}', () => workspace ?? '');
  return isAbsolute(path) ? path : resolve(workspace ?? homedir(), path);
}

function unusable(path: string): string | undefined {
  try {
    if (!statSync(path).isFile()) return 'is not a file';
  } catch {
    return 'does not exist';
  }
  try {
    accessSync(path, constants.X_OK);
  } catch {
    return 'cannot be executed';
  }
  return undefined;
}

/** Some ways to unpack an extension lose the mark. */
function makeExecutable(path: string, platform: NodeJS.Platform): void {
  if (platform === 'win32') return;
  try {
    const { mode } = statSync(path);
    if ((mode & 0o111) === 0) chmodSync(path, mode | 0o755);
  } catch {
    // Not there, or not ours: `unusable` says so.
  }
}
