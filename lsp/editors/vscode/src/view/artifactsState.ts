/** What the artifact view shows: made by the extension, drawn by the page. */
import type { Artifact, ArtifactName, Predicate, Range } from '../protocol';

/** What is shown of an artifact. */
export interface Spot {
  start: number;
  end: number;
  /** Another number each time the page is to go there. */
  turn: number;
}

export interface ArtifactsState {
  files: ArtifactName[];
  path?: string | undefined;
  artifact?: Artifact | undefined;
  /** The predicates asked for with "Show SQL": of one table, or of all. */
  sql?: { as: string; resource?: string | undefined; predicates: Predicate[] } | undefined;
  spot?: Spot | undefined;
  message?: string | undefined;
  stale?: boolean | undefined;
}

export type ArtifactsEvent =
  | { type: 'ready' }
  | { type: 'choose'; path: string }
  | { type: 'close' }
  | { type: 'open'; uri: string; range: Range };

/** What only the page knows. */
export interface ArtifactsLocal {
  wrap: boolean;
  /** The file shown last, so that a restored view shows it again. */
  path?: string | undefined;
}

export const LOCAL: ArtifactsLocal = { wrap: true };

/** At most so much of a text is drawn: a page with millions of links is of use to nobody. */
export const LIMIT = 400_000;
