/** Brings the artifact view to life. */
import { artifacts } from './artifacts';
import { type ArtifactsEvent, type ArtifactsLocal, type ArtifactsState, LOCAL } from './artifactsState';
import { type Host, onPlaces } from './host';
import { morph } from './morph';

/** Shows states in `root` until the page goes; the answer takes the next state. */
export function mountArtifacts(
  root: HTMLElement,
  host: Host<ArtifactsEvent, ArtifactsLocal>,
): (state: ArtifactsState) => void {
  let state: ArtifactsState | undefined;
  let local: ArtifactsLocal = { ...LOCAL, ...host.load() };
  let turn: number | undefined;

  const draw = () => {
    if (state) morph(root, artifacts(state, local).text);
  };
  const keep = (change: Partial<ArtifactsLocal>) => {
    local = { ...local, ...change };
    host.save(local);
  };

  root.addEventListener('change', (event) => {
    const target = event.target as HTMLInputElement | HTMLSelectElement;
    if (target.id === 'path') host.post({ type: 'choose', path: target.value });
    if (target.id === 'wrap') {
      keep({ wrap: (target as HTMLInputElement).checked });
      draw();
    }
  });
  root.addEventListener('submit', (event) => event.preventDefault());
  root.addEventListener('click', (event) => {
    if ((event.target as Element).closest('#close')) host.post({ type: 'close' });
  });
  onPlaces(root, ({ uri, range }) => host.post({ type: 'open', uri, range }));

  host.post({ type: 'ready' });
  return (next) => {
    state = next;
    if (next.path !== local.path) keep({ path: next.path });
    draw();
    if (next.spot && next.spot.turn !== turn) {
      turn = next.spot.turn;
      root.querySelector('#text mark')?.scrollIntoView({ block: 'center' });
    }
  };
}
