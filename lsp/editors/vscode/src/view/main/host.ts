/** VS Code as the host of a page. */
import type { Host } from '../host';

declare function acquireVsCodeApi(): {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
};

/** Joins a page and the extension. */
export function connect<State, Event, Local>(
  mount: (root: HTMLElement, host: Host<Event, Local>) => (state: State) => void,
): void {
  const api = acquireVsCodeApi();
  const root = document.getElementById('root');
  if (!root) return;
  let show: ((state: State) => void) | undefined;
  window.addEventListener('message', (event: MessageEvent<State>) => show?.(event.data));
  show = mount(root, {
    post: (event) => api.postMessage(event),
    load: () => api.getState() as Local | undefined,
    save: (local) => api.setState(local),
  });
}
