import { retries } from '@yanxiu/messaging/metrics';
import { WakeUp } from '@yanxiu/messaging/wake-up';
import type { Logger } from './log.js';

/** Work that goes on beside a service until it is stopped. */
export interface Background {
  /** Resolves when the turn under way has ended. */
  stop(): Promise<void>;
}

/**
 * Does `work` again and again, the first time at once: without a pause while it answers true, since
 * there is more to do, else after `everyMs`. What fails is logged, counted and tried again.
 */
export function inBackground(
  { log }: { log: Logger },
  { what, everyMs, work }: { what: string; everyMs: number; work: () => Promise<boolean> },
): Background {
  const wakeUp = new WakeUp();
  let stopping = false;
  const turn = async (): Promise<boolean> => {
    try {
      return await work();
    } catch (error) {
      retries.inc({ what });
      log.warn({ err: error, what }, 'failed in the background, trying again');
      return false;
    }
  };
  const loop = (async () => {
    while (!stopping) {
      if (!(await turn())) await wakeUp.sleep(everyMs);
    }
  })();
  return {
    async stop() {
      stopping = true;
      wakeUp.wake();
      await loop;
    },
  };
}

/** Several as one. */
export const together = (...parts: readonly Background[]): Background => ({
  stop: async () => void (await Promise.all(parts.map((part) => part.stop()))),
});
