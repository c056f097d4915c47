import { inBackground, together, type Background } from '@yanxiu/subgraph/background';
import type { RunningService } from '@yanxiu/subgraph/service';
import { fold } from './fold.js';
import { openYears } from './walk.js';

const FOLD_MS = 1_000;
/** Between two looks for a year that has begun. */
const LOOK_MS = 60_000;

/** Folds what gathers, and opens the verdicts of a new year, as long as the service runs. */
export const keepRollup = (running: RunningService): Background => {
  const { db, environment } = running;
  return together(
    inBackground(running, {
      what: 'standings',
      everyMs: LOOK_MS,
      work: async () => {
        await openYears(db, environment);
        return false;
      },
    }),
    inBackground(running, {
      what: 'rollup',
      everyMs: FOLD_MS,
      work: async () => {
        await fold(db);
        return false;
      },
    }),
  );
};
