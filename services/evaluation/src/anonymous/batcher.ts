import { randomInt } from 'node:crypto';

interface Waiting<T, R> {
  item: T;
  resolve(result: R): void;
  reject(error: unknown): void;
}

export interface BatcherOptions {
  /** A batch is written when it has so many items … */
  size: number;
  /** … or when its first item has waited so long. */
  waitMs: number;
}

/**
 * Collects items and writes them in shuffled batches; an item is answered only when its batch is
 * written, so nothing that was acknowledged is lost when the process dies.
 */
export class Batcher<T, R> {
  #waiting: Waiting<T, R>[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly write: (batch: readonly T[]) => Promise<readonly R[]>,
    private readonly options: BatcherOptions,
  ) {}

  submit(item: T): Promise<R> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      if (this.#waiting.length >= this.options.size) void this.#flush();
      else this.#timer ??= setTimeout(() => void this.#flush(), this.options.waitMs);
    });
  }

  async #flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const batch = shuffled(this.#waiting);
    this.#waiting = [];
    try {
      const results = await this.write(batch.map(({ item }) => item));
      batch.forEach(({ resolve, reject }, index) => {
        const result = results[index];
        if (result === undefined) reject(new Error('no result for an item of the batch'));
        else resolve(result);
      });
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }
}

/** The items in a random order (Fisher and Yates). */
export function shuffled<T>(items: readonly T[]): T[] {
  const keyed = [...items];
  for (let last = keyed.length - 1; last > 0; last -= 1) {
    const other = randomInt(last + 1);
    const [a, b] = [keyed[last], keyed[other]];
    if (a !== undefined && b !== undefined) [keyed[last], keyed[other]] = [b, a];
  }
  return keyed;
}
