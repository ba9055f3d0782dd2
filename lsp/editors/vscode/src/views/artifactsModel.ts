/** The questions behind the artifact view, without VS Code. */
import type { Artifact, ArtifactName, Ask } from '../protocol';
import type { ArtifactsState, Spot } from '../view/artifactsState';
import { findEntry } from '../view/entries';

/** Of a principal without a table so many are shown. */
const MOST_TABLES = 30;

export interface Around {
  ask: Ask;
  project(): Promise<string | undefined>;
  show(state: ArtifactsState): void;
}

/** What "Show SQL" is asked for. */
export interface SqlQuestion {
  uri: string;
  as: string;
  resource?: string | undefined;
  action?: string | undefined;
}

export class ArtifactsModel {
  readonly #around: Around;
  #state: ArtifactsState = { files: [] };
  #path: string | undefined;
  #sql: SqlQuestion | undefined;
  #round = 0;
  #turn = 0;

  constructor(around: Around) {
    this.#around = around;
  }

  get state(): ArtifactsState {
    return this.#state;
  }

  /** Shows another artifact. */
  choose(path: string | undefined): Promise<void> {
    this.#path = path;
    this.#sql = undefined;
    return this.refresh();
  }

  /** Shows the predicate of somebody, in the list of predicates and by itself. */
  sql(question: SqlQuestion): Promise<void> {
    this.#sql = question;
    this.#turn += 1;
    return this.refresh();
  }

  closeSql(): Promise<void> {
    this.#sql = undefined;
    return this.refresh();
  }

  /** Asks again; an answer that another question has overtaken is dropped. */
  async refresh(): Promise<void> {
    this.#round += 1;
    const round = this.#round;
    const next = await this.#next();
    if (round !== this.#round) return;
    this.#state = next;
    this.#around.show(next);
  }

  async #next(): Promise<ArtifactsState> {
    let files = this.#state.files;
    let path = this.#path ?? this.#state.path;
    try {
      const uri = this.#sql?.uri ?? (await this.#around.project());
      if (uri === undefined) return { files: [], message: 'No project is open.' };
      const sql = await this.#predicates();
      files = (await this.#around.ask('ambit.artifacts', { uri })) as ArtifactName[];
      path = settle(files, path, sql?.predicates[0]?.dialect);
      if (path === undefined) return { files, sql, message: 'The project has no artifacts yet.' };
      const artifact = (await this.#around.ask('ambit.artifacts', { uri, path })) as Artifact;
      return { files, path, artifact, sql, spot: this.#spot(artifact) };
    } catch (error) {
      const { artifact, sql, spot } = this.#state;
      const same = artifact?.path === path ? { artifact, sql, spot, stale: true } : {};
      return { files, path, ...same, message: error instanceof Error ? error.message : String(error) };
    }
  }

  async #predicates(): Promise<ArtifactsState['sql']> {
    if (!this.#sql) return undefined;
    const { uri, as, resource, action = 'read' } = this.#sql;
    const tables = resource === undefined ? await this.#tables(uri) : [resource];
    const asked = tables.map((table) => this.#around.ask('ambit.showSql', { uri, as, resource: table, action }));
    return { as, resource, predicates: (await Promise.all(asked)).flat() };
  }

  async #tables(uri: string): Promise<string[]> {
    const resources = await this.#around.ask('ambit.resources', { uri });
    return resources.filter(({ kind }) => kind === 'table').slice(0, MOST_TABLES).map(({ name }) => name);
  }

  #spot(artifact: Artifact): Spot | undefined {
    if (!this.#sql) return undefined;
    const { as, resource, action = 'read' } = this.#sql;
    const entry = findEntry(artifact.text, { principal: as, action, ...(resource ? { table: resource } : {}) });
    return entry && { ...entry, turn: this.#turn };
  }
}

/** The file to show: the one wanted, or for SQL the predicates of its dialect, else the first. */
export function settle(
  files: readonly ArtifactName[],
  wanted: string | undefined,
  dialect: string | undefined,
): string | undefined {
  const predicates = files.filter(({ target }) => target === 'sql');
  if (dialect !== undefined) {
    const fits = (path: string) => path.split('/').includes(dialect);
    const shown = predicates.find(({ path }) => path === wanted && fits(path));
    const one = shown ?? predicates.find(({ path }) => fits(path)) ?? predicates[0];
    if (one) return one.path;
  }
  return (files.find(({ path }) => path === wanted) ?? predicates[0] ?? files[0])?.path;
}
