// A real VS Code: code-server with a user and extensions of our own.
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MODULES, WORK } from './surroundings.mjs';

const ENTRY = join(MODULES, 'code-server', 'out', 'node', 'entry.js');
// It takes no setting from the surroundings, and asks nobody for anything.
const SETTINGS = {
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
  'telemetry.telemetryLevel': 'off',
  'extensions.autoUpdate': false,
  'extensions.autoCheckUpdates': false,
  'files.autoSave': 'off',
  'files.simpleDialog.enable': true,
  'security.workspace.trust.enabled': false,
  'testing.automaticallyOpenTestResults': 'neverOpen',
  'editor.minimap.enabled': false,
  'window.autoDetectColorScheme': false,
};

/** A user of the name, without anything yet. */
export function user(name) {
  const home = join(WORK, name);
  rmSync(home, { recursive: true, force: true });
  mkdirSync(join(home, 'data', 'User'), { recursive: true });
  mkdirSync(join(home, 'extensions'));
  writeFileSync(join(home, 'config.yaml'), '');
  writeFileSync(join(home, 'data', 'User', 'settings.json'), JSON.stringify(SETTINGS));
  return home;
}

function flags(home) {
  return [
    ENTRY, '--config', join(home, 'config.yaml'), '--user-data-dir', join(home, 'data'), '--extensions-dir',
    join(home, 'extensions'),
  ];
}

// A server inside the tests of an editor would take these for its own.
const environment = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(VSCODE_|CODE_SERVER|PORT$|PASSWORD$|HASHED_PASSWORD$|NODE_PATH$)/.test(name)),
);

/** Installs a packed extension, as a person does on the command line. */
export function install(home, vsix) {
  return execFileSync(process.execPath, [...flags(home), '--install-extension', vsix], { env: environment, encoding: 'utf8' });
}

/** Starts it on a free port. */
export async function start(home) {
  const args = [
    ...flags(home), '--bind-addr', '127.0.0.1:0', '--auth', 'none', '--disable-telemetry', '--disable-update-check',
    '--disable-workspace-trust', '--disable-getting-started-override',
  ];
  const child = spawn(process.execPath, args, { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  const address = await new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`code-server does not answer:\n${said}`)), 60_000);
    const hear = (chunk) => {
      said += chunk;
      const found = /HTTP server listening on (http:\/\/127\.0\.0\.1:\d+)/.exec(said);
      if (!found) return;
      clearTimeout(timer);
      resolve(found[1]);
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.on('exit', (code) => reject(new Error(`code-server ended with ${code}:\n${said}`)));
  });
  return {
    address,
    /// It ends its hosts of extensions, and they their servers; what stays is in the group of this process, which the
    /// tests end.
    stop() {
      child.removeAllListeners('exit');
      child.kill('SIGTERM');
    },
  };
}

/** The lines of the logs of the extension host that report errors. */
export function errorsOfHost(home) {
  const lines = [];
  const walk = (folder) => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) walk(path);
      else if (/exthost|Ambit/i.test(path) && path.endsWith('.log')) {
        lines.push(...readFileSync(path, 'utf8').split('\n').filter((line) => line.includes('[error]')));
      }
    }
  };
  walk(join(home, 'data', 'logs'));
  return lines;
}
