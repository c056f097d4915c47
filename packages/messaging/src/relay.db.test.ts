import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { createTestDatabase, type TestDatabase } from '@yanxiu/testkit/database';
import { until } from '@yanxiu/testkit/waiting';
import type { OutboundMessage, Transport } from './port.js';
import { Relay } from './relay.js';
import { commitEvent, openDatabase, silent } from './testing/fixture.js';
import { Effects1700000000001 } from './testing/schema.js';

const TOPIC = 'test.relay';

let database: TestDatabase;
let db: DataSource;
let relay: Relay;
let sends: OutboundMessage[][];
/** What the transport does with a batch before it takes it. */
let onSend: (nth: number) => Promise<void>;

beforeEach(async () => {
  database = await createTestDatabase({ service: 'relay', migrations: [Effects1700000000001] });
  db = await openDatabase(database.appUrl);
  sends = [];
  onSend = async () => {};
  let sending = false;
  let count = 0;
  const publisher = {
    publish: async (messages: readonly OutboundMessage[]) => {
      if (sending) throw new Error('two batches at once');
      sending = true;
      try {
        await onSend((count += 1));
        sends.push([...messages]);
      } finally {
        sending = false;
      }
    },
    close: async () => {},
  };
  const transport = { publisher: async () => publisher } as Partial<Transport> as Transport;
  relay = new Relay({ databaseUrl: database.appUrl, transport, log: silent });
});
afterEach(async () => {
  await relay.stop();
  await db.destroy();
  await database.drop();
});

/** Events of as many keys as there are numbers, by one statement. */
const fill = (from: number, to: number): Promise<unknown> =>
  db.query(
    `INSERT INTO outbox (event_id, topic, key, version, envelope)
     SELECT gen_random_uuid(), $1, 'key-' || n, 1, jsonb_build_object('n', n)
     FROM generate_series($2::int, $3::int) AS n`,
    [TOPIC, from, to],
  );

const pendingCount = async (): Promise<number> => {
  const rows: { count: number }[] = await db.query(
    'SELECT count(*)::int AS count FROM outbox WHERE published_at IS NULL',
  );
  return rows[0]?.count ?? 0;
};
const allPublished = () => until(async () => (await pendingCount()) === 0);
const sentKeys = (): string[] => sends.flat().map(({ key }) => key);
const keys = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, index) => `key-${from + index}`);

describe('the relay', () => {
  it('sends a full outbox batch by batch, each row once and in order', async () => {
    await fill(1, 1_700);
    relay.start();
    await allPublished();
    expect(sentKeys()).toEqual(keys(1, 1_700));
    expect(sends.length).toBeGreaterThan(1);
  });

  it('keeps the order of a key when its first event commits late', async () => {
    let letGo: () => void = () => {};
    const held = new Promise<void>((resolve) => (letGo = resolve));
    onSend = (nth) => (nth === 2 ? held : Promise.resolve());
    const late = db.createQueryRunner();
    await late.startTransaction();
    await late.query(
      `INSERT INTO outbox (event_id, topic, key, version, envelope)
       VALUES (gen_random_uuid(), $1, 'late', 1, '{}')`,
      [TOPIC],
    );
    await fill(1, 1_000);
    relay.start();
    // The second batch is on its way: its rows have higher numbers than the one still open.
    await until(() => sends.length === 1);
    await late.commitTransaction();
    await late.release();
    await db.query(
      `INSERT INTO outbox (event_id, topic, key, version, envelope)
       VALUES (gen_random_uuid(), $1, 'late', 2, '{"second": true}')`,
      [TOPIC],
    );
    letGo();
    await allPublished();
    const ofLate = sends.flat().filter(({ key }) => key === 'late');
    expect(ofLate.map(({ value }) => value)).toEqual(['{}', '{"second": true}']);
    expect(sentKeys().filter((key) => key !== 'late')).toEqual(keys(1, 1_000));
  });

  it('sends again, and nothing after it before it, what the transport refused', async () => {
    onSend = async (nth) => {
      if (nth === 2) throw new Error('the broker is gone');
    };
    await fill(1, 1_700);
    relay.start();
    await allPublished();
    const first = [...new Set(sentKeys())];
    expect(first).toEqual(keys(1, 1_700));
  });

  it('forgets what was published long ago, and nothing else', async () => {
    await fill(1, 5_200);
    await db.query(
      `UPDATE outbox SET published_at = clock_timestamp() - interval '31 days'
       WHERE seq BETWEEN 2 AND 5_100`,
    );
    await db.query(
      "UPDATE outbox SET published_at = clock_timestamp() - interval '29 days' WHERE seq = 5_101",
    );
    relay.start();
    await allPublished();
    const left = async () => {
      const rows: { seq: string }[] = await db.query('SELECT seq FROM outbox ORDER BY seq');
      return rows.map(({ seq }) => Number(seq));
    };
    await until(async () => (await left()).length === 101);
    expect(sentKeys()).toEqual(['key-1', ...keys(5_102, 5_200)]);
    expect(await left()).toEqual([1, ...Array.from({ length: 100 }, (_, n) => 5_101 + n)]);
  });

  it('marks nothing that was not taken', async () => {
    let tries = 0;
    onSend = async (nth) => {
      tries = nth;
      throw new Error('the broker is gone');
    };
    await commitEvent(db, TOPIC, 'a');
    relay.start();
    await until(() => tries >= 2);
    expect(await pendingCount()).toBe(1);
    onSend = async () => {};
    await allPublished();
    expect(sentKeys()).toEqual(['a']);
  });
});
