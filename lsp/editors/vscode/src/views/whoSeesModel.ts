/** The questions behind "Who sees what", without VS Code. */
import type { Ask, Data } from '../protocol';
import { type Choice, settle, type WhoSeesState } from '../view/whoSeesState';

/** What the model needs around it. */
export interface Around {
  ask: Ask;
  /** A file of the project that is asked about. */
  project(): Promise<string | undefined>;
  /** Where rows come from if nobody chose. */
  preferred(project: string): Data | undefined;
  show(state: WhoSeesState): void;
}

export class WhoSeesModel {
  readonly #around: Around;
  #state: WhoSeesState = { principals: [], resources: [], choice: {}, actsAs: null };
  #wanted: Choice = {};
  #round = 0;

  constructor(around: Around) {
    this.#around = around;
  }

  get state(): WhoSeesState {
    return this.#state;
  }

  /** The question as it was chosen; kept over restarts. */
  get choice(): Choice {
    return this.#wanted;
  }

  /** Asks another question; members that are left out stay, but not rows that were chosen for another table. */
  choose(choice: Choice): Promise<void> {
    const other = choice.resource !== undefined && choice.resource !== this.#wanted.resource;
    this.#wanted = { ...this.#wanted, ...(other ? { data: undefined } : {}), ...choice };
    return this.refresh();
  }

  /** The person acts as somebody else: the view follows. */
  actAs(as: string | null): Promise<void> {
    this.#state = { ...this.#state, actsAs: as };
    return this.choose(as === null ? {} : { as });
  }

  /** Asks again; an answer that another question has overtaken is dropped. What is shown stays until the new one is there. */
  async refresh(): Promise<void> {
    this.#round += 1;
    const round = this.#round;
    const next = await this.#next();
    if (round !== this.#round) return;
    this.#state = { ...next, actsAs: this.#state.actsAs };
    this.#around.show(this.#state);
  }

  async #next(): Promise<WhoSeesState> {
    const { actsAs } = this.#state;
    let names = { principals: this.#state.principals, resources: this.#state.resources, actsAs };
    let choice = settle(this.#wanted, names);
    try {
      const uri = await this.#around.project();
      if (uri === undefined) return { principals: [], resources: [], choice: {}, actsAs };
      const [principals, resources] = await Promise.all([
        this.#around.ask('ambit.principals', { uri }),
        this.#around.ask('ambit.resources', { uri }),
      ]);
      names = { principals, resources, actsAs };
      choice = settle(this.#wanted, names);
      const kind = resources.find(({ name }) => name === choice.resource)?.kind;
      return { ...names, choice, ...(await this.#answer(uri, choice, kind)) };
    } catch (error) {
      const { sample, whole, who } = this.#state;
      // The rows of another question would be taken for the answer to this one.
      const same = (['as', 'resource', 'action'] as const).every((key) => choice[key] === this.#state.choice[key]);
      const last = same ? { sample, whole, who, stale: sample !== undefined || whole !== undefined } : {};
      return { ...names, choice, ...last, message: error instanceof Error ? error.message : String(error) };
    }
  }

  async #answer(uri: string, choice: Choice, kind: 'table' | 'object' | undefined): Promise<Partial<WhoSeesState>> {
    const { as, resource, action } = choice;
    if (as === undefined || resource === undefined || action === undefined) return {};
    const question = { uri, as, resource, action };
    const who = this.#around.ask('ambit.whoSees', { uri, resource, action }).catch(() => undefined);
    const data = choice.data ?? (kind === 'table' ? this.#around.preferred(uri) : undefined);
    const sample = await this.#around.ask('ambit.sample', { ...question, ...(data ? { data } : {}) });
    // A thing that is granted whole has one row without columns.
    if (kind === 'object') return { whole: sample.rows[0], who: await who };
    return { sample, who: await who, choice: data ? { ...choice, data } : choice };
  }
}
