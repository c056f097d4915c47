import type { DataSource, EntityManager } from 'typeorm';
import {
  EnvelopeError,
  assertContract,
  parseEnvelope,
  type Envelope,
} from '@yanxiu/contracts/envelope';
import type { Environment } from './environment.js';
import { faultPoint } from './fault-point.js';
import { NotYetKnown, isTransient, type EventHandler } from './handlers.js';
import type { InboundMessage } from './port.js';
import { PendingOutbox } from './transaction.js';

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
    const handlers = new Map<string, EventHandler[]>();
    for (const handler of options.handlers) {
      const { type } = handler.contract;
      handlers.set(type, [...(handlers.get(type) ?? []), handler]);
    }
    this.#handlers = handlers;
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
    let applied = 0;
    for (const head of heads) {
      const outcome = await this.take(head);
      if (outcome !== 'held') await this.#unhold(head);
      if (outcome === 'applied' || outcome === 'ignored') applied += 1;
    }
    return applied;
  }

  /** The messages of one partition, when each is new and in its turn or has been taken before. */
  async #takeTogether(
    manager: EntityManager,
    messages: readonly InboundMessage[],
  ): Promise<Outcome[]> {
    const { consumer } = this.#options;
    const envelopes = messages.map(({ value }) => parseEnvelope(value));
    const fresh = await advanceAll(manager, consumer, messages[0]?.topic ?? '', envelopes);
    const outbox = new PendingOutbox();
    const done: Outcome[] = [];
    for (const envelope of envelopes) {
      done.push(fresh.has(envelope) ? await this.#apply(manager, outbox, envelope) : 'duplicate');
    }
    await outbox.write(manager);
    return done;
  }

  async #take(manager: EntityManager, message: Origin): Promise<Outcome> {
    const { consumer } = this.#options;
    const envelope = parseEnvelope(message.value);
    const key = envelope.subject;
    const version = envelope.aggregateversion;
    if (!(await advance(manager, consumer, message.topic, key, version))) {
      const seen = await lockHighWater(manager, consumer, message.topic, key);
      if (version <= seen) return 'duplicate';
      if (version > seen + 1) {
        await hold(manager, consumer, message, envelope, `gap: waits for ${seen + 1}`);
        return 'held';
      }
      await advance(manager, consumer, message.topic, key, version);
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
    const { consumer, environment } = this.#options;
    const tx = outbox.tx(manager, {
      service: consumer,
      now: environment.now(envelope.time),
      newId: environment.ids(`${consumer}:${envelope.id}`, envelope.time),
      correlationId: envelope.correlationid,
      causationId: envelope.id,
    });
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
        versionOf(message.value),
        message.value,
        fault,
        detail,
      ],
    );
    return 'parked';
  }
}

/** A batch that cannot be taken as one: it is taken message by message. */
class OutOfTurn extends Error {}

/**
 * Moves the high-water marks of all keys of a batch and returns what had not been taken before.
 * Locks the rows in the order of their keys.
 */
async function advanceAll(
  manager: EntityManager,
  consumer: string,
  topic: string,
  envelopes: readonly Envelope[],
): Promise<ReadonlySet<Envelope>> {
  const keys = [...new Set(envelopes.map(({ subject }) => subject))];
  const rows: { key: string; version: number }[] = await manager.query(
    `SELECT key, version FROM inbox WHERE consumer = $1 AND topic = $2 AND key = ANY($3)
     ORDER BY key FOR UPDATE`,
    [consumer, topic, keys],
  );
  const before = new Map(rows.map(({ key, version }) => [key, version]));
  const after = new Map<string, number>();
  const fresh = new Set<Envelope>();
  for (const envelope of envelopes) {
    const { subject: key, aggregateversion: version } = envelope;
    const seen = after.get(key) ?? before.get(key) ?? 0;
    if (version <= seen) continue;
    if (version > seen + 1) throw new OutOfTurn();
    after.set(key, version);
    fresh.add(envelope);
  }
  const moving = [...after].sort(([a], [b]) => (a < b ? -1 : 1));
  const moved: { count: number }[] = await manager.query(
    `WITH moved AS (
       INSERT INTO inbox AS i (consumer, topic, key, version)
       SELECT $1, $2, n.key, n.after
       FROM unnest($3::text[], $5::int[]) WITH ORDINALITY AS n (key, after, place)
       ORDER BY n.place
       ON CONFLICT (consumer, topic, key) DO UPDATE SET version = excluded.version
         WHERE i.version = ($4::int[])[array_position($3::text[], excluded.key)]
       RETURNING 1
     ) SELECT count(*)::int AS count FROM moved`,
    [
      consumer,
      topic,
      moving.map(([key]) => key),
      moving.map(([key]) => before.get(key) ?? 0),
      moving.map(([, version]) => version),
    ],
  );
  // A row that did not exist could not be locked; another process may have written it since.
  if (moved[0]?.count !== moving.length) throw new OutOfTurn();
  return fresh;
}

/** Moves the high-water mark to `version` when it is its turn; whether it was. Locks the row. */
async function advance(
  manager: EntityManager,
  consumer: string,
  topic: string,
  key: string,
  version: number,
): Promise<boolean> {
  const first = `INSERT INTO inbox AS i (consumer, topic, key, version) VALUES ($1, $2, $3, $4)
    ON CONFLICT (consumer, topic, key) DO UPDATE SET version = $4 WHERE i.version = $4 - 1
    RETURNING true AS moved`;
  const later = `WITH moved AS (
      UPDATE inbox SET version = $4
      WHERE consumer = $1 AND topic = $2 AND key = $3 AND version = $4 - 1 RETURNING true
    ) SELECT true AS moved FROM moved`;
  const rows: unknown[] = await manager.query(version === 1 ? first : later, [
    consumer,
    topic,
    key,
    version,
  ]);
  return rows.length > 0;
}

async function lockHighWater(
  manager: EntityManager,
  consumer: string,
  topic: string,
  key: string,
): Promise<number> {
  // DO UPDATE rather than DO NOTHING: one statement that creates or locks the row.
  const rows: { version: number }[] = await manager.query(
    `INSERT INTO inbox (consumer, topic, key, version) VALUES ($1, $2, $3, 0)
     ON CONFLICT (consumer, topic, key) DO UPDATE SET version = inbox.version
     RETURNING version`,
    [consumer, topic, key],
  );
  return rows[0]?.version ?? 0;
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
