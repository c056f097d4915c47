import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { DataSource, MigrationInterface, QueryRunner } from 'typeorm';
import { orgUnitMoved } from '@yanxiu/contracts/personnel';
import { systemEnvironment } from '@yanxiu/messaging/environment';
import { messagingTables } from '@yanxiu/messaging/tables';
import { createTestDatabase, type TestDatabase } from '@yanxiu/testkit/database';
import { auditStatements } from './audit/tables.js';
import { command, commandTables } from './command.js';
import type { Context } from './context.js';
import { appendOnlyTrigger, connectDatabase, migrate } from './database.js';
import { badInput } from './errors.js';
import { createLog } from './log.js';

class Thing1700000000001 implements MigrationInterface {
  name = 'Thing1700000000001';
  async up(runner: QueryRunner): Promise<void> {
    const own = [
      'CREATE TABLE single (name text PRIMARY KEY)',
      'CREATE TABLE thing (name text)',
      'CREATE TABLE book (name text)',
    ];
    for (const sql of [
      ...messagingTables,
      ...commandTables,
      ...auditStatements,
      ...own,
      ...appendOnlyTrigger('book'),
    ]) {
      await runner.query(sql);
    }
  }
  async down(): Promise<void> {}
}

/** Without the snapshots that are written with them. */
const EVENTS = "outbox WHERE topic = 'personnel.org-unit'";

describe('command', () => {
  let database: TestDatabase;
  let db: DataSource;
  beforeAll(async () => {
    database = await createTestDatabase({ service: 'kit' });
    await migrate({
      ownerUrl: database.ownerUrl,
      appRole: new URL(database.appUrl).username,
      migrations: [Thing1700000000001],
      appendOnly: ['book'],
    });
    db = await connectDatabase({ url: database.appUrl, entities: [] });
  });
  afterAll(async () => {
    await db.destroy();
    await database.drop();
  });

  const context = (subject = 'officer:1'): Context => ({
    service: 'kit',
    actor: { subject, role: 'OFFICER', unit: '140400' },
    subject,
    refusal: null,
    db,
    environment: systemEnvironment(),
    locale: 'en',
    requestId: 'request-1',
    log: createLog('kit', 'silent'),
  });
  const count = async (table: string): Promise<number> =>
    Number((await db.query(`SELECT count(*) AS n FROM ${table}`))[0].n);
  let ran = 0;
  const make = (input: { idempotencyKey?: string; name: string }, who?: string) =>
    command(context(who), 'thing.make', input, async (tx) => {
      ran += 1;
      await tx.manager.query('INSERT INTO thing VALUES ($1)', [input.name]);
      await tx.emit(orgUnitMoved, '140403', {
        code: '140403',
        parentCode: '140400',
        validFrom: '2025-01-01',
      });
      tx.subject('Thing', input.name);
      if (input.name === 'bad') throw badInput('不行', 'no');
      return { name: input.name, run: ran };
    });

  it('commits state, audit and outbox together or not at all', async () => {
    await make({ name: 'good' });
    const before = [await count('thing'), await count('audit'), await count(EVENTS)];
    expect(before).toEqual([1, 1, 1]);
    await expect(make({ name: 'bad', idempotencyKey: 'bad-1' })).rejects.toThrow('no');
    expect([await count('thing'), await count('audit'), await count(EVENTS)]).toEqual(before);
    expect(await count('idempotency')).toBe(0);
  });

  it('answers the same key and body the same, refuses another body, keeps actors apart', async () => {
    const first = await make({ name: 'once', idempotencyKey: 'k' });
    expect(await make({ name: 'once', idempotencyKey: 'k' })).toEqual(first);
    await expect(make({ name: 'other', idempotencyKey: 'k' })).rejects.toMatchObject({
      extensions: { code: 'IDEMPOTENCY_KEY_REUSED' },
    });
    expect((await make({ name: 'once', idempotencyKey: 'k' }, 'officer:2')).run).not.toBe(
      first.run,
    );
  });

  it('acts once when fifty requests with one key arrive together', async () => {
    const things = await count('thing');
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => make({ name: 'race', idempotencyKey: 'race' })),
    );
    expect(new Set(answers.map((answer) => answer.run)).size).toBe(1);
    expect(await count('thing')).toBe(things + 1);
  });

  it('tries again when the database ended it to free another: both act, each once', async () => {
    await db.query("INSERT INTO thing VALUES ('left'), ('right')");
    const [audits, events] = [await count('audit'), await count(EVENTS)];
    const touch = 'UPDATE thing SET name = name WHERE name = $1';
    let arrived = 0;
    let bothHold!: () => void;
    const both = new Promise<void>((resolve) => (bothHold = resolve));
    // Each holds what the other wants next: one of them dies the first time.
    const cross = (first: string, second: string) =>
      command(context(), 'thing.cross', { idempotencyKey: first }, async (tx) => {
        await tx.manager.query(touch, [first]);
        if (++arrived === 2) bothHold();
        await both;
        await tx.manager.query(touch, [second]);
        const data = { code: '140403', parentCode: '140400', validFrom: '2025-01-01' };
        await tx.emit(orgUnitMoved, first, data);
        return first;
      });
    expect(await Promise.all([cross('left', 'right'), cross('right', 'left')])).toEqual([
      'left',
      'right',
    ]);
    // Once more for each time that one of them died.
    expect(arrived).toBeGreaterThan(2);
    expect([await count('audit'), await count(EVENTS)]).toEqual([audits + 2, events + 2]);
  });

  it('looks again when another has just made what it was about to make', async () => {
    let arrived = 0;
    let bothLooked!: () => void;
    const both = new Promise<void>((resolve) => (bothLooked = resolve));
    const makeSingle = (who: string) =>
      command(context(who), 'single.make', {}, async ({ manager }) => {
        const there: unknown[] = await manager.query("SELECT 1 FROM single WHERE name = 'one'");
        if (there.length > 0) throw badInput('已有', 'there is one');
        if (++arrived === 2) bothLooked();
        await both;
        await manager.query("INSERT INTO single VALUES ('one')");
        return who;
      });
    const outcomes = await Promise.allSettled([makeSingle('officer:1'), makeSingle('officer:2')]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const refused = outcomes.find((outcome) => outcome.status === 'rejected');
    expect(refused?.reason).toMatchObject({ extensions: { code: 'BAD_USER_INPUT' } });
  });

  it('does not look again and again for what stays in its way', async () => {
    let runs = 0;
    const clumsy = command(context(), 'single.clumsy', {}, async ({ manager }) => {
      runs += 1;
      await manager.query("INSERT INTO single VALUES ('two'), ('two')");
    });
    await expect(clumsy).rejects.toThrow(/duplicate key/);
    expect(runs).toBe(2);
  });

  it('needs a signed-in actor', async () => {
    await expect(
      command({ ...context(), actor: null }, 'thing.make', {}, async () => null),
    ).rejects.toMatchObject({ extensions: { code: 'UNAUTHENTICATED' } });
  });

  it.each(["UPDATE book SET name = 'x'", 'DELETE FROM book', 'TRUNCATE book'])(
    'an append-only table refuses %s from both roles',
    async (sql) => {
      await db.query("INSERT INTO book VALUES ('first')");
      await expect(db.query(sql)).rejects.toThrow(/permission denied/);
      const owner = await connectDatabase({ url: database.ownerUrl, entities: [] });
      try {
        await expect(owner.query(sql)).rejects.toThrow(/append-only/);
      } finally {
        await owner.destroy();
      }
    },
  );
});
