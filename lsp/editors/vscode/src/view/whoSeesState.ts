/** What "Who sees what" shows: made by the extension, drawn by the page. */
import type { Data, Principal, Range, Resource, Sample, SampleRow, WhoEntry } from '../protocol';

/** The question: every member may be open until there is something to choose. */
export interface Choice {
  as?: string | undefined;
  resource?: string | undefined;
  action?: string | undefined;
  data?: Data | undefined;
}

export type PrincipalName = Pick<Principal, 'name' | 'kind'>;
export type ResourceName = Pick<Resource, 'name' | 'kind' | 'actions'>;

export interface WhoSeesState {
  principals: PrincipalName[];
  resources: ResourceName[];
  choice: Choice;
  /** Whom the editor acts as. */
  actsAs: string | null;
  /** The rows of a table. */
  sample?: Sample | undefined;
  /** The decision about an object: it has no columns. */
  whole?: SampleRow | undefined;
  /** Who else can do it. */
  who?: WhoEntry[] | undefined;
  /** Why there is no answer, or none that is up to date. */
  message?: string | undefined;
  /** What is shown is an older answer. */
  stale?: boolean | undefined;
}

/** What the page tells the extension. */
export type WhoSeesEvent =
  | { type: 'ready' }
  | { type: 'choose'; choice: Choice }
  | { type: 'open'; uri: string; range: Range }
  | { type: 'actAs'; as: string | null };

/** What only the page knows, kept while it is hidden. */
export interface WhoSeesLocal {
  /** Keys of rows whose reasons are open. */
  open: string[];
  show: 'all' | 'visible' | 'hidden';
  everyone: boolean;
}

export const LOCAL: WhoSeesLocal = { open: [], show: 'all', everyone: false };

/**
 * The choice that can be asked: what is gone is replaced by the first there is. A principal with parameters may be no
 * name of the list: whoever is acted as stays.
 */
export function settle(wanted: Choice, state: Pick<WhoSeesState, 'principals' | 'resources' | 'actsAs'>): Choice {
  const { principals, resources, actsAs } = state;
  const known = principals.some(({ name }) => name === wanted.as) || (wanted.as !== undefined && wanted.as === actsAs);
  const as = known ? wanted.as : (actsAs ?? principals[0]?.name);
  const tables = resources.filter(({ kind }) => kind === 'table');
  const resource = resources.find(({ name }) => name === wanted.resource) ?? tables[0] ?? resources[0];
  const actions = resource?.actions ?? [];
  const action = actions.includes(wanted.action ?? '') ? wanted.action : actions.includes('read') ? 'read' : actions[0];
  // A table that is gone takes the rows that were chosen for it along.
  const same = wanted.resource === undefined || resource?.name === wanted.resource;
  return { as, resource: resource?.name, action, data: same ? wanted.data : undefined };
}
