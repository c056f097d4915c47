import type { EntityManager } from 'typeorm';
import { assertData, type Envelope } from '@yanxiu/contracts/envelope';
import type { Contract, DataOf } from '@yanxiu/contracts/contract';
import { faultPoint } from './fault-point.js';

/** What a command or a consumer works with inside its one database transaction. */
export interface Tx {
  readonly manager: EntityManager;
  /** Domain time of this transaction. */
  readonly now: Date;
  newId(): string;
  /** Notes an event for the outbox; it exists if and only if the transaction commits. */
  emit<C extends Contract>(contract: C, key: string, data: DataOf<C>): Promise<void>;
  /** As {@link Tx.emit} for many events of one type, in their order. */
  emitAll<C extends Contract>(contract: C, events: readonly KeyedData<C>[]): Promise<void>;
}

/** What one event of a contract says, and of which aggregate. */
export interface KeyedData<C extends Contract> {
  key: string;
  data: DataOf<C>;
}

export interface TxOrigin {
  /** Name of the service, for `source`. */
  service: string;
  now: Date;
  newId: () => string;
  correlationId: string;
  causationId?: string;
}

/** Runs `work` inside the caller's transaction and then writes the events that it has emitted. */
export async function withTx<R>(
  manager: EntityManager,
  origin: TxOrigin,
  work: (tx: Tx) => Promise<R>,
): Promise<R> {
  const outbox = new PendingOutbox();
  const result = await work(outbox.tx(manager, origin));
  await outbox.write(manager);
  return result;
}

/**
 * The events of one transaction, written by one statement as the last thing before it commits:
 * their keys are then locked for the shortest time.
 */
export class PendingOutbox {
  readonly #events: { topic: string; envelope: Omit<Envelope, 'aggregateversion'> }[] = [];

  tx(manager: EntityManager, origin: TxOrigin): Tx {
    const emitAll: Tx['emitAll'] = async (contract, events) => {
      for (const { data } of events) assertData(contract, data);
      for (const event of events) {
        this.#events.push({ topic: contract.topic, envelope: envelopeOf(contract, origin, event) });
      }
    };
    return {
      manager,
      now: origin.now,
      newId: origin.newId,
      emit: (contract, key, data) => emitAll(contract, [{ key, data }]),
      emitAll,
    };
  }

  async write(manager: EntityManager): Promise<void> {
    if (this.#events.length === 0) return;
    await manager.query(WRITE, [
      this.#events.map(({ envelope }) => envelope.id),
      this.#events.map(({ topic }) => topic),
      this.#events.map(({ envelope }) => envelope.subject),
      this.#events.map(({ envelope }) => JSON.stringify(envelope)),
    ]);
    this.#events.length = 0;
    faultPoint('outbox.before-commit');
  }
}

/**
 * Numbers the events of each key and writes them in their order. The row locks of
 * `outbox_version` hold until commit, so numbers and outbox order agree with commit order; keys
 * are locked in their order, so that two transactions with the same keys wait for one another
 * instead of dying together. NOTIFY only wakes the relay.
 */
const WRITE = `
  WITH event AS (
    SELECT e.*, row_number() OVER (PARTITION BY topic, key ORDER BY place)::int AS nth
    FROM unnest($1::uuid[], $2::text[], $3::text[], $4::jsonb[])
      WITH ORDINALITY AS e (event_id, topic, key, envelope, place)
  ), counted AS MATERIALIZED (
    SELECT topic, key, max(nth) AS count FROM event GROUP BY topic, key
  ), numbered AS (
    INSERT INTO outbox_version AS v (topic, key, version)
    SELECT topic, key, count FROM counted ORDER BY topic, key
    ON CONFLICT (topic, key) DO UPDATE SET version = v.version + excluded.version
    RETURNING topic, key, version
  ), written AS (
    INSERT INTO outbox (event_id, topic, key, version, envelope)
    SELECT event_id, topic, key, n.version - c.count + nth,
      envelope || jsonb_build_object('aggregateversion', n.version - c.count + nth)
    FROM event JOIN counted c USING (topic, key) JOIN numbered n USING (topic, key)
    ORDER BY place
    RETURNING 1
  ) SELECT pg_notify('outbox', '') FROM (SELECT 1 FROM written LIMIT 1) AS any_row`;

function envelopeOf<C extends Contract>(
  contract: C,
  origin: TxOrigin,
  event: KeyedData<C>,
): Omit<Envelope, 'aggregateversion'> {
  return {
    specversion: '1.0',
    id: origin.newId(),
    source: `/yanxiu/${origin.service}`,
    type: contract.type,
    subject: event.key,
    time: origin.now.toISOString(),
    datacontenttype: 'application/json',
    correlationid: origin.correlationId,
    ...(origin.causationId && { causationid: origin.causationId }),
    data: event.data,
  };
}
