import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { createTestDatabase, type TestDatabase } from '@yanxiu/testkit/database';
import { messageOf } from '@yanxiu/testkit/events';
import { until } from '@yanxiu/testkit/waiting';
import { discardDeadLetter, redriveDeadLetter, type DeadLetter } from './dead-letters.js';
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
let topic: string;
let inbox: Inbox;
let known: boolean;

beforeAll(async () => {
  database = await createTestDatabase({ service: 'letters', migrations: [Effects1700000000001] });
  db = await openDatabase(database.appUrl);
});
afterAll(async () => {
  await db.destroy();
  await database.drop();
});
beforeEach(() => {
  topic = `test.${randomUUID().slice(0, 8)}`;
  known = true;
  const handlers = effectHandlers(topic, () => known);
  inbox = new Inbox({ consumer: topic, dataSource: db, handlers, environment });
});

const message = (version: number, behaviour?: Behaviour): InboundMessage =>
  messageOf(eventOn(topic), `${topic}/a`, dataOf(behaviour), version);

/** The same event with what its handler can work with. */
const mended = ({ value }: InboundMessage, change: object = {}): string => {
  const envelope = JSON.parse(value) as object;
  return JSON.stringify({ ...envelope, data: dataOf('work'), ...change });
};

const taken = async (): Promise<number[]> => {
  const rows: { version: number }[] = await db.query(
    'SELECT version FROM effect WHERE key = $1 ORDER BY n',
    [`${topic}/a`],
  );
  return rows.map(({ version }) => version);
};

const letters = (): Promise<DeadLetter[]> =>
  db.query(
    `SELECT id, resolution, reason, value, corrected_value AS "correctedValue",
       resolved_by AS "resolvedBy" FROM dead_letter WHERE consumer = $1 ORDER BY parked_at`,
    [topic],
  );

const only = async (): Promise<DeadLetter> => {
  const [letter, ...others] = await letters();
  if (!letter || others.length > 0) throw new Error('one letter is expected');
  return letter;
};

const resolving = (id: string) => ({ id, by: 'duty', now: new Date(), reason: 'seen to' });
const redrive = (id: string, value: string | null = null) =>
  db.transaction((manager) => redriveDeadLetter(manager, inbox, resolving(id), value));
const discard = (id: string) =>
  db.transaction((manager) => discardDeadLetter(manager, resolving(id)));

