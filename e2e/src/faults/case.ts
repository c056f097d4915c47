import type { Random } from '@yanxiu/generator/random';
import { until } from '@yanxiu/testkit/waiting';
import type { Client } from './client.js';
import type { Load } from './load.js';
import type { Stage, TransportKind } from './stage.js';

/** One line of the matrix. */
export interface Case {
  /** As `--case` takes it. */
  id: string;
  fault: string;
  /** Where the fault exists. */
  transports: readonly TransportKind[];
  /** How many seeds the full run takes. */
  seeds: number;
  /** In `--short`. */
  short?: boolean;
  /** Needs a platform of its own, with these settings, that no other case sees afterwards. */
  own?: () => Promise<{ env: Record<string, string>; close(): Promise<void> }>;
  /** What this machine lacks for it, if anything. */
  missing?: () => string | undefined;
  /** Share of its faults that may be missed: of several at once, one can forestall another. */
  mayMiss?: number;
  /** Ruins the platform for good: only what the case itself finds counts. */
  ruins?: boolean;
  /** Injects the fault under load and returns when it is over. */
  run(trial: Trial): Promise<void>;
}

export const BOTH: readonly TransportKind[] = ['postgres', 'kafka'];

/** What a case works with while it runs. */
export class Trial {
  injected = 0;
  hit = 0;
  readonly notes: string[] = [];
  /** What the case itself found wrong. */
  readonly wrong: string[] = [];

  constructor(
    readonly stage: Stage,
    readonly client: Client,
    readonly load: Load,
    readonly random: Random,
    /** How long a fault may take to be hit. */
    readonly hitMs: number,
  ) {}

  /** Counts a fault as injected, and as hit when `proof`, seen from outside, holds in time. */
  async expectHit(proof: () => unknown, limitMs = this.hitMs): Promise<boolean> {
    this.injected += 1;
    try {
      await until(proof, { timeoutMs: limitMs, everyMs: 20, message: 'the fault to be hit' });
      this.hit += 1;
      return true;
    } catch (error) {
      this.notes.push(error instanceof Error ? error.message : String(error));
      return false;
    }
  }

  pick<T>(from: readonly T[]): T {
    return from[this.random.int(0, from.length - 1)] as T;
  }
}

export const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};
