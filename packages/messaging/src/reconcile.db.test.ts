import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import type { DataSource } from 'typeorm';
import { createTestDatabase, type TestDatabase } from '@yanxiu/testkit/database';
import { messageOf } from '@yanxiu/testkit/events';
import { until } from '@yanxiu/testkit/waiting';
import { Consumer } from './consumer.js';
import { PostgresLog } from './postgres-log.js';
import { everything, migratePostgresLog } from './postgres-log-access.js';
import { reconcile, type Reconciliation } from './reconcile.js';
import { Relay } from './relay.js';
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

let events: TestDatabase;
let database: TestDatabase;
let db: DataSource;
let client: pg.Client;
let transport: PostgresLog;
let topic: string;
let relay: Relay;
let consumer: Consumer;

beforeAll(async () => {
  events = await createTestDatabase({ service: 'events' });
  await migratePostgresLog(events.ownerUrl, [everything(new URL(events.appUrl).username)]);
  transport = new PostgresLog({ url: events.appUrl, log: silent });
});
afterAll(async () => {
  await transport.close();
  await events.drop();
});

beforeEach(async () => {
  topic = `test.${randomUUID().slice(0, 8)}`;
  database = await createTestDatabase({
    service: 'reconcile',
    migrations: [Effects1700000000001],
  });
  db = await openDatabase(database.appUrl);
  client = new pg.Client({ connectionString: database.appUrl });
  await client.connect();
  await transport.ensureTopics([topic]);
  relay = new Relay({ databaseUrl: database.appUrl, transport, log: silent });
  consumer = new Consumer({
    consumer: 'test',
    dataSource: db,
    handlers: effectHandlers(topic),
    environment,
    transport,
    log: silent,
    onFatal: (error) => {
      throw error;
    },
  });
});
afterEach(async () => {
  await consumer.stop();
  await relay.stop();
  await client.end();
  await db.destroy();
  await database.drop();
});

const compare = (options: { waitMs?: number; since?: Date } = {}): Promise<Reconciliation> =>
  reconcile({
    services: [{ service: 'test', client }],
    transport,
    since: options.since ?? null,
    waitMs: options.waitMs ?? 10_000,
  });

const commit = async (keys: readonly string[]): Promise<void> => {
  for (const key of keys) await commitEvent(db, topic, key);
};

const idle = (): Promise<unknown> =>
  until(async () => {
    const pending: unknown[] = await db.query('SELECT 1 FROM outbox WHERE published_at IS NULL');
    return pending.length === 0 && (await consumer.status()).lag === 0;
  });

const start = async (): Promise<void> => {
  relay.start();
  await consumer.start();
};

