/** The tests of projects as a tree, without VS Code. */
import type { TestPlace } from '../protocol';

/** A file with its tests, in the order of places. */
export interface FileOfTests {
  uri: string;
  tests: { id: string; name: string; place: TestPlace }[];
}

/** Groups tests by file. A name that comes again is told apart by a number, so that each test has an id of its own. */
export function byFile(tests: readonly TestPlace[]): FileOfTests[] {
  const files = new Map<string, FileOfTests>();
  for (const place of tests) {
    const file = files.get(place.uri) ?? { uri: place.uri, tests: [] };
    files.set(place.uri, file);
    const before = file.tests.filter(({ name }) => name === place.name).length;
    const id = before === 0 ? place.name : `${place.name}#${before + 1}`;
    file.tests.push({ id, name: place.name, place });
  }
  return [...files.values()];
}

/** What a test run asks: all tests of a project at once, or some by name. */
export function questions(all: readonly string[], wanted: readonly string[]): (string | undefined)[] {
  const names = new Set(wanted);
  const everything = all.every((name) => names.has(name));
  return everything ? [undefined] : [...names];
}
