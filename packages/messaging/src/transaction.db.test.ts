import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import type { DataSource } from 'typeorm';
import { assertData, parseEnvelope, type Envelope } from '@yanxiu/contracts/envelope';
import { policySnapshot, type PolicySnapshot } from '@yanxiu/contracts/personnel-state';
import { createTestDatabase, type TestDatabase } from '@yanxiu/testkit/database';
import { messagingTables } from './tables.js';
import { dataOf, environment, eventOn, eventWithStateOn, openDatabase } from './testing/fixture.js';
import { withTx, type Tx } from './transaction.js';

let database: TestDatabase;
let db: DataSource;

beforeAll(async () => {
  database = await createTestDatabase({ service: 'transaction' });
  db = await openDatabase(database.ownerUrl);
  for (const statement of messagingTables) await db.query(statement);
});
afterAll(async () => {
  await db.destroy();
  await database.drop();
});

const inTx = (work: (tx: Tx) => Promise<void>): Promise<void> =>
  db.transaction((manager) =>
    withTx(
      manager,
      {
        service: 'test',
        now: new Date('2025-06-30T00:00:00Z'),
        newId: environment.ids(''),
        correlationId: randomUUID(),
      },
      work,
    ),
  );

const written = (topic: string): Promise<{ key: string; version: number; told: number }[]> =>
  db.query(
    `SELECT key, version, (envelope->>'aggregateversion')::int AS told FROM outbox
     WHERE topic = $1 ORDER BY seq`,
    [topic],
  );

describe('emitAll', () => {
  it('numbers the events of each key and keeps their order, as emit does', async () => {
    const contract = eventOn('test.order');
    await inTx(async (tx) => {
      await tx.emit(contract, 'b', dataOf());
      await tx.emitAll(
        contract,
        ['c', 'b', 'a', 'b'].map((key) => ({ key, data: dataOf() })),
      );
      await tx.emitAll(contract, []);
      await tx.emit(contract, 'a', dataOf());
    });
    const expected: [string, number][] = [
      ['b', 1],
      ['c', 1],
      ['b', 2],
      ['a', 1],
      ['b', 3],
      ['a', 2],
    ];
    expect(await written('test.order')).toEqual(
      expected.map(([key, version]) => ({ key, version, told: version })),
    );
  });

  it('refuses all when the data of one does not fit its contract', async () => {
    const contract = eventOn('test.contract');
    const bad = { ...dataOf(), version: 0 };
    const events = [dataOf(), bad].map((data, place) => ({ key: `k${place}`, data }));
    await expect(inTx((tx) => tx.emitAll(contract, events))).rejects.toThrow(/BAD_DATA/);
    expect(await written('test.contract')).toEqual([]);
  });

  it('writes nothing when the transaction does not commit', async () => {
    const contract = eventOn('test.rollback');
    const failing = inTx(async (tx) => {
      await tx.emitAll(contract, [{ key: 'a', data: dataOf() }]);
      throw new Error('changed my mind');
    });
    await expect(failing).rejects.toThrow('changed my mind');
    await inTx((tx) => tx.emit(contract, 'a', dataOf()));
    expect(await written('test.rollback')).toEqual([{ key: 'a', version: 1, told: 1 }]);
  });

  it('leaves no gap and no deadlock when many write the same keys side by side', async () => {
    const contract = eventOn('test.parallel');
    const keys = Array.from({ length: 20 }, (_, index) => `k${index}`);
    await Promise.all(
      Array.from({ length: 8 }, (_, turn) =>
        inTx((tx) => {
          const order = turn % 2 ? keys : [...keys].reverse();
          return tx.emitAll(
            contract,
            order.map((key) => ({ key, data: dataOf() })),
          );
        }),
      ),
    );
    const rows = await written('test.parallel');
    for (const key of keys) {
      const versions = rows.filter((row) => row.key === key).map(({ version }) => version);
      expect(versions).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    }
  });
});

