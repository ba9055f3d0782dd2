/** Cuts a text at its links and its spot. */
import type { ArtifactLink } from '../protocol';

/** A stretch of the text with what is true of all of it. */
export interface Segment {
  text: string;
  link?: ArtifactLink | undefined;
  spot: boolean;
}

/** The stretches of `text` between `from` and `to`, in order and without gaps. Of links that overlap the first counts. */
export function segments(
  text: string,
  links: readonly ArtifactLink[],
  spot: { start: number; end: number } | undefined,
  from = 0,
  to = text.length,
): Segment[] {
  const apart: ArtifactLink[] = [];
  let reached = from;
  for (const link of [...links].sort((a, b) => a.start - b.start || a.end - b.end)) {
    if (link.start < reached || link.end > to || link.end <= link.start) continue;
    apart.push(link);
    reached = link.end;
  }
  const inside = spot && spot.end > spot.start ? spot : undefined;
  const cuts = [from, to, ...apart.flatMap(({ start, end }) => [start, end])];
  if (inside) cuts.push(clamp(inside.start, from, to), clamp(inside.end, from, to));
  const places = [...new Set(cuts)].sort((a, b) => a - b);
  const all: Segment[] = [];
  let next = 0;
  for (let at = 0; at + 1 < places.length; at += 1) {
    const start = places[at] ?? from;
    const end = places[at + 1] ?? to;
    while (next < apart.length && (apart[next]?.end ?? 0) <= start) next += 1;
    const link = apart[next];
    all.push({
      text: text.slice(start, end),
      link: link && link.start <= start && end <= link.end ? link : undefined,
      spot: inside !== undefined && inside.start <= start && end <= inside.end,
    });
  }
  return all;
}

/** The part to draw of a text that is too long: around the spot, else the beginning. */
export function portion(length: number, limit: number, spot: { start: number } | undefined): [number, number] {
  if (length <= limit) return [0, length];
  const from = clamp((spot?.start ?? 0) - Math.floor(limit / 4), 0, length - limit);
  return [from, from + limit];
}

function clamp(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(high, value));
}
