import { inBackground, type Background } from '@yanxiu/subgraph/background';
import type { RunningService } from '@yanxiu/subgraph/service';
import { advance } from './job.js';

const IDLE_MS = 1_000;

/** Goes through the units of simulations that are asked for, beside the consumer. */
export const simulateInBackground = (running: RunningService): Background =>
  inBackground(running, {
    what: 'simulation',
    everyMs: IDLE_MS,
    work: () => advance(running.db, running.environment),
  });
