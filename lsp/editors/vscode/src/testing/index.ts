/** The Testing view: `test` blocks, found while one types. */
import * as vscode from 'vscode';
import type { Projects } from '../projects';
import type { Server } from '../server';
import { toRange } from '../views/open';
import { RuleFileCoverage } from './coverage';
import { type Runnable, type RunResult, runTests } from './run';
import { byFile, type FileOfTests } from './tree';

export class Testing implements vscode.Disposable {
  readonly controller = vscode.tests.createTestController('ambit', 'Ambit');
  readonly #server: Server;
  readonly #projects: Projects;
  readonly #subscriptions: vscode.Disposable[];
  readonly #found = new vscode.EventEmitter<void>();
  readonly #profile: vscode.TestRunProfile;
  /** Tests run again and again while one types. */
  readonly #continuous = new Set<vscode.TestRunRequest>();
  readonly #tests = new Map<vscode.TestItem, Runnable>();
  /** What each project answered last. */
  #answers = new Map<string, FileOfTests[]>();
  #round = 0;

  /** The tests were looked for. */
  readonly onFound = this.#found.event;

  constructor(server: Server, projects: Projects) {
    this.#server = server;
    this.#projects = projects;
    const { Run, Coverage } = vscode.TestRunProfileKind;
    const run = async (request: vscode.TestRunRequest, token: vscode.CancellationToken) => {
      await this.#run(request, token, false);
    };
    this.#profile = this.controller.createRunProfile('Run', Run, run, true, undefined, true);
    const covered = async (request: vscode.TestRunRequest, token: vscode.CancellationToken) => {
      await this.#run(request, token, true);
    };
    const coverage = this.controller.createRunProfile('Run with Coverage', Coverage, covered, true);
    coverage.loadDetailedCoverage = async (_, file) => (file instanceof RuleFileCoverage ? file.rules : []);
    this.controller.resolveHandler = async (item) => {
      if (!item) await this.discover();
    };
    this.controller.refreshHandler = () => this.discover();
    this.#subscriptions = [
      this.controller,
      this.#found,
      server.onState((state) => state === 'running' && void this.discover()),
      server.onChanged((project) => void this.#changed(project)),
      projects.onChanged(() => void this.discover()),
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration('ambit.tests')) void this.discover();
      }),
    ];
  }

  /** All tests there are, in order. */
  get all(): Runnable[] {
    return [...this.#tests.values()];
  }

  /** Looks for the tests of all projects; if one is named, of it and of those that are new. */
  async discover(changed?: string): Promise<void> {
    this.#round += 1;
    const round = this.#round;
    // Forgotten first: a round that is overtaken leaves the question open for the next.
    if (changed === undefined || !this.#answers.delete(changed)) this.#answers.clear();
    const wanted = vscode.workspace.getConfiguration('ambit').get('tests.discover', true);
    const projects = wanted && this.#server.state === 'running' ? await this.#projects.all() : [];
    const found = await Promise.all(
      projects.map(async (uri) => {
        const project = uri.toString();
        // A project that cannot be read shows problems; here it has no tests.
        const files = this.#answers.get(project) ?? byFile(await this.#server.ask('ambit.tests', { uri: project }).catch(() => []));
        return { project, files };
      }),
    );
    if (round !== this.#round) return;
    this.#answers = new Map(found.map(({ project, files }) => [project, files]));
    this.#tests.clear();
    const several = found.filter(({ files }) => files.length > 0).length > 1;
    const items = found.flatMap(({ project, files }) => files.map((file) => this.#file(project, file, several)));
    replace(this.controller.items, items);
    this.#found.fire();
  }

  /** Runs some tests as the Testing view does; without names all. Says when they have run. */
  async run(some?: readonly vscode.TestItem[], coverage = false): Promise<RunResult> {
    const request = new vscode.TestRunRequest(some, undefined, coverage ? undefined : this.#profile);
    const source = new vscode.CancellationTokenSource();
    try {
      return await this.#run(request, source.token, coverage);
    } finally {
      source.dispose();
    }
  }

  /** Runs a test by the file and name that a lens says, and shows it. */
  async runNamed(uri: string, name: string): Promise<RunResult> {
    const fits = () => this.all.find(({ item, name: own }) => own === name && item.uri?.toString() === uri);
    if (!fits()) await this.discover();
    const test = fits() ?? this.all.find((one) => one.name === name);
    if (!test) throw new Error(`there is no test "${name}"`);
    await vscode.commands.executeCommand('vscode.revealTestInExplorer', test.item);
    return this.run([test.item]);
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  async #changed(project: string): Promise<void> {
    await this.discover(project);
    for (const request of this.#continuous) void this.#once(request, false);
  }

  async #run(request: vscode.TestRunRequest, token: vscode.CancellationToken, coverage: boolean): Promise<RunResult> {
    if (request.continuous) {
      this.#continuous.add(request);
      token.onCancellationRequested(() => this.#continuous.delete(request));
    }
    return this.#once(request, coverage);
  }

  async #once(request: vscode.TestRunRequest, coverage: boolean): Promise<RunResult> {
    const excluded = new Set(request.exclude);
    const wanted = (request.include ?? [...this.controller.items].map(([, item]) => item))
      .flatMap((item) => leaves(this.#now(item)))
      .filter((item) => !excluded.has(item) && !(item.parent && excluded.has(item.parent)))
      .flatMap((item) => this.#tests.get(item) ?? []);
    const run = this.controller.createTestRun(request);
    try {
      return await runTests(run, this.#server, wanted, this.all, coverage);
    } finally {
      run.end();
    }
  }

  /** The item that stands now for one that a request names: discovery may have made it anew. */
  #now(item: vscode.TestItem): vscode.TestItem {
    if (!item.parent) return this.controller.items.get(item.id) ?? item;
    return this.controller.items.get(item.parent.id)?.children.get(item.id) ?? item;
  }

  #file(project: string, { uri, tests }: FileOfTests, several: boolean): vscode.TestItem {
    const place = vscode.Uri.parse(uri);
    const label = several ? vscode.workspace.asRelativePath(place) : (place.path.split('/').at(-1) ?? uri);
    const item = this.controller.items.get(uri) ?? this.controller.createTestItem(uri, label, place);
    item.label = label;
    const children = tests.map(({ id, name, place: test }, order) => {
      const child = item.children.get(id) ?? this.controller.createTestItem(id, name, place);
      child.range = toRange(test.range);
      child.sortText = String(order).padStart(6, '0');
      this.#tests.set(child, { item: child, name, project });
      return child;
    });
    replace(item.children, children);
    return item;
  }
}

/** Puts items into a collection, unless they are just what it holds: to replace them folds the view. */
function replace(collection: vscode.TestItemCollection, items: readonly vscode.TestItem[]): void {
  const same = collection.size === items.length && items.every((item) => collection.get(item.id) === item);
  if (!same) collection.replace(items);
}

function leaves(item: vscode.TestItem): vscode.TestItem[] {
  return item.children.size === 0 ? [item] : [...item.children].flatMap(([, child]) => leaves(child));
}
