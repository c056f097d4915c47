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
  /** Writes an outbox row; the event exists if and only if the transaction commits. */
  emit<C extends Contract>(contract: C, key: string, data: DataOf<C>): Promise<void>;
  /** As {@link Tx.emit} for many events of one type, in their order, in two statements. */
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

export function createTx(manager: EntityManager, origin: TxOrigin): Tx {
  const emitAll: Tx['emitAll'] = async (contract, events) => {
    if (events.length === 0) return;
    for (const { data } of events) assertData(contract, data);
    const numbered = await takeVersions(manager, contract.topic, events);
    const envelopes = numbered.map((event) => envelopeOf(contract, origin, event));
    // NOTIFY only wakes the relay; Postgres sends one a transaction, however often it is asked.
    await manager.query(
      `WITH written AS (
         INSERT INTO outbox (event_id, topic, key, version, envelope)
         SELECT e.event_id, $1, e.key, e.version, e.envelope
         FROM unnest($2::uuid[], $3::text[], $4::int[], $5::jsonb[])
           WITH ORDINALITY AS e (event_id, key, version, envelope, place)
         ORDER BY e.place
         RETURNING 1
       ) SELECT pg_notify('outbox', '') FROM (SELECT 1 FROM written LIMIT 1) AS any_row`,
      [
        contract.topic,
        envelopes.map((envelope) => envelope.id),
        envelopes.map((envelope) => envelope.subject),
        envelopes.map((envelope) => envelope.aggregateversion),
        envelopes.map((envelope) => JSON.stringify(envelope)),
      ],
    );
    faultPoint('outbox.before-commit');
  };
  return {
    manager,
    now: origin.now,
    newId: origin.newId,
    emit: (contract, key, data) => emitAll(contract, [{ key, data }]),
    emitAll,
  };
}

function envelopeOf<C extends Contract>(
  contract: C,
  origin: TxOrigin,
  event: KeyedData<C> & { version: number },
): Envelope {
  return {
    specversion: '1.0',
    id: origin.newId(),
    source: `/yanxiu/${origin.service}`,
    type: contract.type,
    subject: event.key,
    time: origin.now.toISOString(),
    datacontenttype: 'application/json',
    aggregateversion: event.version,
    correlationid: origin.correlationId,
    ...(origin.causationId && { causationid: origin.causationId }),
    data: event.data,
  };
}

/**
 * Numbers the events of each key. The row locks taken here hold until commit, so numbers and
 * outbox order agree with commit order; keys are locked in their order, so that two transactions
 * with the same keys wait for one another instead of dying together.
 */
async function takeVersions<E extends { key: string }>(
  manager: EntityManager,
  topic: string,
  events: readonly E[],
): Promise<(E & { version: number })[]> {
  const counts = new Map<string, number>();
  for (const { key } of events) counts.set(key, (counts.get(key) ?? 0) + 1);
  const keys = [...counts.keys()].sort();
  const rows: { key: string; version: number }[] = await manager.query(
    `INSERT INTO outbox_version AS v (topic, key, version)
     SELECT $1, n.key, n.count
     FROM unnest($2::text[], $3::int[]) WITH ORDINALITY AS n (key, count, place) ORDER BY n.place
     ON CONFLICT (topic, key) DO UPDATE SET version = v.version + excluded.version
     RETURNING key, version`,
    [topic, keys, keys.map((key) => counts.get(key))],
  );
  const next = new Map(rows.map((row) => [row.key, row.version - (counts.get(row.key) ?? 0) + 1]));
  return events.map((event) => {
    const version = next.get(event.key);
    if (version === undefined) throw new Error('outbox_version returned no row');
    next.set(event.key, version + 1);
    return { ...event, version };
  });
}
