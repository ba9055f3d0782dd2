/**
 * The pages of the views in a browser, without VS Code: `?view=whoSees&state=rows&theme=dark`. What the page would tell the
 * extension is collected in `window.harness.events`; `window.harness.show` shows a state of a name or a state itself.
 */
import { mountArtifacts } from '../../view/artifactsPage';
import type { ArtifactsLocal, ArtifactsState } from '../../view/artifactsState';
import { mountWhoSees } from '../../view/whoSeesPage';
import type { WhoSeesLocal, WhoSeesState } from '../../view/whoSeesState';
import * as fixtures from './fixtures';

interface Harness {
  events: unknown[];
  local: unknown;
  states: string[];
  show(state: string | object): void;
  fixture(name: string): object | undefined;
}

declare global {
  interface Window {
    harness: Harness;
  }
}

const query = new URLSearchParams(location.search);
const view = query.get('view') ?? 'whoSees';
document.documentElement.dataset['theme'] = query.get('theme') ?? 'dark';
const root = document.getElementById('root') ?? document.body;
root.setAttribute('aria-label', view === 'whoSees' ? 'Who sees what' : 'Ambit Artifacts');

const events: unknown[] = [];
const states: Record<string, object> = view === 'whoSees' ? fixtures.whoSees : fixtures.artifacts;
const host = {
  post: (event: unknown) => void events.push(event),
  load: () => window.harness.local as never,
  save: (local: unknown) => void (window.harness.local = local),
};
window.harness = {
  events,
  local: undefined,
  states: Object.keys(states),
  fixture: (name) => structuredClone(states[name]),
  show: (state) => {
    const next = typeof state === 'string' ? states[state] : state;
    if (next) draw(next);
  },
};
const draw: (state: object) => void =
  view === 'whoSees'
    ? (mountWhoSees(root, { ...host, load: () => host.load() as WhoSeesLocal | undefined }) as (state: object) => void)
    : (mountArtifacts(root, { ...host, load: () => host.load() as ArtifactsLocal | undefined }) as (state: object) => void);
window.harness.show(query.get('state') ?? Object.keys(states)[0] ?? '');

export type { ArtifactsState, WhoSeesState };
