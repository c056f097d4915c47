import { retries } from '@yanxiu/messaging/metrics';
import { WakeUp } from '@yanxiu/messaging/wake-up';
import type { RunningService } from '@yanxiu/subgraph/service';
import { advance } from './job.js';

const IDLE_MS = 1_000;

/** Works off what publications make to be decided anew, beside the consumer, as long as it runs. */
export async function recomputeInBackground({
  db,
  environment,
  log,
}: RunningService): Promise<{ stop(): Promise<void> }> {
  retries.inc({ what: 'recomputation' }, 0);
  const wakeUp = new WakeUp();
  let stopping = false;
  const loop = (async () => {
    while (!stopping) {
      const step = await advance(db, environment).catch((error: unknown) => {
        retries.inc({ what: 'recomputation' });
        log.warn({ err: error }, 'recomputation failed, trying again');
        return 'WAITING';
      });
      if (step !== 'ADVANCED') await wakeUp.sleep(IDLE_MS);
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
