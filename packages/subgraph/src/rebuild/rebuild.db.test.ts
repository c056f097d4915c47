import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { DataSource, MigrationInterface, QueryRunner } from 'typeorm';
import { Consumer } from '@yanxiu/messaging/consumer';
import { discardDeadLetter, redriveDeadLetter } from '@yanxiu/messaging/dead-letters';
import { on, type EventHandler } from '@yanxiu/messaging/handlers';
import { PostgresLog } from '@yanxiu/messaging/postgres-log';
import { everything, migratePostgresLog } from '@yanxiu/messaging/postgres-log-access';
import { Relay } from '@yanxiu/messaging/relay';
import { messagingTables } from '@yanxiu/messaging/tables';
import {
  commitEvent,
  dataOf,
  environment,
  eventOn,
  openDatabase,
  silent,
} from '@yanxiu/messaging/testing/fixture';
import { createTestDatabase, type TestDatabase } from '@yanxiu/testkit/database';
import { until } from '@yanxiu/testkit/waiting';
import type { RebuildOptions } from './conclude.js';
import { rebuild } from './rebuild.js';
import type { View } from './view.js';

class Copy1700000000001 implements MigrationInterface {
  name = 'Copy1700000000001';
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of messagingTables) await runner.query(statement);
    await runner.query(`CREATE TABLE copy (key text PRIMARY KEY, count integer NOT NULL,
      words text[] NOT NULL, last jsonb)`);
    await runner.query('CREATE TABLE word (word text PRIMARY KEY)');
    await runner.query('CREATE TABLE record (key text NOT NULL REFERENCES copy)');
  }
  async down(): Promise<void> {}
}

let events: TestDatabase;
let database: TestDatabase;
let db: DataSource;
let transport: PostgresLog;
let topic: string;
let relay: Relay;
let consumer: Consumer;
let view: View;
let failing: boolean;
const audited: string[] = [];

const keep = (of: string): EventHandler =>
  on(eventOn(of), async ({ subject, data }, { manager }) => {
    if (failing && data.instrument === 'throw') throw new Error('this event cannot be handled');
    await manager.query(
      `INSERT INTO copy (key, count, words, last) VALUES ($1, 1, ARRAY[$2], $3)
       ON CONFLICT (key) DO UPDATE
         SET count = copy.count + 1, words = copy.words || $2, last = excluded.last`,
      [subject, data.instrument, JSON.stringify(data.rules)],
    );
  });

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
  failing = true;
  audited.length = 0;
  database = await createTestDatabase({ service: 'rebuild', migrations: [Copy1700000000001] });
  db = await openDatabase(database.appUrl);
  await transport.ensureTopics([topic]);
  relay = new Relay({ databaseUrl: database.appUrl, transport, log: silent });
  relay.start();
  view = { name: 'copies', tables: ['copy'], handlers: [keep(topic)] };
  consumer = newConsumer();
  await consumer.start();
});
afterEach(async () => {
  await consumer.stop();
  await relay.stop();
  await db.destroy();
  await database.drop();
});

const newConsumer = (): Consumer =>
  new Consumer({
    ...{ consumer: 'test', dataSource: db, handlers: view.handlers, environment, transport },
    log: silent,
    onFatal: (error) => {
      throw error;
    },
  });

const run = (more: Partial<RebuildOptions> = {}) =>
  rebuild({
    ...{ service: 'test', ownerUrl: database.ownerUrl, entities: [], view, transport },
    checkOnly: false,
    onProgress: () => undefined,
    onChange: async () => void audited.push(view.name),
    ...more,
  });

const commit = async (keys: readonly string[]): Promise<void> => {
  for (const key of keys) await commitEvent(db, topic, key);
};

const idle = (): Promise<unknown> =>
  until(
    async () => {
      const pending: unknown[] = await db.query('SELECT 1 FROM outbox WHERE published_at IS NULL');
      return pending.length === 0 && (await consumer.status()).lag === 0;
    },
    { timeoutMs: 20_000 },
  );

