import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { createTestDatabase, type TestDatabase } from '@yanxiu/testkit/database';
import { messageOf } from '@yanxiu/testkit/events';
import { onAll } from './handlers.js';
import { Inbox } from './inbox.js';
import type { InboundMessage } from './port.js';
import {
  dataOf,
  effectHandlers,
  environment,
  eventOn,
  openDatabase,
  type Behaviour,
} from './testing/fixture.js';
import { Effects1700000000001 } from './testing/schema.js';

let database: TestDatabase;
let db: DataSource;

beforeAll(async () => {
  database = await createTestDatabase({ service: 'inbox', migrations: [Effects1700000000001] });
  db = await openDatabase(database.appUrl);
});
afterAll(async () => {
  await db.destroy();
  await database.drop();
});

/** A topic of its own, an inbox on it, and makers of its messages. */
function onTopic() {
  const topic = `test.${randomUUID().slice(0, 8)}`;
  const contract = eventOn(topic);
  const newInbox = () =>
    new Inbox({ consumer: topic, dataSource: db, handlers: effectHandlers(topic), environment });
  const keyOf = (name: string): string => `${topic}/${name}`;
  const message = (name: string, version: number, behaviour?: Behaviour): InboundMessage =>
    messageOf(contract, keyOf(name), dataOf(behaviour), version);
  const taken = async (name: string): Promise<number[]> => {
    const rows: { version: number }[] = await db.query(
      'SELECT version FROM effect WHERE key = $1 ORDER BY n',
      [keyOf(name)],
    );
    return rows.map(({ version }) => version);
  };
  const transactions = async (): Promise<number> => {
    const rows: { count: number }[] = await db.query(
      'SELECT count(DISTINCT xmin::text)::int AS count FROM effect WHERE key LIKE $1',
      [`${topic}/%`],
    );
    return rows[0]?.count ?? 0;
  };
  return { topic, newInbox, message, taken, transactions };
}

describe('a batch', () => {
  it('takes effect in one transaction, each event once, however often it holds it', async () => {
    const { newInbox, message, taken, transactions } = onTopic();
    const [a1, b1, a2] = [message('a', 1), message('b', 1), message('a', 2)];
    const inbox = newInbox();
    expect(await inbox.takeBatch([a1, a1, b1, a2, b1, a1])).toEqual([
      'applied',
      'duplicate',
      'applied',
      'applied',
      'duplicate',
      'duplicate',
    ]);
    expect(await inbox.takeBatch([a2, message('b', 2)])).toEqual(['duplicate', 'applied']);
    expect(await inbox.takeBatch([a1, b1])).toEqual(['duplicate', 'duplicate']);
    expect([await taken('a'), await taken('b')]).toEqual([
      [1, 2],
      [1, 2],
    ]);
    expect(await transactions()).toBe(2);
  });

  it('holds what comes after a gap and takes the rest', async () => {
    const { newInbox, message, taken } = onTopic();
    const inbox = newInbox();
    expect(await inbox.takeBatch([message('a', 1), message('a', 3), message('b', 1)])).toEqual([
      'applied',
      'held',
      'applied',
    ]);
    expect(await inbox.takeBatch([message('a', 2), message('b', 2)])).toEqual([
      'applied',
      'applied',
    ]);
    expect(await inbox.retryHeld()).toBe(1);
    expect([await taken('a'), await taken('b')]).toEqual([
      [1, 2, 3],
      [1, 2],
    ]);
  });

  it('parks the one that cannot be handled and takes the rest', async () => {
    const { newInbox, message, taken } = onTopic();
    const batch = [message('a', 1), message('b', 1, 'throw'), message('c', 1), message('b', 2)];
    expect(await newInbox().takeBatch(batch)).toEqual(['applied', 'parked', 'applied', 'held']);
    expect([await taken('a'), await taken('b'), await taken('c')]).toEqual([[1], [], [1]]);
  });

  it('gives events of one type in a row to a copy together, and one by one after a fault', async () => {
    const { topic, message } = onTopic();
    const calls: number[][] = [];
    const copy = onAll(eventOn(topic), async (batch) => {
      calls.push(batch.map(({ event }) => event.aggregateversion));
      if (batch.some(({ event }) => event.data.instrument === 'throw')) throw new Error('no');
    });
    const inbox = new Inbox({ consumer: topic, dataSource: db, handlers: [copy], environment });
    const [a1, a2, b1] = [message('a', 1), message('a', 2), message('b', 1)];
    expect(await inbox.takeBatch([a1, a2, a1, b1])).toEqual([
      'applied',
      'applied',
      'duplicate',
      'applied',
    ]);
    expect(calls.splice(0)).toEqual([[1, 2, 1]]);
    const outcomes = await inbox.takeBatch([message('a', 3), message('b', 2, 'throw')]);
    expect(outcomes).toEqual(['applied', 'parked']);
    expect(calls).toEqual([[3, 2], [3], [2]]);
  });

  it('acts once when two processes take the same batch side by side', async () => {
    const { newInbox, message, taken } = onTopic();
    const names = Array.from({ length: 20 }, (_, index) => `k${index}`);
    for (const version of [1, 2]) {
      const batch = names.map((name) => message(name, version));
      const backwards = [...batch].reverse();
      await Promise.all(
        [batch, backwards, batch, backwards].map((one) => newInbox().takeBatch(one)),
      );
    }
    for (const name of names) expect(await taken(name)).toEqual([1, 2]);
  });
});

describe('an event that is not of the owner of its topic', () => {
  const forge = (message: InboundMessage, change: object): InboundMessage => ({
    ...message,
    position: randomUUID(),
    value: JSON.stringify({ ...(JSON.parse(message.value) as object), ...change }),
  });
  const FORGERIES: [string, object][] = [
    ['of another service', { source: '/yanxiu/hours' }],
    ['of a stranger', { source: '/yanxiu/test.evil' }],
    ['of a type of another topic', { type: 'cn.yanxiu.personnel.teacher.retired.v1' }],
  ];

  it.each(FORGERIES)(
    '(%s) is parked with the reason, and what is real goes on',
    async (_, fake) => {
      const { topic, newInbox, message, taken } = onTopic();
      const inbox = newInbox();
      const [first, second] = [message('a', 1), message('a', 2)];
      const forged = forge(second, fake);
      expect(await inbox.takeBatch([first, forged, second])).toEqual([
        'applied',
        'parked',
        'applied',
      ]);
      expect(await taken('a')).toEqual([1, 2]);
      const letters: unknown[] = await db.query(
        'SELECT fault, version, value FROM dead_letter WHERE consumer = $1',
        [topic],
      );
      expect(letters).toEqual([{ fault: 'WRONG_ORIGIN', version: null, value: forged.value }]);
    },
  );

  it('changes nothing when a real one is sent again, alone or among others', async () => {
    const { newInbox, message, taken } = onTopic();
    const inbox = newInbox();
    const real = [message('a', 1), message('a', 2)];
    await inbox.takeBatch(real);
    expect(await inbox.takeBatch([...real, ...real])).toEqual(Array(4).fill('duplicate'));
    expect(await inbox.take(message('a', 1))).toBe('duplicate');
    expect(await taken('a')).toEqual([1, 2]);
  });
});
