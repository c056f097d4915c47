import type { DataSource, EntityManager } from 'typeorm';
import {
  EnvelopeError,
  assertContract,
  parseEnvelope,
  type Envelope,
} from '@yanxiu/contracts/envelope';
import type { Environment } from './environment.js';
import { faultPoint } from './fault-point.js';
import { groupBy } from '@yanxiu/contracts/group-by';
import { NotYetKnown, isTransient, type EventHandler } from './handlers.js';
import { advance, advanceAll, lockHighWater } from './high-water.js';
import { retries } from './metrics.js';
import { assertOrigin } from './origin.js';
import type { InboundMessage } from './port.js';
import { PendingOutbox, type Tx } from './transaction.js';

/** What became of a message. */
export type Outcome = 'applied' | 'ignored' | 'duplicate' | 'held' | 'parked';

export interface InboxOptions {
  /** Name of the service; also the consumer group. */
  consumer: string;
  dataSource: DataSource;
  handlers: readonly EventHandler[];
  environment: Environment;
}

/** Where a message came from, as a dead letter keeps it. */
type Origin = Pick<InboundMessage, 'topic' | 'partition' | 'position' | 'key' | 'value'>;

/**
 * Takes messages and acts once on each: per consumer, topic and key it keeps the number of the
 * last event acted on, in the transaction of the effect. What comes after a gap is held aside;
 * what can never work is parked as a dead letter, and its successors wait behind it.
 */
export class Inbox {
  readonly #options: InboxOptions;
  readonly #handlers: ReadonlyMap<string, readonly EventHandler[]>;

  constructor(options: InboxOptions) {
    this.#options = options;
    this.#handlers = groupBy(options.handlers, ({ contract }) => contract.type);
  }

  get topics(): string[] {
    return [...new Set(this.#options.handlers.map((handler) => handler.contract.topic))];
  }

  /** All of a batch in one transaction when all goes well, one by one when something does not. */
  async takeBatch(messages: readonly InboundMessage[]): Promise<Outcome[]> {
    faultPoint('inbox.before-transaction');
    if (messages.length > 1) {
      try {
        const outcomes = await this.#options.dataSource.transaction(async (manager) => {
          const done = await this.#takeTogether(manager, messages);
          faultPoint('inbox.before-commit');
          return done;
        });
        faultPoint('inbox.after-commit');
        return outcomes;
      } catch (error) {
        if (isTransient(error)) throw error;
      }
    }
    const outcomes: Outcome[] = [];
    for (const message of messages) outcomes.push(await this.take(message));
    return outcomes;
  }