const rows = (): Promise<object[]> => db.query('SELECT * FROM copy ORDER BY key');

const schemas = async (): Promise<number> => {
  const found: unknown[] = await db.query(`SELECT 1 FROM pg_namespace WHERE nspname = 'rebuild'`);
  return found.length;
};

describe('a rebuild', () => {
  it('finds the view as the log makes it, and leaves nothing behind', async () => {
    await commit(['a', 'b', 'a', 'c', 'a']);
    await idle();
    const before = await rows();
    const result = await run();
    expect(result).toMatchObject({ events: 5, same: true, swapped: false });
    expect(result.tables).toMatchObject([{ table: 'copy', live: { rows: 3 }, change: null }]);
    expect([await rows(), await schemas(), audited]).toEqual([before, 0, ['copies']]);
    const taken: unknown[] = await db.query('SELECT 1 FROM inbox_taken');
    expect(taken).toHaveLength(5);
  });

  it('puts right what differs, and nothing else; a check only tells', async () => {
    await commit(['a', 'b', 'a', 'c']);
    await idle();
    const before = await rows();
    const untouched: object[] = await db.query(`SELECT xmin FROM copy WHERE key = 'c'`);
    await db.query(`UPDATE copy SET count = 7 WHERE key = 'a'`);
    await db.query(`DELETE FROM copy WHERE key = 'b'`);
    await db.query(`INSERT INTO copy VALUES ('z', 1, '{}', NULL)`);
    const wrong = await rows();
    expect(await run({ checkOnly: true })).toMatchObject({ same: false, swapped: false });
    expect([await rows(), audited]).toEqual([wrong, []]);
    const result = await run();
    expect(result).toMatchObject({ same: false, swapped: true });
    expect(result.tables[0]?.change).toEqual({ added: 1, changed: 1, removed: 1 });
    expect(await rows()).toEqual(before);
    expect(await db.query(`SELECT xmin FROM copy WHERE key = 'c'`)).toEqual(untouched);
    expect(audited).toEqual(['copies']);
  });

  it('lets the service read while the new rows take their place', async () => {
    await commit(['a']);
    await idle();
    const before = await rows();
    await db.query('UPDATE copy SET count = 7');
    const wrong = await rows();
    let seen: object[] = [];
    // In the transaction of the change: a reader that had to wait for it would wait for ever.
    const result = await run({ onChange: async () => void (seen = await rows()) });
    expect([result.swapped, seen, await rows()]).toEqual([true, wrong, before]);
  });

  it('lets the service take events all along, and misses none', async () => {
    await commit(['a', 'b', 'c', 'd']);
    await idle();
    await db.query(`UPDATE copy SET count = 100 WHERE key = 'd'`);
    let over = false;
    const writing = (async () => {
      for (let n = 0; !over; n += 1) await commitEvent(db, topic, `k${n % 50}`);
    })();
    const results = [await run(), await run(), await run()];
    over = true;
    await writing;
    expect(results.map(({ same }) => same)).toEqual([false, true, true]);
    await idle();
    const { same } = await run({ checkOnly: true });
    const counted: { sum: number; events: number }[] = await db.query(
      'SELECT sum(count)::int AS sum, (SELECT count(*)::int FROM outbox) AS events FROM copy',
    );
    expect([same, counted[0]?.sum]).toEqual([true, counted[0]?.events]);
    expect(counted[0]?.events).toBeGreaterThan(4);
  });

  it('never runs ahead of what the service has taken', async () => {
    await commit(['a', 'a']);
    await idle();
    await consumer.stop();
    await commit(['a', 'b']);
    await until(async () => (await transport.lag('test', [topic])) === 2);
    expect(await run()).toMatchObject({ events: 2, same: true });
    consumer = newConsumer();
    await consumer.start();
    await idle();
    expect(await run()).toMatchObject({ events: 4, same: true });
  });

  it('passes over what was discarded, and takes what was corrected as it was corrected', async () => {
    await commitEvent(db, topic, 'given up', 'throw');
    await commitEvent(db, topic, 'mended', 'throw');
    await commit(['given up', 'mended']);
    const publisher = await transport.publisher();
    const stray = { topic, key: 'stray', id: randomUUID() };
    await publisher.publish([{ ...stray, value: '{ broken' }]);
    const parked: { id: string; key: string; value: string }[] = await until(async () => {
      const found = await db.query('SELECT id, key, value FROM dead_letter ORDER BY key');
      return found.length === 3 && (await consumer.status()).held === 2 ? found : null;
    });
    const [givenUp, mended, broken] = parked;
    const with_ = { by: 'duty', now: new Date(), reason: 'a test' };
    const event = JSON.parse(mended?.value ?? '') as object;
    const corrected = JSON.stringify({ ...event, data: dataOf('work') });
    const repaired = JSON.stringify({
      ...event,
      ...{ id: randomUUID(), subject: 'stray', data: dataOf('work') },
    });
    await db.transaction(async (manager) => {
      await discardDeadLetter(manager, { id: givenUp?.id ?? '', ...with_ });
      const again = (id = '', value: string) =>
        redriveDeadLetter(manager, consumer.inbox, { id, ...with_ }, value);
      await again(mended?.id, corrected);
      await again(broken?.id, repaired);
    });
    await until(async () => (await consumer.status()).held === 0);
    expect(await rows()).toMatchObject([
      { key: 'given up', count: 1, words: ['work'] },
      { key: 'mended', count: 2, words: ['work', 'work'] },
      { key: 'stray', count: 1 },
    ]);
    expect(await run()).toMatchObject({ same: true });
  });
});

