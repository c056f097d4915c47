import { setTimeout as delay } from 'node:timers/promises';
import type { RunningService } from '@yanxiu/subgraph/service';
import { fold } from './fold.js';
import { openYears } from './walk.js';

const FOLD_MS = 1_000;
/** Folds between two looks for a year that has begun. */
const FOLDS_A_LOOK = 60;

/** Folds what gathers, and opens the verdicts of a new year, as long as the service runs. */
export async function keepRollup({
  db,
  environment,
  log,
}: RunningService): Promise<{ stop(): Promise<void> }> {
  const abort = new AbortController();
  const attempt = (what: string, work: () => Promise<number>) =>
    work().catch((error: unknown) => log.warn({ err: error }, `could not ${what}`));
  const loop = (async () => {
    for (let turn = 0; !abort.signal.aborted; turn += 1) {
      if (turn % FOLDS_A_LOOK === 0) {
        await attempt('open the verdicts of the year', () => openYears(db, environment));
      }
      await attempt('fold counts of verdicts', () => fold(db));
      await delay(FOLD_MS, undefined, { signal: abort.signal }).catch(() => {});
    }
  })();
  return {
    async stop() {
      abort.abort();
      await loop;
    },
  };
}
