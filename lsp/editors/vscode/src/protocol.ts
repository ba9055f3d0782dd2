/** What the server answers besides the protocol: docs/editor/protocol.md, as types. */

/** A position as the session counts it: lines from 0, characters in UTF-16 units. */
export interface Position {
  line: number;
  character: number;
}

/** A stretch of a document. */
export interface Range {
  start: Position;
  end: Position;
}

/** A place in a file. */
export interface Place {
  uri: string;
  range: Range;
}

/** A value of a row: V of the command line. */
export type Value =
  | null
  | boolean
  | string
  | number
  | { int: string }
  | { decimal: string }
  | { date: string }
  | { timestamp: string }
  | { set: Value[] }
  | { scope: [string, string, string[]][] };

/** The outcome of a condition. */
export type Truth = 'true' | 'false' | 'unknown';

/** A condition with the outcomes of its parts: E of the command line. */
export interface Tree {
  text: string;
  value: Truth;
  children: Tree[];
}

export type PrincipalKind = 'user' | 'group' | 'role' | 'everyone';

export interface Principal {
  name: string;
  kind: PrincipalKind;
  /** `everyone` may be declared nowhere. */
  uri: string | null;
  range: Range | null;
}

export interface Resource extends Place {
  name: string;
  kind: 'table' | 'object';
  actions: string[];
}

export interface TestPlace extends Place {
  name: string;
}

/** Where rows come from. */
export type Data = { given: string } | { csv: string } | { sqlite: string };

export interface SampleRule extends Place {
  effect: string;
  text: string;
  value: Truth;
  applies: boolean;
  decisive: boolean;
}

export interface SampleRow {
  values: Record<string, Value>;
  decision: 'allow' | 'deny';
  reason: string;
  rules: SampleRule[];
  tree: Tree;
}

export interface Sample {
  table: string;
  columns: string[];
  rows: SampleRow[];
  sources: { label: string; data: Data }[];
  truncated: number;
}

export interface WhoEntry {
  principal: string;
  access: 'all' | 'some';
  predicate: string;
}

/** R of `why`. */
export interface Explanation {
  decision: 'allow' | 'deny';
  predicate: string;
  rules: { effect: string; file: string; line: number; applies: boolean; value: Truth }[];
  tree: Tree;
}

export interface Predicate {
  table: string;
  action: string;
  principal: string;
  dialect: string;
  inline: string | null;
  bound: string | null;
  params: string[];
  refused: { message: string } | null;
}

export interface TestFailure extends Place {
  expect: string;
  got: string;
  line: number;
  why: string;
}

export interface TestResult extends Place {
  name: string;
  file: string;
  line: number;
  ok: boolean;
  failures: TestFailure[];
}

export interface RuleCoverage extends Place {
  rule: string;
  file: string;
  line: number;
  hit: boolean;
}

/** R of `test`. */
export interface TestReport {
  passed: number;
  failed: number;
  tests: TestResult[];
  coverage: RuleCoverage[];
}

export interface MatrixCell {
  principal: string;
  resource: string;
  action: string;
  access: 'none' | 'some' | 'all';
  predicate: string;
}

export interface ArtifactName {
  path: string;
  target: string;
}

export interface ArtifactLink extends Place {
  start: number;
  end: number;
}

export interface Refusal extends Place {
  message: string;
}

export interface Artifact extends ArtifactName {
  text: string;
  links: ArtifactLink[];
  refusals: Refusal[];
}

/** Every command with what it takes, besides `uri`, and what it answers. */
export interface Commands {
  'ambit.why': [{ as: string; resource: string; action?: string; data?: Data }, Explanation];
  'ambit.whoSees': [{ resource: string; action?: string; where?: string }, WhoEntry[]];
  'ambit.showSql': [{ as: string; resource: string; action?: string; dialect?: string }, Predicate[]];
  'ambit.runTest': [{ name?: string }, TestReport];
  'ambit.matrixRow': [{ as: string }, MatrixCell[]];
  'ambit.principals': [object, Principal[]];
  'ambit.resources': [object, Resource[]];
  'ambit.tests': [object, TestPlace[]];
  'ambit.sample': [{ as: string; resource: string; action?: string; data?: Data; query?: string[] }, Sample];
  'ambit.artifacts': [{ target?: string; path?: string }, ArtifactName[] | Artifact];
  'ambit.actAs': [{ as: string | null }, { as: string | null }];
}

/** Asks the server; `uri` is a file of the project meant. */
export type Ask = <C extends keyof Commands>(
  command: C,
  argument: Commands[C][0] & { uri?: string },
) => Promise<Commands[C][1]>;

/** What the server says when the texts behind the views have changed. */
export const CHANGED = 'ambit/changed';