describe('a rebuild that cannot be', () => {
  const untouched = async (attempt: Promise<unknown>, why: string | RegExp): Promise<void> => {
    const before = await rows();
    await expect(attempt).rejects.toThrow(why);
    expect([await rows(), await schemas(), audited]).toEqual([before, 0, []]);
  };

  it('leaves the view as it was when an event fails', async () => {
    failing = false;
    await commitEvent(db, topic, 'a', 'throw');
    await idle();
    failing = true;
    await untouched(run(), /these events cannot be taken again.*\n.* a 1: this event cannot/);
  });

  it('lets handlers write nothing but the view’s own tables', async () => {
    await commit(['a']);
    await idle();
    const strange = on(eventOn(topic), async (event, { manager }) => {
      await manager.query(`INSERT INTO word VALUES ($1)`, [event.id]);
    });
    const stranger: View = { ...view, handlers: [strange] };
    await untouched(run({ view: stranger }), 'relation "word" does not exist');
    await untouched(run({ view: { ...stranger, reads: ['word'] } }), 'cannot insert into view');
  });

  it('takes no handler that emits', async () => {
    await commit(['a']);
    await idle();
    const emitting = on(eventOn(topic), (_event, tx) => tx.emit(eventOn('test.x'), 'x', dataOf()));
    await untouched(run({ view: { ...view, handlers: [emitting] } }), 'a view may emit nothing');
    const pending: unknown[] = await db.query(`SELECT 1 FROM outbox WHERE topic = 'test.x'`);
    expect(pending).toEqual([]);
  });

  it('removes no row that a record refers to', async () => {
    await commit(['a']);
    await idle();
    await db.query(`INSERT INTO copy VALUES ('z', 1, '{}', NULL)`);
    await db.query(`INSERT INTO record VALUES ('z')`);
    await untouched(run(), 'violates foreign key');
  });

  it('is refused while another runs', async () => {
    await commit(['a']);
    await idle();
    let second: Promise<unknown> | undefined;
    await run({
      onProgress: () => {
        second ??= run();
        second.catch(() => undefined);
      },
      onChange: async () => {
        await expect(second).rejects.toThrow('another rebuild');
      },
    });
    expect(second).toBeDefined();
  });
});
