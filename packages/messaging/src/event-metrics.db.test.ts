import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { Registry } from 'prom-client';
import type { DataSource } from 'typeorm';
import { createTestDatabase, type TestDatabase } from '@yanxiu/testkit/database';
import { messageOf } from '@yanxiu/testkit/events';
import { measureEvents } from './event-metrics.js';
import { Inbox } from './inbox.js';
import type { PartitionLag } from './port.js';
import {
  commitEvent,
  dataOf,
  effectHandlers,
  environment,
  eventOn,
  openDatabase,
  silent,
} from './testing/fixture.js';
import { Effects1700000000001 } from './testing/schema.js';

let database: TestDatabase;
let db: DataSource;
let consumer: string;
let now: number;
let lags: () => Promise<PartitionLag[]>;
let registry: Registry;

beforeAll(async () => {
  database = await createTestDatabase({ service: 'metrics', migrations: [Effects1700000000001] });
  db = await openDatabase(database.appUrl);
});
afterAll(async () => {
  await db.destroy();
  await database.drop();
});
beforeEach(async () => {
  await db.query('DELETE FROM outbox');
  consumer = `test-${randomUUID().slice(0, 8)}`;
  now = 0;
  lags = async () => [];
  registry = measure(db);
});

function measure(dataSource: Pick<DataSource, 'query'>): Registry {
  const into = new Registry();
  measureEvents({
    ...{ consumer, topics: ['test.a', 'test.b'], log: silent, registry: into },
    // Only queries are asked of it.
    dataSource: dataSource as DataSource,
    transport: { partitionLags: () => lags() },
    clock: () => now,
  });
  return into;
}

const scrape = async (): Promise<Record<string, number>> => {
  const lines = (await registry.metrics()).split('\n').filter((line) => /^yanxiu/.test(line));
  return Object.fromEntries(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.split(' ').at(-1))]),
  );
};

describe('the metrics of events', () => {
  it('are 0 when nothing waits', async () => {
    expect(await scrape()).toEqual({
      yanxiu_outbox_pending: 0,
      yanxiu_outbox_oldest_seconds: 0,
      yanxiu_inbox_held: 0,
      yanxiu_inbox_held_oldest_seconds: 0,
      yanxiu_dead_letters: 0,
    });
  });

  it('tell how much waits and for how long', async () => {
    await commitEvent(db, 'test.a', 'k');
    await commitEvent(db, 'test.a', 'k');
    await db.query(`UPDATE outbox SET recorded_at = recorded_at - interval '90 s'`);
    const handlers = effectHandlers('test.a');
    const inbox = new Inbox({ consumer, dataSource: db, handlers, environment });
    const event = eventOn('test.a');
    await inbox.take(messageOf(event, 'gap', dataOf(), 2));
    await inbox.take(messageOf(event, 'bad', dataOf('throw'), 1));
    await db.query(`UPDATE inbox_held SET held_at = held_at - interval '700 s'`);
    lags = async () => [
      { topic: 'test.a', partition: 0, lag: 3 },
      { topic: 'test.a', partition: 1, lag: 4 },
      { topic: 'test.b', partition: 0, lag: 0 },
    ];
    const figures = await scrape();
    expect(figures).toMatchObject({
      yanxiu_outbox_pending: 2,
      yanxiu_inbox_held: 1,
      yanxiu_dead_letters: 1,
      'yanxiu_consumer_lag{topic="test.a"}': 7,
      'yanxiu_consumer_lag{topic="test.b"}': 0,
    });
    const { yanxiu_outbox_oldest_seconds: outbox, yanxiu_inbox_held_oldest_seconds: held } =
      figures;
    expect(Math.floor((outbox ?? 0) / 10)).toBe(9);
    expect(Math.floor((held ?? 0) / 10)).toBe(70);
  });

  it('are measured once for scrapes that come close together', async () => {
    let queries = 0;
    registry = measure({
      query: (...args) => {
        queries += 1;
        return db.query(...args);
      },
    });
    await Promise.all([scrape(), scrape(), scrape()]);
    now = 9_999;
    await scrape();
    expect(queries).toBe(1);
    now = 20_000;
    await scrape();
    expect(queries).toBe(2);
  });

  it('leave out what cannot be had, and have the rest', async () => {
    lags = () => Promise.reject(new Error('no broker'));
    expect(Object.keys(await scrape())).toHaveLength(5);
    registry = measure({ query: () => Promise.reject(new Error('no database')) });
    lags = async () => [{ topic: 'test.a', partition: 0, lag: 1 }];
    expect(await scrape()).toEqual({ 'yanxiu_consumer_lag{topic="test.a"}': 1 });
  });

  it('answer although a measurement hangs', async () => {
    lags = () => new Promise(() => {});
    expect(Object.keys(await scrape())).toHaveLength(5);
  });
});
