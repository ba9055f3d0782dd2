/** Whether a server that ended is started again: not without end, and not one that never spoke. */

/** So many times within the time below. */
const MOST = 5;
const WITHIN = 3 * 60_000;

export class Restarts {
  readonly #ends: number[] = [];
  #ran = false;

  /** The server answered. */
  ran(): void {
    this.#ran = true;
  }

  /** The server ended, now, in milliseconds; the answer says whether to start it again. */
  again(now: number): boolean {
    if (!this.#ran) return false;
    this.#ran = false;
    this.#ends.push(now);
    while ((this.#ends[0] ?? now) < now - WITHIN) this.#ends.shift();
    return this.#ends.length < MOST;
  }
}
