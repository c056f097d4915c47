import type { EntityManager } from 'typeorm';
import type { Envelope } from '@yanxiu/contracts/envelope';

/** A batch that cannot be taken as one: it is taken message by message. */
class OutOfTurn extends Error {}

/**
 * Moves the high-water marks of all keys of a batch and returns what had not been taken before.
 * Locks the rows in the order of their keys.
 */
export async function advanceAll(
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
  const taken = [...fresh];
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
     ), noted AS (
       INSERT INTO inbox_taken (consumer, topic, event_id, key, version)
       SELECT $1, $2, t.* FROM unnest($6::uuid[], $7::text[], $8::int[]) AS t
     ) SELECT count(*)::int AS count FROM moved`,
    [
      consumer,
      topic,
      moving.map(([key]) => key),
      moving.map(([key]) => before.get(key) ?? 0),
      moving.map(([, version]) => version),
      taken.map(({ id }) => id),
      taken.map(({ subject }) => subject),
      taken.map(({ aggregateversion }) => aggregateversion),
    ],
  );
  // A row that did not exist could not be locked; another process may have written it since.
  if (moved[0]?.count !== moving.length) throw new OutOfTurn();
  return fresh;
}

/** Moves the high-water mark to the event's number when it is its turn; whether it was. */
export async function advance(
  manager: EntityManager,
  consumer: string,
  topic: string,
  { id, subject: key, aggregateversion: version }: Envelope,
): Promise<boolean> {
  const rows: unknown[] = await manager.query(version === 1 ? FIRST : LATER, [
    consumer,
    topic,
    key,
    version,
    id,
  ]);
  return rows.length > 0;
}

const NOTED = `noted AS (
    INSERT INTO inbox_taken (consumer, topic, key, version, event_id)
    SELECT $1, $2, $3, $4, $5 FROM moved
  ) SELECT true AS moved FROM moved`;
const FIRST = `WITH moved AS (
    INSERT INTO inbox AS i (consumer, topic, key, version) VALUES ($1, $2, $3, $4)
    ON CONFLICT (consumer, topic, key) DO UPDATE SET version = $4 WHERE i.version = $4 - 1
    RETURNING 1
  ), ${NOTED}`;
const LATER = `WITH moved AS (
    UPDATE inbox SET version = $4
    WHERE consumer = $1 AND topic = $2 AND key = $3 AND version = $4 - 1 RETURNING 1
  ), ${NOTED}`;

/** The number of the last event taken; locks or makes the row. */
export async function lockHighWater(
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
