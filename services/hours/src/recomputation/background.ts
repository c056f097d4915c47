import { inBackground, type Background } from '@yanxiu/subgraph/background';
import type { RunningService } from '@yanxiu/subgraph/service';
import { advance } from './job.js';

const IDLE_MS = 1_000;

/** Works off what publications make to be decided anew, beside the consumer, as long as it runs. */
export const recomputeInBackground = (running: RunningService): Background =>
  inBackground(running, {
    what: 'recomputation',
    everyMs: IDLE_MS,
    work: async () => (await advance(running.db, running.environment)) === 'ADVANCED',
  });
