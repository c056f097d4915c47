import type pg from 'pg';

/**
 * Days for which published rows stay in the outbox, for the reconciler; the log keeps every event
 * for ever.
 */
export const OUTBOX_DAYS = 30;
const PRUNE_BATCH = 5_000;

/** Deletes rows that were published more than `days` days ago, a batch of them; how many. */
export async function pruneOutbox(client: pg.Client, days: number): Promise<number> {
  const { rows } = await client.query<{ count: number }>(
    // Only the oldest are looked at: where none is old enough, that must not read the table.
    `WITH oldest AS (
       SELECT seq, published_at FROM outbox ORDER BY seq LIMIT ${PRUNE_BATCH}
     ), pruned AS (
       DELETE FROM outbox WHERE seq IN (
         SELECT seq FROM oldest WHERE published_at < clock_timestamp() - $1 * interval '1 day')
       RETURNING 1
     ) SELECT count(*)::int AS count FROM pruned`,
    [days],
  );
  return rows[0]?.count ?? 0;
}
