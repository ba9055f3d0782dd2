/** The commands of the extension and those that lenses and code actions of the server name. */
import * as vscode from 'vscode';
import type { ActAs } from './actAs';
import type { Projects } from './projects';
import type { Position, Range } from './protocol';
import { message, type Server } from './server';
import { chooseTrace, menu } from './status';
import type { Testing } from './testing';
import type { Artifacts } from './views/artifacts';
import { toRange } from './views/open';
import type { WhoSees } from './views/whoSees';

/** The parts that commands speak to. */
export interface Parts {
  server: Server;
  projects: Projects;
  actAs: ActAs;
  testing: Testing;
  whoSees: WhoSees;
  artifacts: Artifacts;
}

/** Registers all commands. */
export function registerCommands(parts: Parts): vscode.Disposable {
  const { server, actAs, testing, whoSees, artifacts } = parts;
  const all: Record<string, (argument: never) => unknown> = {
    'ambit.server.restart': () => server.restart(),
    'ambit.server.output': () => server.output.show(),
    'ambit.server.trace': () => chooseTrace(server),
    'ambit.server.menu': menu,
    'ambit.tests.run': () => testing.run(),
    'ambit.view.actAs': () => actAs.pick(),
    'ambit.view.artifacts': () => artifacts.open(),
    'ambit.view.whoSees': async (argument?: { resource?: string; as?: string }) => {
      const named = argument?.resource ? argument : await atCursor(parts);
      await whoSees.open({ ...(named.resource ? { resource: named.resource } : {}), ...(named.as ? { as: named.as } : {}) });
    },
    'ambit.view.sql': async (argument?: { uri?: string; as?: string; resource?: string }) => {
      const named = argument?.as ? argument : { ...(await atCursor(parts)), ...argument };
      const uri = argument?.uri ?? (await parts.projects.current());
      const as = named.as ?? actAs.current ?? (uri && (await pickPrincipal(parts, uri)));
      if (uri && as) await artifacts.sql({ uri, as, resource: named.resource });
    },
    'ambit.view.runTest': (argument: { uri: string; name: string }) => testing.runNamed(argument.uri, argument.name),
    'ambit.view.users': (argument: { uri: string; range: Range; locations: { uri: string; range: Range }[] }) =>
      vscode.commands.executeCommand(
        'editor.action.showReferences',
        vscode.Uri.parse(argument.uri),
        toPosition(argument.range.start),
        argument.locations.map(({ uri, range }) => new vscode.Location(vscode.Uri.parse(uri), toRange(range))),
      ),
  };
  const registered = Object.entries(all).map(([name, run]) =>
    vscode.commands.registerCommand(name, async (argument: never) => {
      try {
        await run(argument);
      } catch (error) {
        server.output.error(`${name}: ${message(error)}`);
        void vscode.window.showErrorMessage(`Ambit: ${message(error)}`);
      }
    }),
  );
  return vscode.Disposable.from(...registered);
}

/** The resource or principal whose name stands at the cursor. */
async function atCursor({ server, projects }: Parts): Promise<{ resource?: string; as?: string }> {
  const editor = vscode.window.activeTextEditor;
  const uri = await projects.current();
  if (editor?.document.languageId !== 'ambit' || uri === undefined) return {};
  const range = editor.document.getWordRangeAtPosition(editor.selection.active);
  if (!range) return {};
  const word = editor.document.getText(range);
  const [resources, principals] = await Promise.all([
    server.ask('ambit.resources', { uri }),
    server.ask('ambit.principals', { uri }),
  ]);
  return {
    ...(resources.some(({ name }) => name === word) ? { resource: word } : {}),
    ...(principals.some(({ name }) => name === word) ? { as: word } : {}),
  };
}

async function pickPrincipal({ server }: Parts, uri: string): Promise<string | undefined> {
  const principals = await server.ask('ambit.principals', { uri });
  const items = principals.map(({ name, kind }) => ({ label: name, description: kind }));
  return (await vscode.window.showQuickPick(items, { title: 'Ambit: SQL for whom?' }))?.label;
}

function toPosition({ line, character }: Position): vscode.Position {
  return new vscode.Position(line, character);
}
