import { randomUUID } from 'node:crypto';
import { Kafka, logLevel } from 'kafkajs';
import type { Stage } from './stage.js';

export interface Raw {
  topic: string;
  key: string;
  value: string;
}

/** Puts messages into topics past every relay, in the order given. */
export async function publishRaw(stage: Stage, messages: readonly Raw[]): Promise<void> {
  if (stage.transport === 'kafka') return toKafka(stage, messages);
  await stage.sql(
    'events',
    `WITH m AS (
       SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[])
         WITH ORDINALITY AS m (topic, key, value, event_id, place)
     ), appended AS (
       INSERT INTO log (topic, partition, event_id, key, value)
       SELECT topic, coalesce((SELECT l.partition FROM log l
         WHERE l.topic = m.topic AND l.key = m.key LIMIT 1), 0), event_id, key, value
       FROM m ORDER BY place RETURNING 1
     ) SELECT pg_notify('log', '') FROM (SELECT 1 FROM appended LIMIT 1) AS any_row`,
    [
      messages.map(({ topic }) => topic),
      messages.map(({ key }) => key),
      messages.map(({ value }) => value),
      messages.map(() => randomUUID()),
    ],
  );
}

async function toKafka(stage: Stage, messages: readonly Raw[]): Promise<void> {
  const producer = new Kafka({
    brokers: [`127.0.0.1:${stage.brokerWire?.port}`],
    clientId: 'outsider',
    logLevel: logLevel.NOTHING,
  }).producer();
  await producer.connect();
  try {
    for (let start = 0; start < messages.length; start += 200) {
      const byTopic = new Map<string, { key: string; value: string }[]>();
      for (const { topic, key, value } of messages.slice(start, start + 200)) {
        byTopic.set(topic, [...(byTopic.get(topic) ?? []), { key, value }]);
      }
      await producer.sendBatch({
        acks: -1,
        topicMessages: [...byTopic].map(([topic, list]) => ({ topic, messages: list })),
      });
    }
  } finally {
    await producer.disconnect();
  }
}
