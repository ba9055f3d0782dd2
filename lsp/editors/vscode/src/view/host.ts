/** What a page needs of the program that shows it: of VS Code, or of a test. */
import type { Place } from '../protocol';

export interface Host<Event, Local> {
  post(event: Event): void;
  load(): Local | undefined;
  save(local: Local): void;
}

/** Calls `open` for links to places, by mouse and keyboard. */
export function onPlaces(root: Element, open: (place: Place) => void): void {
  root.addEventListener('click', (event) => {
    const link = (event.target as Element).closest<HTMLElement>('[data-open]');
    if (!link) return;
    event.preventDefault();
    open(JSON.parse(link.dataset['open'] ?? '{}') as Place);
  });
}
