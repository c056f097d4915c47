import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { DataSource } from 'typeorm';
import { CompressionTypes } from 'kafkajs';
import { Relay } from '@yanxiu/messaging/relay';
import { commitEvent, dataOf, eventOn } from '@yanxiu/messaging/testing/fixture';
import { Effects1700000000001 } from '@yanxiu/messaging/testing/schema';
import { spread, table } from '../figures.js';
import { ask, log, type Setting } from './setting.js';

export interface RelayOptions {
  rounds: number;
  /** Rows of a full outbox. */
  rows: number;
  /** Commits a second by writers at work beside. */
  writesPerSecond: number;
}

type Kind = 'kafka' | 'postgres';

/** As the relay's own batches. */
const BATCH = 500;
/** What the writers beside write to; nobody counts it. */
const BESIDE = 'bench.beside';

/** How fast a full outbox empties, beside raw kafkajs batches of the same payload. */
export async function relay(setting: Setting, options: RelayOptions): Promise<string> {
  const { db, appUrl } = await setting.database('outbox', [Effects1700000000001]);
  const topic = `test.${randomUUID().slice(0, 8)}`;
  for (const transport of Object.values(setting.transports))
    await transport.ensureTopics([topic, BESIDE]);
  const { rows } = options;
  const contestants: [string, Kind, () => Promise<number>][] = [
    ['raw kafkajs, batches of 500', 'kafka', () => sendRaw(setting, topic, rows)],
    ['relay to Kafka', 'kafka', () => drain(setting, 'kafka', db, appUrl, topic, rows)],
    [
      'relay to the Postgres log',
      'postgres',
      () => drain(setting, 'postgres', db, appUrl, topic, rows),
    ],
  ];
  const perSecond = new Map<string, number[]>(contestants.map(([name]) => [name, []]));
  // The first round warms up and is not counted.
  for (let n = 0; n <= options.rounds; n += 1) {
    for (const [name, kind, run] of contestants) {
      const writing = startWriters(db, options.writesPerSecond);
      const before = await held(setting, kind, topic);
      const seconds = await run();
      await writing.stop();
      const arrived = (await held(setting, kind, topic)) - before;
      if (arrived !== rows) throw new Error(`${name}: ${arrived} of ${rows} are in the topic`);
      if (n > 0) perSecond.get(name)?.push(rows / seconds);
    }
  }
  const raw = perSecond.get('raw kafkajs, batches of 500') ?? [];
  return table(
    [`${rows} events, ${options.writesPerSecond} writes/s beside`, 'events/s', '÷ raw'],
    contestants.map(([name]) => {
      const own = perSecond.get(name) ?? [];
      return [name, spread(own, 0), spread(own.map((value, n) => value / (raw[n] ?? Number.NaN)))];
    }),
  );
}

/** How many messages the topic holds, asked without anything of ours. */
async function held({ raw, logOwnerUrl }: Setting, kind: Kind, topic: string): Promise<number> {
  if (kind === 'postgres') {
    const [row] = await ask<{ count: number }>(
      logOwnerUrl,
      'SELECT count(*)::int AS count FROM log WHERE topic = $1',
      [topic],
    );
    return row?.count ?? 0;
  }
  const admin = raw.admin();
  await admin.connect();
  const partitions = await admin.fetchTopicOffsets(topic);
  await admin.disconnect();
  return partitions.reduce((sum, { offset }) => sum + Number(offset), 0);
}

/** Commits at a steady rate. */
function startWriters(db: DataSource, perSecond: number): { stop(): Promise<void> } {
  let stopping = false;
  const write = async () => {
    const begun = performance.now();
    for (let n = 0; !stopping && perSecond > 0; n += 1) {
      const wait = begun + (n * 1_000) / perSecond - performance.now();
      if (wait > 0) await delay(wait);
      await commitEvent(db, BESIDE, randomUUID());
    }
  };
  const writing = write();
  return {
    stop: async () => {
      stopping = true;
      await writing;
      await db.query('DELETE FROM outbox');
    },
  };
}

const envelope = (topic: string) => ({
  specversion: '1.0',
  source: '/yanxiu/test',
  type: eventOn(topic).type,
  time: new Date().toISOString(),
  datacontenttype: 'application/json',
  correlationid: randomUUID(),
  aggregateversion: 1,
  data: dataOf(),
});

/** Seconds for the same number of messages of the same size, batch after batch. */
async function sendRaw({ raw }: Setting, topic: string, rows: number): Promise<number> {
  const producer = raw.producer({ allowAutoTopicCreation: false, maxInFlightRequests: 1 });
  await producer.connect();
  const like = envelope(topic);
  const messages = Array.from({ length: rows }, () => {
    const key = randomUUID();
    const id = randomUUID();
    return { key, value: JSON.stringify({ ...like, id, subject: key }), headers: { id } };
  });
  const begun = performance.now();
  for (let from = 0; from < rows; from += BATCH) {
    const batch = messages.slice(from, from + BATCH);
    const compression = CompressionTypes.None;
    await producer.send({ topic, acks: -1, compression, messages: batch });
  }
  const seconds = (performance.now() - begun) / 1_000;
  await producer.disconnect();
  return seconds;
}

/** Seconds from the relay's start until the last row of the full outbox is marked. */
async function drain(
  setting: Setting,
  kind: 'kafka' | 'postgres',
  db: DataSource,
  databaseUrl: string,
  topic: string,
  rows: number,
): Promise<number> {
  await db.query(
    `INSERT INTO outbox (event_id, topic, key, version, envelope)
     SELECT id, $1, key, 1, $2::jsonb || jsonb_build_object('id', id, 'subject', key)
     FROM (SELECT gen_random_uuid() AS id, gen_random_uuid()::text AS key
           FROM generate_series(1, $3::int)) AS n`,
    [topic, JSON.stringify(envelope(topic)), rows],
  );
  const last: { seq: string }[] = await db.query('SELECT max(seq) AS seq FROM outbox');
  const relay = new Relay({ databaseUrl, transport: setting.transports[kind], log });
  const begun = performance.now();
  relay.start();
  for (;;) {
    const pending: unknown[] = await db.query(
      'SELECT 1 FROM outbox WHERE published_at IS NULL AND seq <= $1 LIMIT 1',
      [last[0]?.seq],
    );
    if (pending.length === 0) break;
    await delay(20);
  }
  const seconds = (performance.now() - begun) / 1_000;
  await relay.stop();
  return seconds;
}
