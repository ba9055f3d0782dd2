/** Values of rows and places of rules, as text for people. */
import type { Data, Place, Value } from '../protocol';

/** A value as the language writes it; texts without quotes, for a cell. */
export function cell(value: Value | undefined): string {
  if (value === null || value === undefined) return 'null';
  if (typeof value === 'string') return value;
  return inner(value);
}

/** Whether a cell stands for no value, which is not the text "null". */
export function isNull(value: Value | undefined): boolean {
  return value === null || value === undefined;
}

function inner(value: Value): string {
  if (value === null) return 'null';
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value !== 'object') return String(value);
  if ('int' in value) return value.int;
  if ('decimal' in value) return value.decimal;
  if ('date' in value) return value.date;
  if ('timestamp' in value) return value.timestamp;
  if ('set' in value) return `[${value.set.map(inner).join(', ')}]`;
  return value.scope.map(([level, operator, members]) => `${level}${operator}${scopeMembers(members)}`).join('|');
}

function scopeMembers(members: readonly string[]): string {
  return members.length === 1 ? (members[0] ?? '') : `[${members.join(' + ')}]`;
}

/** The file and line of a place: `policy.ambit:6`. */
export function placeName(place: Place): string {
  const path = place.uri.split('/').at(-1) ?? place.uri;
  let name = path;
  try {
    name = decodeURIComponent(path);
  } catch {
    // Shown as it is.
  }
  return `${name}:${place.range.start.line + 1}`;
}

/** Whether two sources of rows are the same. */
export function sameData(a: Data | undefined, b: Data | undefined): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** `1 row`, `2 rows`. */
export function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}
