import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { teacherRegistered } from '@yanxiu/contracts/personnel';
import type { Envelope } from '@yanxiu/contracts/envelope';
import { Consumer } from '@yanxiu/messaging/consumer';
import { environment } from '@yanxiu/messaging/testing/fixture';
import type { OutboundMessage } from '@yanxiu/messaging/port';
import { migrations } from '../../services/training/src/database.js';
import { handlers } from '../../services/training/src/teacher/consumers.js';
import { spread, table } from '../figures.js';
import { log, type Setting } from './setting.js';

export interface ConsumerOptions {
  rounds: number;
  /** Teachers told in a round. */
  events: number;
}

/** How fast training's copy of the teachers fills, by its own consumer. */
export async function consumer(setting: Setting, options: ConsumerOptions): Promise<string> {
  const rates: Record<'kafka' | 'postgres', number[]> = { kafka: [], postgres: [] };
  // The first round warms up and is not counted.
  for (let n = 0; n <= options.rounds; n += 1) {
    for (const kind of ['kafka', 'postgres'] as const) {
      const rate = await round(setting, kind, options.events);
      if (n > 0) rates[kind].push(rate);
    }
  }
  return table(
    [`${options.events} teachers into training's copy`, 'events/s'],
    [
      ['from Kafka', spread(rates.kafka, 0)],
      ['from the Postgres log', spread(rates.postgres, 0)],
    ],
  );
}

/** Events a second from the consumer's start until its copy holds every teacher. */
async function round(setting: Setting, kind: 'kafka' | 'postgres', count: number) {
  const { db, drop } = await setting.database('training', migrations);
  const transport = setting.transports[kind];
  const topic = `test.${randomUUID().slice(0, 8)}`;
  await db.query(
    `INSERT INTO org_unit (code, name, tier, path, valid_from)
     VALUES ('140403001', '学校', 'SCHOOL', '140403001', '2000-01-01')`,
  );
  await transport.ensureTopics([topic]);
  const publisher = await transport.publisher();
  const messages = Array.from({ length: count }, () => registered(topic));
  for (let from = 0; from < count; from += 1_000) {
    await publisher.publish(messages.slice(from, from + 1_000));
  }
  await publisher.close();
  const consumer = new Consumer({
    consumer: `bench-${topic}`,
    dataSource: db,
    handlers: handlers.map((handler) => ({
      ...handler,
      contract: { ...handler.contract, topic },
    })),
    environment,
    transport,
    log,
    onFatal: (error) => {
      throw error;
    },
  });
  await consumer.start();
  // A member of a group waits some seconds for its partitions: the clock starts with its effects.
  const seconds = await timed(async () => {
    const rows: { count: number }[] = await db.query(
      'SELECT count(*)::int AS count FROM teacher_copy',
    );
    return rows[0]?.count ?? 0;
  }, count);
  await consumer.stop();
  await drop();
  return seconds;
}

/** Events a second between the first look that finds some and the first that finds all. */
async function timed(look: () => Promise<number>, count: number): Promise<number> {
  let first: { at: number; there: number } | undefined;
  for (;;) {
    const there = await look();
    const at = performance.now();
    if (there > 0) first ??= { at, there };
    if (first && there >= count) return ((there - first.there) * 1_000) / (at - first.at);
    await delay(10);
  }
}

function registered(topic: string): OutboundMessage {
  const teacherId = randomUUID();
  const id = randomUUID();
  const envelope: Envelope = {
    specversion: '1.0',
    id,
    source: '/yanxiu/test',
    type: teacherRegistered.type,
    subject: teacherId,
    time: new Date().toISOString(),
    datacontenttype: 'application/json',
    aggregateversion: 1,
    correlationid: id,
    data: {
      teacherId,
      unitCode: '140403001',
      sector: 'BASIC',
      stage: 'PRIMARY',
      subject: '语文',
      ladder: 'BACKBONE',
      roles: [],
      hiredOn: '2015-09-01',
    },
  };
  return { topic, key: teacherId, id, value: JSON.stringify(envelope) };
}
