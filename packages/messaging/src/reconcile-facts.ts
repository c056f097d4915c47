import type pg from 'pg';
import { TAKEN_DAYS } from './taken.js';

const PAGE = 10_000;

/** A service's database as the reconciler reads it. */
export interface ServiceDatabase {
  /** Name of the service; also of its consumer. */
  service: string;
  client: pg.ClientBase;
}

/** An event as its publisher's outbox has it. */
export interface OutboxEvent {
  eventId: string;
  key: string;
  version: number;
  published: boolean;
  /** Recorded so long ago that consumers may have forgotten its id. */
  old: boolean;
}

/** What one consumer knows of a topic. */
export interface ConsumerFacts {
  /** Ids taken in the last days. */
  taken: Set<string>;
  /** Last number taken, by key. */
  marks: Map<string, number>;
  /** By `key/version`. */
  held: ReadonlySet<string>;
  parked: ReadonlySet<string>;
  discarded: ReadonlySet<string>;
}

export const placeOf = ({ key, version }: { key: string; version: number }): string =>
  `${key}/${version}`;

/** Rows of a query, page by page through a cursor: tables may be larger than memory. */
async function* pages<R>(client: pg.ClientBase, sql: string, values: unknown[]) {
  await client.query('BEGIN READ ONLY');
  try {
    await client.query(`DECLARE reconcile NO SCROLL CURSOR FOR ${sql}`, values);
    for (;;) {
      const { rows } = await client.query<R & object>(`FETCH ${PAGE} FROM reconcile`);
      if (rows.length === 0) break;
      yield rows as R[];
    }
  } finally {
    await client.query('ROLLBACK');
  }
}

/** Topics that a service publishes, and those that its consumer is subscribed to. */
export async function topicsOf({ service, client }: ServiceDatabase): Promise<{
  published: string[];
  subscribed: string[];
}> {
  const published = await client.query<{ topic: string }>(
    'SELECT DISTINCT topic FROM outbox_version',
  );
  const subscribed = await client.query<{ topic: string }>(
    'SELECT topic FROM inbox_topic WHERE consumer = $1',
    [service],
  );
  const names = ({ rows }: { rows: { topic: string }[] }) => rows.map(({ topic }) => topic);
  return { published: names(published), subscribed: names(subscribed) };
}

/** What a publisher has recorded of a topic, by event id. */
export async function outboxEvents(
  client: pg.ClientBase,
  topic: string,
  since: Date | null,
): Promise<Map<string, OutboxEvent>> {
  const events = new Map<string, OutboxEvent>();
  // An hour less than consumers keep ids: none is forgotten while they are compared.
  const sql = `SELECT event_id AS "eventId", key, version, published_at IS NOT NULL AS published,
      recorded_at < clock_timestamp() - interval '${TAKEN_DAYS} days' + interval '1 hour' AS old
    FROM outbox WHERE topic = $1 AND ($2::timestamptz IS NULL OR recorded_at >= $2)`;
  for await (const rows of pages<OutboxEvent>(client, sql, [topic, since])) {
    for (const row of rows) events.set(row.eventId, row);
  }
  return events;
}

/** Which of these events are in the outbox by now, or are marked as published there. */
export async function outboxHas(
  client: pg.ClientBase,
  eventIds: readonly string[],
  as: 'recorded' | 'published',
): Promise<string[]> {
  const { rows } = await client.query<{ id: string }>(
    `SELECT event_id AS id FROM outbox
     WHERE event_id = ANY($1::uuid[]) AND ($2 = 'recorded' OR published_at IS NOT NULL)`,
    [eventIds, as],
  );
  return rows.map(({ id }) => id);
}

/** The last number that a publisher gave on each of these keys. */
export async function lastVersions(
  client: pg.ClientBase,
  topic: string,
  keys: readonly string[],
): Promise<Map<string, number>> {
  const { rows } = await client.query<{ key: string; version: number }>(
    'SELECT key, version FROM outbox_version WHERE topic = $1 AND key = ANY($2)',
    [topic, keys],
  );
  return new Map(rows.map(({ key, version }) => [key, version]));
}

/**
 * What a consumer knows of a topic; `earlier` facts are brought up to date for some keys alone.
 * Marks are read before ids: what is taken meanwhile is then among the ids.
 */
export async function consumerFacts(
  { service, client }: ServiceDatabase,
  topic: string,
  earlier?: { facts: ConsumerFacts; keys: readonly string[] },
): Promise<ConsumerFacts> {
  const values = [service, topic, earlier?.keys ?? null];
  const where = 'consumer = $1 AND topic = $2 AND ($3::text[] IS NULL OR key = ANY($3))';
  const places = async (from: string): Promise<Set<string>> => {
    const { rows } = await client.query<{ key: string; version: number }>(
      `SELECT key, version FROM ${from} AND consumer = $1 AND topic = $2`,
      [service, topic],
    );
    return new Set(rows.map(placeOf));
  };
  const held = await places('inbox_held WHERE true');
  const parked = await places('dead_letter WHERE resolved_at IS NULL AND version IS NOT NULL');
  const discarded = await places(
    `dead_letter WHERE resolution = 'DISCARDED' AND version IS NOT NULL`,
  );
  const marks = earlier?.facts.marks ?? new Map<string, number>();
  const inbox = `SELECT key, version FROM inbox WHERE ${where}`;
  for await (const rows of pages<{ key: string; version: number }>(client, inbox, values)) {
    for (const { key, version } of rows) marks.set(key, version);
  }
  const taken = earlier?.facts.taken ?? new Set<string>();
  const ids = `SELECT event_id AS id FROM inbox_taken WHERE ${where}`;
  for await (const rows of pages<{ id: string }>(client, ids, values)) {
    for (const { id } of rows) taken.add(id);
  }
  return { taken, marks, held, parked, discarded };
}
