import type pg from 'pg';
import type { InboundMessage, PartitionLag, ReadOptions, ReadPositions } from './port.js';
import { tableOf } from './postgres-log-state.js';

const BATCH = 500;
const COUNTED = 100_000;

export interface Partition {
  topic: string;
  partition: number;
}

export interface LogRow extends Partition {
  txid: string;
  seq: string;
  key: string;
  value: string;
}

export const toMessage = (row: LogRow): InboundMessage => ({
  topic: row.topic,
  partition: row.partition,
  position: `${row.txid}:${row.seq}`,
  key: row.key,
  value: row.value,
});

/** What a group has not taken of each partition, counted no further than is of use. */
export async function logLags(
  pool: pg.Pool,
  group: string,
  topics: readonly string[],
): Promise<PartitionLag[]> {
  const { rows } = await pool.query<PartitionLag>(
    `SELECT t.topic, n.partition, (
       SELECT count(*)::int FROM (
         SELECT 1 FROM ${tableOf(topics)} l
         WHERE l.topic = t.topic AND l.partition = n.partition
           AND (l.txid, l.seq) > (coalesce(p.txid, '0'), coalesce(p.seq, 0))
         LIMIT ${COUNTED}) AS behind) AS lag
     FROM log_topic t
     CROSS JOIN generate_series(0, t.partitions - 1) AS n (partition)
     LEFT JOIN log_position p
       ON p.consumer_group = $1 AND p.topic = t.topic AND p.partition = n.partition
     WHERE t.topic = ANY($2)
     ORDER BY t.topic COLLATE "C", n.partition`,
    [group, topics],
  );
  return rows;
}

/**
 * Reads partition by partition up to the oldest transaction that was open at the call: what is
 * beyond may still get company before it.
 */
export async function readLog(pool: pg.Pool, options: ReadOptions): Promise<ReadPositions> {
  const { rows: partitions } = await pool.query<Partition & { horizon: string }>(
    `SELECT topic, partition, pg_snapshot_xmin(pg_current_snapshot())::text AS horizon
     FROM log_topic, generate_series(0, partitions - 1) AS n (partition)
     WHERE topic = ANY($1) ORDER BY topic, partition`,
    [options.topics],
  );
  const ends = new Map<string, string>();
  for (const { topic, partition, horizon } of partitions) {
    const name = `${topic}/${partition}`;
    const table = tableOf([topic]);
    let position = options.from?.get(name) ?? '0:0';
    for (;;) {
      const [txid, seq] = position.split(':');
      const { rows } = await pool.query<LogRow>({
        name: `${table}-read`,
        // `l.` in ORDER BY: without it the texts of the answer would be sorted.
        text: `SELECT l.topic, l.partition, l.txid::text, l.seq::text, l.key, l.value
          FROM ${table} l
          WHERE l.topic = $1 AND l.partition = $2 AND (l.txid, l.seq) > ($3::xid8, $4::bigint)
            AND l.txid < $5::xid8
          ORDER BY l.txid, l.seq LIMIT ${BATCH}`,
        values: [topic, partition, txid, seq, horizon],
      });
      const last = rows.at(-1);
      if (!last) break;
      await options.onBatch(rows.map(toMessage));
      position = `${last.txid}:${last.seq}`;
    }
    ends.set(name, position);
  }
  return ends;
}
