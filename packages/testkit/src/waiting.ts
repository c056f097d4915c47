import { setTimeout as delay } from 'node:timers/promises';

export interface WaitOptions {
  timeoutMs?: number;
  everyMs?: number;
  /** What was waited for, told when it does not come. */
  message?: string | (() => string);
}

/**
 * Asks again and again until the condition gives something truthy, and returns that. A condition
 * that throws counts as not yet; its last error is told when the time is up.
 */
export const until = async <T>(
  condition: () => T | Promise<T>,
  options: WaitOptions = {},
): Promise<Exclude<T, false | 0 | '' | null | undefined>> => {
  const { timeoutMs = 10_000, everyMs = 25, message = 'the condition' } = options;
  const limit = performance.now() + timeoutMs;
  let last: unknown;
  for (;;) {
    try {
      const value = await condition();
      if (value) return value as Exclude<T, false | 0 | '' | null | undefined>;
      last = undefined;
    } catch (error) {
      last = error;
    }
    if (performance.now() > limit) break;
    await delay(everyMs);
  }
  const what = typeof message === 'function' ? message() : message;
  throw new Error(`waited ${timeoutMs} ms in vain for ${what}`, { cause: last });
};
