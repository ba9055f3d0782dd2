/** Brings "Who sees what" to life: choices, open rows, keys. */
import { type Host, onPlaces } from './host';
import { morph } from './morph';
import { rowKey, whoSees } from './whoSees';
import { type Choice, LOCAL, type WhoSeesEvent, type WhoSeesLocal, type WhoSeesState } from './whoSeesState';

/** Shows states in `root` until the page goes; the answer takes the next state. */
export function mountWhoSees(root: HTMLElement, host: Host<WhoSeesEvent, WhoSeesLocal>): (state: WhoSeesState) => void {
  let state: WhoSeesState | undefined;
  let local: WhoSeesLocal = { ...LOCAL, ...host.load() };

  const draw = () => {
    if (state) morph(root, whoSees(state, local).text);
  };
  const keep = (change: Partial<WhoSeesLocal>) => {
    local = { ...local, ...change };
    host.save(local);
    draw();
  };
  // Only what was chosen now: the answer to the choice before may still be on its way.
  const choose = (choice: Choice) => host.post({ type: 'choose', choice });

  root.addEventListener('change', (event) => {
    const { id, value } = event.target as HTMLSelectElement;
    if (id === 'as' || id === 'action') choose({ [id]: value });
    else if (id === 'resource') choose({ resource: value });
    else if (id === 'data') choose({ data: state?.sample?.sources[Number(value)]?.data });
    else if (id === 'show') keep({ show: value as WhoSeesLocal['show'] });
  });
  root.addEventListener('submit', (event) => event.preventDefault());
  root.addEventListener('click', (event) => {
    const button = (event.target as Element).closest<HTMLElement>('button');
    if (!button) return;
    if (button.dataset['row'] !== undefined) toggle(Number(button.dataset['row']));
    else if (button.dataset['choose'] !== undefined) choose({ as: button.dataset['choose'] });
    else if (button.id === 'act') host.post({ type: 'actAs', as: button.dataset['as'] || null });
  });
  root.addEventListener('toggle', (event) => {
    const details = event.target as HTMLDetailsElement;
    if (details.id === 'everyone' && details.open !== local.everyone) keep({ everyone: details.open });
  }, true);
  root.addEventListener('keydown', (event) => {
    const button = (event.target as Element).closest<HTMLElement>('button.why');
    if (button) move(button, event);
  });
  onPlaces(root, ({ uri, range }) => host.post({ type: 'open', uri, range }));

  function toggle(at: number): void {
    const row = state?.sample?.rows[at];
    if (!row) return;
    const key = rowKey(row);
    keep({ open: local.open.includes(key) ? local.open.filter((other) => other !== key) : [...local.open, key] });
  }

  /** The arrows go from row to row, as in a list. */
  function move(button: HTMLElement, event: KeyboardEvent): void {
    const all = [...root.querySelectorAll<HTMLElement>('button.why')];
    const at = all.indexOf(button);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    all[Math.max(0, Math.min(all.length - 1, to))]?.focus();
  }

  host.post({ type: 'ready' });
  return (next) => {
    state = next;
    draw();
  };
}