describe('a dead letter', () => {
  it('takes effect once when it is corrected, is kept as it came, and lets the rest follow', async () => {
    const bad = message(2, 'throw');
    await inbox.takeBatch([message(1), bad, message(3), message(4)]);
    const { id } = await only();
    await redrive(id, mended(bad));
    while ((await inbox.retryHeld()) > 0);
    expect(await taken()).toEqual([1, 2, 3, 4]);
    expect(await only()).toMatchObject({
      ...{ resolution: 'REDRIVEN', resolvedBy: 'duty', reason: 'seen to' },
      ...{ value: bad.value, correctedValue: mended(bad) },
    });
    await expect(redrive(id, mended(bad))).rejects.toMatchObject({ obstacle: 'RESOLVED' });
    expect(await inbox.take({ ...bad, value: mended(bad), position: 'again' })).toBe('duplicate');
    expect(await taken()).toEqual([1, 2, 3, 4]);
  });

  it('is resolved by one of two who redrive it at the same time', async () => {
    const bad = message(1, 'throw');
    await inbox.take(bad);
    const { id } = await only();
    let second: Promise<unknown> | undefined;
    await db.transaction(async (manager) => {
      await redriveDeadLetter(manager, inbox, resolving(id), mended(bad));
      second = redrive(id, mended(bad));
      second.catch(() => undefined);
      await until(async () => {
        const waiting: unknown[] = await db.query(
          `SELECT 1 FROM pg_stat_activity
           WHERE datname = current_database() AND wait_event_type = 'Lock'`,
        );
        return waiting.length > 0;
      });
    });
    await expect(second).rejects.toMatchObject({ obstacle: 'RESOLVED' });
    expect((await only()).resolution).toBe('REDRIVEN');
    expect(await taken()).toEqual([1]);
  });

  it('stays when it fails again, and nothing of the attempt with it', async () => {
    await inbox.take(message(1, 'throw'));
    const { id } = await only();
    await expect(redrive(id)).rejects.toMatchObject({ obstacle: 'FAILED' });
    known = false;
    await expect(redrive(id)).rejects.toMatchObject({ obstacle: 'FAILED' });
    expect((await only()).resolution).toBeNull();
    const noted: unknown[] = await db.query('SELECT 1 FROM inbox WHERE consumer = $1', [topic]);
    expect(noted).toEqual([]);
  });

  it('is not mended by another event', async () => {
    const bad = message(1, 'throw');
    await inbox.take(bad);
    const { id } = await only();
    const others = [
      mended(bad, { id: randomUUID() }),
      mended(bad, { subject: 'other' }),
      mended(bad, { aggregateversion: 2 }),
      '{ not json',
    ];
    for (const value of others) {
      await expect(redrive(id, value)).rejects.toMatchObject({ obstacle: 'BAD_CORRECTION' });
    }
    expect(await taken()).toEqual([]);
  });

  it('waits for the event before it', async () => {
    const [first, second] = [message(1, 'throw'), message(2)];
    await inbox.take(first);
    await db.query(
      `INSERT INTO dead_letter (consumer, topic, partition, position, key, version, value, fault,
         detail) VALUES ($1, $1, 0, 'p2', $2, 2, $3, 'HANDLER_FAILED', '')`,
      [topic, second.key, second.value],
    );
    const id = (await letters()).at(-1)?.id ?? '';
    await expect(redrive(id)).rejects.toMatchObject({ obstacle: 'GAP' });
    await expect(discard(id)).rejects.toMatchObject({ obstacle: 'GAP' });
    const held: unknown[] = await db.query('SELECT 1 FROM inbox_held WHERE consumer = $1', [topic]);
    expect(held).toEqual([]);
  });

  it('is given up without an effect, and the rest follows', async () => {
    await inbox.takeBatch([message(1), message(2, 'throw'), message(3)]);
    await discard((await only()).id);
    while ((await inbox.retryHeld()) > 0);
    expect(await taken()).toEqual([1, 3]);
    expect((await only()).resolution).toBe('DISCARDED');
    const rows: { version: number }[] = await db.query(
      'SELECT version FROM inbox_taken WHERE consumer = $1 ORDER BY version',
      [topic],
    );
    expect(rows.map(({ version }) => version)).toEqual([1, 3]);
  });

  it('that came twice is resolved as one', async () => {
    const bad = message(1, 'throw');
    await inbox.take(bad);
    await inbox.take({ ...bad, position: 'again' });
    await redrive((await letters())[0]?.id ?? '', mended(bad));
    expect((await letters()).map(({ resolution }) => resolution)).toEqual([
      'REDRIVEN',
      'DUPLICATE',
    ]);
    expect(await taken()).toEqual([1]);
  });

  it('that is not of its topic’s owner is discarded alone, and the real event still follows', async () => {
    await inbox.take(message(1));
    const real = message(2);
    const forged = { ...real, value: mended(real, { source: '/yanxiu/elsewhere' }) };
    expect(await inbox.take({ ...forged, position: 'forged' })).toBe('parked');
    const { id } = await only();
    await expect(redrive(id)).rejects.toMatchObject({ obstacle: 'FAILED' });
    await expect(redrive(id, real.value)).rejects.toMatchObject({ obstacle: 'FAILED' });
    expect(await discard(id)).toMatchObject({ resolution: 'DISCARDED' });
    expect(await taken()).toEqual([1]);
    expect(await inbox.take(real)).toBe('applied');
    expect(await taken()).toEqual([1, 2]);
  });

  it('whose event was taken since is a duplicate, whatever is done with it', async () => {
    const bad = message(1, 'throw');
    await inbox.take(bad);
    await inbox.take({ ...bad, value: mended(bad), position: 'sent again' });
    await discard((await only()).id);
    expect((await only()).resolution).toBe('DUPLICATE');
    expect(await taken()).toEqual([1]);
  });

  it('that is no event is given up only while nothing may wait behind it', async () => {
    const [first, second, third] = [message(1), message(2), message(3)];
    await inbox.takeBatch([first, { ...second, value: '{ broken' }, third]);
    const { id } = await only();
    await expect(discard(id)).rejects.toMatchObject({ obstacle: 'NUMBER_UNKNOWN' });
    await expect(redrive(id)).rejects.toMatchObject({ obstacle: 'FAILED' });
    await redrive(id, second.value);
    while ((await inbox.retryHeld()) > 0);
    expect(await taken()).toEqual([1, 2, 3]);
    await inbox.take({ ...second, value: 'again broken', position: 'later' });
    const later = (await letters()).at(-1)?.id ?? '';
    await discard(later);
    expect((await letters()).at(-1)?.resolution).toBe('DISCARDED');
  });
});
