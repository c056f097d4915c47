import type pg from 'pg';
import { isStateTopic } from '@yanxiu/contracts/contract';
import type { OutboundMessage } from './port.js';

/** Where the messages of these topics are; snapshots and events are not read together. */
export function tableOf(topics: readonly string[]): 'log' | 'log_state' {
  const states = topics.filter(isStateTopic);
  if (states.length === 0) return 'log';
  if (states.length === topics.length) return 'log_state';
  throw new Error(`read the topics ${states.join(', ')} by a subscription of their own`);
}

/**
 * Keeps the newest snapshot of each key: what is older than the one that is there changes nothing.
 * A newer one also moves to the log's end, where readers look for what they have not seen.
 */
export async function keepSnapshots(
  pool: pg.Pool,
  messages: readonly OutboundMessage[],
  partitionOf: (key: string) => number,
): Promise<void> {
  await pool.query({
    name: 'log-keep-snapshots',
    text: `WITH newest AS (
        SELECT DISTINCT ON (topic, key) m.*
        FROM (
          SELECT topic, partition, event_id, key, value,
            (value::jsonb ->> 'aggregateversion')::int AS version
          FROM unnest($1::text[], $2::int[], $3::text[], $4::text[], $5::text[])
            AS given (topic, partition, event_id, key, value)
        ) m ORDER BY topic, key, version DESC
      ), kept AS (
        INSERT INTO log_state AS s (topic, partition, event_id, key, version, value)
        SELECT topic, partition, event_id, key, version, value FROM newest
        ON CONFLICT (topic, key) DO UPDATE SET
          txid = DEFAULT, seq = DEFAULT, recorded_at = DEFAULT,
          event_id = excluded.event_id, version = excluded.version, value = excluded.value
        WHERE s.version < excluded.version
        RETURNING s.topic
      ) SELECT pg_notify('log', topic) FROM kept GROUP BY topic`,
    values: [
      messages.map((m) => m.topic),
      messages.map((m) => partitionOf(m.key)),
      messages.map((m) => m.id),
      messages.map((m) => m.key),
      messages.map((m) => m.value),
    ],
  });
}
