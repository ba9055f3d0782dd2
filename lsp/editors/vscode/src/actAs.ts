/** Acting as somebody: hover, hints, lenses and "Who sees what" then speak for that principal. */
import * as vscode from 'vscode';
import type { Projects } from './projects';
import type { Principal, PrincipalKind } from './protocol';
import { message, type Server } from './server';

const KEPT = 'ambit.actAs';
const KINDS: Record<PrincipalKind, [string, string]> = {
  user: ['Users', '$(account)'],
  group: ['Groups', '$(organization)'],
  role: ['Roles', '$(shield)'],
  everyone: ['Everyone', '$(globe)'],
};

export class ActAs implements vscode.Disposable {
  readonly #context: vscode.ExtensionContext;
  readonly #server: Server;
  readonly #projects: Projects;
  readonly #item = vscode.window.createStatusBarItem('ambit.actAs', vscode.StatusBarAlignment.Left, 0);
  readonly #changed = new vscode.EventEmitter<string | null>();
  readonly #subscriptions: vscode.Disposable[];
  /** Root of a project → who acts there. */
  #chosen: Record<string, string>;
  #shown: string | null = null;

  /** Somebody else acts in the current project; null is nobody. */
  readonly onChanged = this.#changed.event;

  constructor(context: vscode.ExtensionContext, server: Server, projects: Projects) {
    this.#context = context;
    this.#server = server;
    this.#projects = projects;
    this.#chosen = { ...context.workspaceState.get<Record<string, string>>(KEPT, {}) };
    this.#item.name = 'Ambit: act as';
    this.#item.command = 'ambit.view.actAs';
    this.#subscriptions = [
      this.#item,
      this.#changed,
      server.onState((state) => void (state === 'running' ? this.#again() : this.#draw())),
      projects.onChanged(() => void this.#draw()),
    ];
    void this.#draw();
  }

  /** Who acts in the current project. */
  get current(): string | null {
    return this.#shown;
  }

  /** Acts as somebody in the current project; null is nobody. */
  async set(as: string | null): Promise<void> {
    const uri = await this.#projects.current();
    const root = await this.#root();
    if (uri === undefined || root === undefined) throw new Error('no project is open');
    const answer = await this.#server.ask('ambit.actAs', { uri, as });
    const { [root]: _, ...others } = this.#chosen;
    this.#chosen = answer.as === null ? others : { ...others, [root]: answer.as };
    await this.#context.workspaceState.update(KEPT, this.#chosen);
    await this.#draw();
  }

  /** Lets the person choose. */
  async pick(): Promise<void> {
    const uri = await this.#projects.current();
    const principals = uri === undefined ? [] : await this.#server.ask('ambit.principals', { uri });
    const nobody = { label: '$(circle-slash) Nobody', description: 'all rules alike', as: null };
    const chosen = await vscode.window.showQuickPick([nobody, ...picks(principals, this.#shown)], {
      title: 'Ambit: act as',
      placeHolder: 'For whom hover, lenses and "Who sees what" speak',
      matchOnDescription: true,
    });
    if (chosen && chosen.as !== undefined) await this.set(chosen.as);
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  /** A new server knows nothing of it; a principal that is gone is forgotten. */
  async #again(): Promise<void> {
    for (const [root, as] of Object.entries(this.#chosen)) {
      const uri = vscode.Uri.joinPath(vscode.Uri.parse(root), 'ambit.toml').toString();
      try {
        await this.#server.ask('ambit.actAs', { uri, as });
      } catch (error) {
        this.#server.output.warn(`nobody acts as ${as} any more: ${message(error)}`);
        const { [root]: _, ...others } = this.#chosen;
        this.#chosen = others;
        await this.#context.workspaceState.update(KEPT, this.#chosen);
      }
    }
    await this.#draw();
  }

  async #root(): Promise<string | undefined> {
    const uri = await this.#projects.current();
    return uri === undefined ? undefined : (await this.#projects.root(vscode.Uri.parse(uri))).toString();
  }

  async #draw(): Promise<void> {
    const root = await this.#root();
    const as = root === undefined ? null : (this.#chosen[root] ?? null);
    this.#item.text = as === null ? '$(account) Act as…' : `$(account) As ${as}`;
    this.#item.tooltip = 'Ambit: for whom hover, lenses and "Who sees what" speak';
    this.#item.accessibilityInformation = { label: as === null ? 'Ambit: act as somebody' : `Ambit: acting as ${as}` };
    if (root !== undefined && this.#server.state === 'running') this.#item.show();
    else this.#item.hide();
    if (as === this.#shown) return;
    this.#shown = as;
    this.#changed.fire(as);
  }
}

interface Pick extends vscode.QuickPickItem {
  as?: string | null;
}

/** The principals under the titles of their kinds. */
function picks(principals: readonly Principal[], current: string | null): Pick[] {
  const all: Pick[] = [];
  for (const kind of Object.keys(KINDS) as PrincipalKind[]) {
    const some = principals.filter((principal) => principal.kind === kind);
    const [title, icon] = KINDS[kind];
    if (some.length > 0) all.push({ label: title, kind: vscode.QuickPickItemKind.Separator });
    for (const { name } of some) {
      all.push({ label: `${icon} ${name}`, ...(name === current ? { description: 'now' } : {}), as: name });
    }
  }
  return all;
}
