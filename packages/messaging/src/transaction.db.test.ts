import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { createTestDatabase, type TestDatabase } from '@yanxiu/testkit/database';
import { messagingTables } from './tables.js';
import { dataOf, environment, eventOn, openDatabase } from './testing/fixture.js';
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
