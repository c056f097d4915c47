import type { DataSource } from 'typeorm';

/** Days for which the ids of taken events are kept; older ones are known by their mark alone. */
export const TAKEN_DAYS = 7;
const PRUNE_BATCH = 5_000;

/** Notes what a consumer is subscribed to, so that a reconciler knows what it must have taken. */
export async function noteSubscription(
  dataSource: DataSource,
  consumer: string,
  topics: readonly string[],
): Promise<void> {
  await dataSource.query(
    `WITH gone AS (
       DELETE FROM inbox_topic WHERE consumer = $1 AND NOT topic = ANY($2)
     )
     INSERT INTO inbox_topic (consumer, topic) SELECT $1, unnest($2::text[])
     ON CONFLICT DO NOTHING`,
    [consumer, topics],
  );
}

/** Forgets ids that were taken more than `days` days ago, a batch of them; how many. */
export async function pruneTaken(
  dataSource: DataSource,
  consumer: string,
  days: number,
): Promise<number> {
  const rows: { count: number }[] = await dataSource.query(
    `WITH pruned AS (
       DELETE FROM inbox_taken WHERE ctid = ANY(ARRAY(
         SELECT ctid FROM inbox_taken
         WHERE taken_at < clock_timestamp() - $2 * interval '1 day' AND consumer = $1
         LIMIT ${PRUNE_BATCH}))
       RETURNING 1
     ) SELECT count(*)::int AS count FROM pruned`,
    [consumer, days],
  );
  return rows[0]?.count ?? 0;
}
