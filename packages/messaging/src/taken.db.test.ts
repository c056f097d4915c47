import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { createTestDatabase, type TestDatabase } from '@yanxiu/testkit/database';
import { messageOf } from '@yanxiu/testkit/events';
import { Inbox } from './inbox.js';
import type { InboundMessage } from './port.js';
import { noteSubscription, pruneTaken } from './taken.js';
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
  database = await createTestDatabase({ service: 'taken', migrations: [Effects1700000000001] });
  db = await openDatabase(database.appUrl);
});
afterAll(async () => {
  await db.destroy();
  await database.drop();
});

function onTopic() {
  const topic = `test.${randomUUID().slice(0, 8)}`;
  const handlers = effectHandlers(topic);
  const inbox = new Inbox({ consumer: topic, dataSource: db, handlers, environment });
  const message = (key: string, version: number, behaviour?: Behaviour): InboundMessage =>
    messageOf(eventOn(topic), key, dataOf(behaviour), version);
  const noted = (): Promise<{ event_id: string; key: string; version: number }[]> =>
    db.query(
      `SELECT event_id, key, version FROM inbox_taken WHERE consumer = $1 AND topic = $1
       ORDER BY key, version`,
      [topic],
    );
  return { topic, inbox, message, noted };
}

const idOf = ({ value }: InboundMessage): string => (JSON.parse(value) as { id: string }).id;

describe('the ids of what was taken', () => {
  it('are noted once for each event, taken alone or in a batch', async () => {
    const { inbox, message, noted } = onTopic();
    const [a1, a2, a3, b1] = [message('a', 1), message('a', 2), message('a', 3), message('b', 1)];
    await inbox.take(a1);
    await inbox.takeBatch([a1, a2, a2, b1, a3]);
    await inbox.take(b1);
    expect((await noted()).map((row) => [row.event_id, row.key, row.version])).toEqual([
      [idOf(a1), 'a', 1],
      [idOf(a2), 'a', 2],
      [idOf(a3), 'a', 3],
      [idOf(b1), 'b', 1],
    ]);
  });

  it('are not noted of what is held aside or parked', async () => {
    const { inbox, message, noted } = onTopic();
    await inbox.takeBatch([message('a', 2), message('b', 1, 'throw'), message('c', 1)]);
    expect((await noted()).map(({ key }) => key)).toEqual(['c']);
  });

  it('are forgotten after their days, those of this consumer alone', async () => {
    const [one, other] = [onTopic(), onTopic()];
    for (const { inbox, message } of [one, other]) {
      await inbox.takeBatch([message('a', 1), message('a', 2)]);
    }
    await db.query(
      `UPDATE inbox_taken SET taken_at = clock_timestamp() - interval '8 days' WHERE version = 1`,
    );
    expect(await pruneTaken(db, one.topic, 7)).toBe(1);
    expect((await one.noted()).map(({ version }) => version)).toEqual([2]);
    expect(await other.noted()).toHaveLength(2);
  });
});

it('a subscription is noted as it is now', async () => {
  await noteSubscription(db, 'me', ['test.a', 'test.b']);
  await noteSubscription(db, 'me', ['test.b', 'test.c']);
  const rows: { topic: string }[] = await db.query(
    `SELECT topic FROM inbox_topic WHERE consumer = 'me' ORDER BY topic`,
  );
  expect(rows.map(({ topic }) => topic)).toEqual(['test.b', 'test.c']);
});
