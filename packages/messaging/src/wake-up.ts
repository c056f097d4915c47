import { setTimeout as delay } from 'node:timers/promises';

/** A sleep that can be cut short; a call of `wake` before the sleep is not lost. */
export class WakeUp {
  #woken = false;
  #abort: AbortController | undefined;

  wake(): void {
    this.#woken = true;
    this.#abort?.abort();
  }

  /** Resolves when woken or when the time is over; true when woken. */
  async sleep(milliseconds: number): Promise<boolean> {
    if (!this.#woken) {
      this.#abort = new AbortController();
      await delay(milliseconds, undefined, { signal: this.#abort.signal }).catch(() => {});
    }
    const woken = this.#woken;
    this.#woken = false;
    return woken;
  }
}
