/** HTML as text: what stands in a template is escaped unless it is HTML itself. */

export class Html {
  constructor(readonly text: string) {}
}

type Part = Html | string | number | boolean | null | undefined | readonly Part[];

/** A piece of HTML. `false`, `null` and `undefined` stand for nothing, a list for its pieces one after the other. */
export function html(strings: TemplateStringsArray, ...parts: Part[]): Html {
  let text = strings[0] ?? '';
  parts.forEach((part, at) => {
    text += piece(part) + (strings[at + 1] ?? '');
  });
  return new Html(text);
}

/** Text so that it means itself, in an element or in an attribute in double quotes. */
export function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

function piece(part: Part): string {
  if (part instanceof Html) return part.text;
  if (Array.isArray(part)) return part.map(piece).join('');
  if (part === null || part === undefined || part === false) return '';
  return escape(String(part));
}