  /** Takes one message; rejects only for a fault that passes by itself. */
  async take(message: Origin): Promise<Outcome> {
    try {
      const outcome = await this.#options.dataSource.transaction(async (manager) => {
        const taken = await this.#take(manager, message);
        faultPoint('inbox.before-commit');
        return taken;
      });
      faultPoint('inbox.after-commit');
      return outcome;
    } catch (error) {
      if (isTransient(error)) throw error;
      if (error instanceof NotYetKnown) return this.#hold(message, error.message);
      return this.#park(message, error);
    }
  }

  /** Takes one message within the caller's transaction, which any fault must end. */
  takeWithin(manager: EntityManager, message: Origin): Promise<Outcome> {
    return this.#take(manager, message);
  }

  /** Tries again what is held and whose turn it is; how many were applied. */
  async retryHeld(limit = 100): Promise<number> {
    const { consumer, dataSource } = this.#options;
    const heads: Origin[] = await dataSource.query(
      `SELECT h.topic, -1 AS partition, h.topic || '/' || h.key || '/' || h.version AS position,
              h.key, h.value
       FROM inbox_held h
       LEFT JOIN inbox i USING (consumer, topic, key)
       WHERE h.consumer = $1 AND h.version <= coalesce(i.version, 0) + 1
         AND h.next_try_at <= clock_timestamp()
       ORDER BY h.next_try_at LIMIT $2`,
      [consumer, limit],
    );
    retries.inc({ what: 'held' }, heads.length);
    let applied = 0;
    for (const head of heads) {
      const outcome = await this.take(head);
      if (outcome !== 'held') await this.#unhold(head);
      if (outcome === 'applied' || outcome === 'ignored') applied += 1;
    }
    return applied;
  }

  /** Whether anything is held, due or not. */
  async anyHeld(): Promise<boolean> {
    const { consumer, dataSource } = this.#options;
    const rows: unknown[] = await dataSource.query(
      'SELECT FROM inbox_held WHERE consumer = $1 LIMIT 1',
      [consumer],
    );
    return rows.length > 0;
  }

  /** The messages of one topic, when each is new and in its turn or has been taken before. */
  async #takeTogether(
    manager: EntityManager,
    messages: readonly InboundMessage[],
  ): Promise<Outcome[]> {
    const { consumer } = this.#options;
    const envelopes = messages.map((message) => this.#read(message));
    const fresh = await advanceAll(manager, consumer, messages[0]?.topic ?? '', envelopes);
    const outbox = new PendingOutbox();
    for (const run of runsOfType(envelopes.filter((envelope) => fresh.has(envelope)))) {
      await this.#applyRun(manager, outbox, run);
    }
    await outbox.write(manager);
    return envelopes.map((envelope) => {
      if (!fresh.has(envelope)) return 'duplicate';
      return this.#handlers.has(envelope.type) ? 'applied' : 'ignored';
    });
  }

  /** Events of one type in a row: by one call where the handlers can take them together. */
  async #applyRun(
    manager: EntityManager,
    outbox: PendingOutbox,
    run: readonly Envelope[],
  ): Promise<void> {
    const handlers = this.#handlers.get(run[0]?.type ?? '') ?? [];
    if (run.length === 1 || !handlers.every((handler) => handler.handleAll)) {
      for (const envelope of run) await this.#apply(manager, outbox, envelope);
      return;
    }
    for (const envelope of run) assertContract(envelope);
    const taken = run.map((event) => ({ event, tx: this.#tx(manager, outbox, event) }));
    for (const handler of handlers) await handler.handleAll?.(taken, manager);
  }

  #tx(manager: EntityManager, outbox: PendingOutbox, { id, time, correlationid }: Envelope): Tx {
    const { consumer, environment } = this.#options;
    return outbox.tx(manager, {
      service: consumer,
      now: environment.now(time),
      newId: environment.ids(`${consumer}:${id}`, time),
      correlationId: correlationid,
      causationId: id,
    });
  }

  /** The event in a message, of its topic's owner. */
  #read({ topic, value }: Pick<InboundMessage, 'topic' | 'value'>): Envelope {
    const envelope = parseEnvelope(value);
    assertOrigin(topic, envelope, this.#handlers.get(envelope.type)?.[0]?.contract);
    return envelope;
  }

  async #take(manager: EntityManager, message: Origin): Promise<Outcome> {
    const { consumer } = this.#options;
    const envelope = this.#read(message);
    const key = envelope.subject;
    const version = envelope.aggregateversion;
    if (!(await advance(manager, consumer, message.topic, envelope))) {
      const seen = await lockHighWater(manager, consumer, message.topic, key);
      if (version <= seen) return 'duplicate';
      if (version > seen + 1) {
        await hold(manager, consumer, message, envelope, `gap: waits for ${seen + 1}`);
        return 'held';
      }
      await advance(manager, consumer, message.topic, envelope);
    }
    const outbox = new PendingOutbox();
    const outcome = await this.#apply(manager, outbox, envelope);
    await outbox.write(manager);
    return outcome;
  }

  async #apply(
    manager: EntityManager,
    outbox: PendingOutbox,
    envelope: Envelope,
  ): Promise<Outcome> {
    const handlers = this.#handlers.get(envelope.type);
    if (!handlers) return 'ignored';
    assertContract(envelope);
    const tx = this.#tx(manager, outbox, envelope);
    // In the order of the service's slices, when several slices act on one type.
    for (const handler of handlers) await handler.handle(envelope, tx);
    return 'applied';
  }

  async #hold(message: Origin, reason: string): Promise<Outcome> {
    const envelope = parseEnvelope(message.value);
    await hold(this.#options.dataSource.manager, this.#options.consumer, message, envelope, reason);
    return 'held';
  }

  async #unhold(message: Origin): Promise<void> {
    const envelope = parseEnvelope(message.value);
    await this.#options.dataSource.query(
      'DELETE FROM inbox_held WHERE consumer = $1 AND topic = $2 AND key = $3 AND version = $4',
      [this.#options.consumer, message.topic, envelope.subject, envelope.aggregateversion],
    );
  }

  async #park(message: Origin, error: unknown): Promise<Outcome> {
    faultPoint('inbox.before-park');
    const fault = error instanceof EnvelopeError ? error.fault : 'HANDLER_FAILED';
    const detail = error instanceof Error ? error.message : String(error);
    await this.#options.dataSource.query(
      `INSERT INTO dead_letter
         (consumer, topic, partition, position, key, version, value, fault, detail)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
       ON CONFLICT (consumer, topic, partition, position) DO NOTHING`,
      [
        this.#options.consumer,
        message.topic,
        message.partition,
        message.position,
        message.key,
        // The number is the owner's to give: another's leaves no trace among them.
        fault === 'WRONG_ORIGIN' ? null : versionOf(message.value),
        message.value,
        fault,
        detail,
      ],
    );
    return 'parked';
  }
}

/** The same events in the same order, neighbours of one type together. */
function runsOfType(envelopes: readonly Envelope[]): Envelope[][] {
  const runs: Envelope[][] = [];
  for (const envelope of envelopes) {
    const last = runs.at(-1);
    if (last?.[0]?.type === envelope.type) last.push(envelope);
    else runs.push([envelope]);
  }
  return runs;
}

async function hold(
  manager: EntityManager,
  consumer: string,
  message: Origin,
  envelope: Envelope,
  reason: string,
): Promise<void> {
  await manager.query(
    `INSERT INTO inbox_held (consumer, topic, key, version, value, reason)
     VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT (consumer, topic, key, version) DO UPDATE
       SET attempts = inbox_held.attempts + 1, reason = excluded.reason,
           next_try_at = clock_timestamp()
             + least(30, 0.25 * power(2, least(inbox_held.attempts, 10))) * interval '1 second'`,
    [consumer, message.topic, envelope.subject, envelope.aggregateversion, message.value, reason],
  );
}

function versionOf(value: string): number | null {
  try {
    return parseEnvelope(value).aggregateversion;
  } catch {
    return null;
  }
}