describe('snapshots', () => {
  type Snapshot = { key: string; version: number; envelope: Envelope<PolicySnapshot> };
  const snapshots = (topic: string): Promise<Snapshot[]> =>
    db.query('SELECT key, version, envelope FROM outbox WHERE topic = $1 ORDER BY seq', [
      `${topic}.state`,
    ]);
  const version = (number: number) => ({ ...dataOf(), version: number });

  it('follow the last event of each key with its number and all that was said', async () => {
    const contract = eventWithStateOn('test.snapshot');
    await inTx(async (tx) => {
      await tx.emit(contract, 'a', version(1));
      await tx.emit(contract, 'b', version(1));
      await tx.emit(contract, 'a', version(2));
    });
    await inTx((tx) => tx.emit(contract, 'a', { ...version(3), unit: 'minutes' }));
    const rows = await snapshots('test.snapshot');
    expect(rows.map((row) => [row.key, row.version])).toEqual([
      ['b', 1],
      ['a', 2],
      ['a', 3],
    ]);
    const told = rows.map(({ envelope }) => envelope.data.versions.map((each) => each.version));
    expect(told).toEqual([[1], [1, 2], [1, 2, 3]]);
    expect(rows[2]?.envelope.data.key).toBe('hours.basic.annual');
    expect(rows[2]?.envelope.data.versions[2]?.unit).toBe('minutes');
    for (const { envelope, version: number, key } of rows) {
      expect(parseEnvelope(JSON.stringify(envelope))).toMatchObject({
        type: 'cn.yanxiu.test.snapshot.snapshot.v1',
        subject: key,
        aggregateversion: number,
      });
      expect(() => assertData(policySnapshot, envelope.data)).not.toThrow();
    }
    const order: { topic: string; causes: string }[] = await db.query(
      `SELECT topic, envelope->>'causationid' = lag(event_id::text) OVER (ORDER BY seq) AS causes
       FROM outbox WHERE topic LIKE 'test.snapshot%' AND key = 'a' ORDER BY seq`,
    );
    expect(order.map(({ topic }) => topic.endsWith('.state'))).toEqual([
      ...[false, false, true],
      ...[false, true],
    ]);
    expect(order.filter(({ topic }) => topic.endsWith('.state')).every((row) => row.causes)).toBe(
      true,
    );
  });

  it('replace fields, add to lists, and come to the same however changes are grouped', async () => {
    const part = fc.record(
      {
        name: fc.string(),
        on: fc.option(fc.date({ noInvalidDate: true }).map(String), { nil: null }),
        posts: fc.array(fc.integer(), { maxLength: 3 }),
        nested: fc.array(fc.constant({ roles: ['x'] }), { maxLength: 2 }),
      },
      { requiredKeys: [] },
    );
    const merged = (before: Record<string, unknown>, change: Record<string, unknown>) => {
      const after = { ...before, ...change };
      for (const [name, value] of Object.entries(change)) {
        const old = before[name];
        if (Array.isArray(value) && Array.isArray(old)) after[name] = [...old, ...value];
      }
      return after;
    };
    await fc.assert(
      fc.asyncProperty(fc.array(part, { minLength: 1, maxLength: 4 }), async (parts) => {
        const expected = parts.reduce<Record<string, unknown>>(merged, {});
        const [row]: { left: object; right: object }[] = await db.query(
          `SELECT (SELECT merged_state(c ORDER BY n)
                   FROM unnest($1::jsonb[]) WITH ORDINALITY AS t (c, n)) AS left,
                  merge_state($1[1], (SELECT merged_state(c ORDER BY n)
                   FROM unnest($1[2:]::jsonb[]) WITH ORDINALITY AS t (c, n))) AS right`,
          [parts.map((each) => JSON.stringify(each))],
        );
        expect(row).toEqual({ left: expected, right: expected });
      }),
      { numRuns: 60 },
    );
  });

  it('are written by the same one statement, and not at all without a commit', async () => {
    const contract = eventWithStateOn('test.statements');
    let statements = 0;
    await inTx(async (tx) => {
      await tx.emit(contract, 'a', version(1));
      const query = tx.manager.query.bind(tx.manager);
      tx.manager.query = (...given: Parameters<typeof query>) => {
        statements += 1;
        return query(...given);
      };
    });
    expect(statements).toBe(1);
    await expect(
      inTx(async (tx) => {
        await tx.emit(contract, 'a', version(2));
        throw new Error('changed my mind');
      }),
    ).rejects.toThrow('changed my mind');
    await inTx((tx) => tx.emit(contract, 'a', version(3)));
    const [, last] = await snapshots('test.statements');
    expect(last?.envelope.data.versions.map((each) => each.version)).toEqual([1, 3]);
  });
});
