import { randomUUID } from 'node:crypto';
import { Kafka } from 'kafkajs';
import pg from 'pg';
import type { System } from '@yanxiu/testkit/system';

/** Sends every event of a type some more times, as a relay does that died between send and mark. */
export async function republish(system: System, type: string, times: number): Promise<void> {
  const training = new pg.Client({ connectionString: await system.databaseUrl('training') });
  await training.connect();
  const { rows } = await training.query<{ topic: string; key: string; value: string }>(
    "SELECT topic, key, envelope::text AS value FROM outbox WHERE envelope->>'type' = $1",
    [type],
  );
  await training.end();
  if (rows.length === 0) throw new Error(`no ${type} to send again`);
  const again = Array.from({ length: times }, () => rows).flat();
  if (system.brokers) await toKafka(system.brokers, again);
  else await toLog(await system.databaseUrl('events'), again);
}

interface Row {
  topic: string;
  key: string;
  value: string;
}

async function toKafka(brokers: string, rows: readonly Row[]): Promise<void> {
  const producer = new Kafka({ brokers: brokers.split(','), clientId: 'again' }).producer();
  await producer.connect();
  for (const { topic, key, value } of rows) {
    await producer.send({ topic, messages: [{ key, value }] });
  }
  await producer.disconnect();
}

async function toLog(url: string, rows: readonly Row[]): Promise<void> {
  const events = new pg.Client({ connectionString: url });
  await events.connect();
  for (const { topic, key, value } of rows) {
    await events.query(
      `INSERT INTO log (topic, partition, event_id, key, value)
       SELECT topic, partition, $4, key, $3 FROM log WHERE topic = $1 AND key = $2 LIMIT 1`,
      [topic, key, value, randomUUID()],
    );
  }
  await events.end();
}
