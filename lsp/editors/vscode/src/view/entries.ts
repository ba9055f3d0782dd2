/** Finds an entry of `predicates.json` in its text. */

interface Entry {
  table: string;
  action: string;
  principal: string;
}

/** The stretch of the first entry with these members, or nothing. Members that are left out fit any. */
export function findEntry(text: string, wanted: Partial<Entry>): { start: number; end: number } | undefined {
  for (const [start, end] of objects(text)) {
    let entry: Partial<Entry>;
    try {
      entry = JSON.parse(text.slice(start, end)) as Partial<Entry>;
    } catch {
      continue;
    }
    const fits = (['table', 'action', 'principal'] as const).every(
      (key) => wanted[key] === undefined || wanted[key] === entry[key],
    );
    if (fits) return { start, end };
  }
  return undefined;
}

/** The objects that stand directly in the outermost list. */
function* objects(text: string): Generator<[number, number]> {
  let depth = 0;
  let start = 0;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (character === '"') {
      at += 1;
      while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
    } else if (character === '{') {
      if (depth === 0) start = at;
      depth += 1;
    } else if (character === '}') {
      depth -= 1;
      if (depth === 0) yield [start, at + 1];
    }
  }
}
