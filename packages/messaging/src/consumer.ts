import type { Logger } from 'pino';
import { Inbox, type InboxOptions } from './inbox.js';
import { isTransient } from './handlers.js';
import { inboxTaken, retries } from './metrics.js';
import type { Subscription, Transport } from './port.js';
import { TAKEN_DAYS, noteSubscription, pruneTaken } from './taken.js';
import { WakeUp } from './wake-up.js';

const HELD_SWEEP_MS = 250;
const PRUNE_EVERY_MS = 600_000;

export interface ConsumerOptions extends InboxOptions {
  transport: Transport;
  log: Logger;
  /** Called when the transport gave up for good: exit, so that the supervisor starts anew. */
  onFatal(error: Error): void;
}

/** What a consumer still has before it. */
export interface ConsumerStatus {
  lag: number;
  held: number;
  deadLetters: number;
}

/** A service's one consumer: subscribes to the topics of its handlers and feeds its inbox. */
export class Consumer {
  readonly #options: ConsumerOptions;
  readonly inbox: Inbox;
  readonly #sweepWakeUp = new WakeUp();
  #subscription: Subscription | undefined;
  #sweeping: Promise<void> | undefined;
  #stopping = false;
  /** Whether something may be held; what another process holds is found by the clock. */
  #held = true;
  #pruneAt = 0;

  constructor(options: ConsumerOptions) {
    this.#options = options;
    this.inbox = new Inbox(options);
  }

  async start(): Promise<void> {
    const { consumer, dataSource, transport, onFatal, log } = this.#options;
    const topics = this.inbox.topics;
    await noteSubscription(dataSource, consumer, topics);
    if (topics.length === 0) return;
    this.#subscription = await transport.subscribe({
      group: consumer,
      topics,
      onFatal,
      onBatch: async (messages) => {
        const outcomes = await this.inbox.takeBatch(messages).catch((error: unknown) => {
          retries.inc({ what: 'batch' });
          throw error;
        });
        outcomes.forEach((outcome, index) => {
          inboxTaken.inc({ consumer, outcome });
          const message = messages[index];
          if (outcome === 'parked') {
            log.error({ topic: message?.topic, position: message?.position }, 'dead letter parked');
          }
        });
        if (outcomes.includes('held')) this.#held = true;
        // Whatever arrived may be what something held is waiting for.
        if (this.#held && outcomes.includes('applied')) this.#sweepWakeUp.wake();
      },
    });
    this.#sweeping = this.#sweep();
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    this.#sweepWakeUp.wake();
    await this.#subscription?.stop();
    await this.#sweeping;
  }

  async status(): Promise<ConsumerStatus> {
    const { consumer, dataSource, transport } = this.#options;
    const rows: { held: number; dead: number }[] = await dataSource.query(
      `SELECT (SELECT count(*)::int FROM inbox_held WHERE consumer = $1) AS held,
              (SELECT count(*)::int FROM dead_letter
               WHERE consumer = $1 AND resolved_at IS NULL) AS dead`,
      [consumer],
    );
    const topics = this.inbox.topics;
    const lag = topics.length > 0 ? await transport.lag(consumer, topics) : 0;
    return { lag, held: rows[0]?.held ?? 0, deadLetters: rows[0]?.dead ?? 0 };
  }

  async #sweep(): Promise<void> {
    while (!this.#stopping) {
      await this.#sweepWakeUp.sleep(HELD_SWEEP_MS);
      if (this.#stopping) return;
      try {
        this.#held = await this.inbox.anyHeld();
        while (this.#held && (await this.inbox.retryHeld()) > 0 && !this.#stopping);
        await this.#prune();
      } catch (error) {
        const level = isTransient(error) ? 'warn' : 'error';
        this.#options.log[level]({ err: error }, 'held events could not be tried');
      }
    }
  }

  async #prune(): Promise<void> {
    if (performance.now() < this.#pruneAt) return;
    const { consumer, dataSource } = this.#options;
    const pruned = await pruneTaken(dataSource, consumer, TAKEN_DAYS);
    if (pruned === 0) this.#pruneAt = performance.now() + PRUNE_EVERY_MS;
  }
}
