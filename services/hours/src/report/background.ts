import { inBackground, type Background } from '@yanxiu/subgraph/background';
import type { RunningService } from '@yanxiu/subgraph/service';
import { sealStep } from './seal.js';

/** Between two looks whether a day is over. */
const LOOK_MS = 60_000;

/** Keeps reports of days that are over, as long as the service runs. */
export const keepReports = (running: RunningService): Background =>
  inBackground(running, {
    what: 'reports',
    everyMs: LOOK_MS,
    work: async () => (await sealStep(running.db, running.environment)) === 'ADVANCED',
  });