describe('the reconciler', () => {
  it('finds all well, and waits for what is on its way', async () => {
    await start();
    await commit(['a', 'b', 'a', 'c', 'a']);
    const { missing, waiting } = await compare();
    expect(missing).toEqual([]);
    expect(waiting).toBe(0);
    // A consumer may be done before the relay has marked what it sent.
    await idle();
    const { topics } = await compare();
    expect(topics).toEqual([
      {
        topic,
        publisher: 'test',
        ...{ outbox: 5, pending: 0, log: 5, unknown: 0, unreadable: 0 },
        consumers: [
          { consumer: 'test', taken: 5, held: 0, parked: 0, discarded: 0, waiting: 0, missing: 0 },
        ],
      },
    ]);
  });

  it('names an event that was marked as published and never sent', async () => {
    await commit(['a', 'b']);
    await db.query(`UPDATE outbox SET published_at = clock_timestamp() WHERE key = 'b'`);
    await start();
    await idle();
    const { missing } = await compare({ waitMs: 600 });
    expect(missing).toMatchObject([
      { topic, key: 'b', version: 1, consumer: null, lastSeen: 'relay' },
    ]);
  });

  it('names an event that a consumer’s mark has passed over', async () => {
    await start();
    await commit(['a', 'a', 'b']);
    await idle();
    const rows: { event_id: string }[] = await db.query(
      `WITH gone AS (DELETE FROM inbox_taken WHERE key = 'a' AND version = 1 RETURNING event_id)
       SELECT event_id FROM gone`,
    );
    const { missing } = await compare({ waitMs: 600 });
    expect(missing).toEqual([
      {
        eventId: rows[0]?.event_id,
        ...{ topic, key: 'a', version: 1, consumer: 'test', lastSeen: 'passed over' },
      },
    ]);
  });

  it('names an event that a group stands behind and never took', async () => {
    await start();
    await commit(['a']);
    await idle();
    await consumer.stop();
    await commit(['a']);
    await until(async () => (await transport.lag('test', [topic])) === 1);
    const log = new pg.Client({ connectionString: events.appUrl });
    await log.connect();
    await log.query(
      `UPDATE log_position SET txid = pg_current_xact_id()
       WHERE consumer_group = 'test' AND topic = $1`,
      [topic],
    );
    await log.end();
    const { missing } = await compare({ waitMs: 600 });
    expect(missing).toMatchObject([{ key: 'a', version: 2, consumer: 'test', lastSeen: 'log' }]);
  });

  it('counts what waits for a consumer that does not run as waiting, not as missing', async () => {
    await start();
    await commit(['a']);
    await idle();
    await consumer.stop();
    await commit(['a', 'a']);
    const { missing, waiting } = await compare({ waitMs: 600 });
    expect(missing).toEqual([]);
    expect(waiting).toBe(2);
  });

  it('tells what the log has and no outbox, and what is no event', async () => {
    await start();
    await commit(['a']);
    const publisher = await transport.publisher();
    const { value } = messageOf(eventOn(topic), 'made by hand', dataOf(), 1);
    await publisher.publish([
      { topic, key: 'x', id: randomUUID(), value },
      { topic, key: 'x', id: randomUUID(), value: 'no event' },
    ]);
    // Another test's open transaction may hide the newest messages for a while.
    await until(async () => (await compare()).topics[0]?.unreadable === 1);
    const { topics } = await compare();
    expect(topics[0]).toMatchObject({ outbox: 1, log: 1, unknown: 1, unreadable: 1 });
  });

  it('knows what the outbox has forgotten from what it never had', async () => {
    await start();
    await commit(['a', 'a', 'b']);
    await idle();
    await db.query('DELETE FROM outbox WHERE version = 1');
    const publisher = await transport.publisher();
    const event = eventOn(topic);
    const strange = ['a', 'b'].map((key) => messageOf(event, key, dataOf(), 2));
    await publisher.publish(
      strange.map(({ value }) => ({ topic, key: 'x', id: randomUUID(), value })),
    );
    await until(async () => (await compare()).topics[0]?.unknown === 2);
    const { topics } = await compare();
    expect(topics[0]).toMatchObject({ outbox: 1, log: 1, unknown: 2 });
  });

  it('takes what is parked or held for accounted, through later looks as well', async () => {
    await start();
    await commitEvent(db, topic, 'bad', 'throw');
    await commit(['bad', 'good']);
    await until(async () => {
      const { deadLetters, held } = await consumer.status();
      return deadLetters === 1 && held === 1;
    });
    await idle();
    await db.query(`DELETE FROM inbox_taken WHERE key = 'good'`);
    const { topics, missing } = await compare({ waitMs: 600 });
    expect(missing).toMatchObject([{ key: 'good', lastSeen: 'passed over' }]);
    expect(topics[0]?.consumers).toMatchObject([{ held: 1, parked: 1, missing: 1 }]);
  });

  it('trusts the mark alone for what is older than the ids that are kept', async () => {
    await start();
    await commit(['a', 'b']);
    await idle();
    await db.query('DELETE FROM inbox_taken');
    await db.query(
      `UPDATE outbox SET recorded_at = recorded_at - interval '8 days' WHERE key = 'a'`,
    );
    expect((await compare({ waitMs: 600 })).missing).toMatchObject([{ key: 'b' }]);
    const yesterday = new Date(Date.now() - 86_400_000);
    const { topics } = await compare({ waitMs: 600, since: yesterday });
    expect(topics[0]).toMatchObject({ outbox: 1, log: 1, unknown: 0 });
  });
});
