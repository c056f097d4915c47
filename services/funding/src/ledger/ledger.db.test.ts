import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { SYSTEM_SESSION } from '@yanxiu/subgraph/scoped-database';
import { approveBudget } from '../budget/commands.js';
import { appendOnly } from '../database.js';
import { COUNTY, OTHER_COUNTY, Treasury, newId } from '../testing/treasury.js';

let treasury: Treasury;
let owner: pg.Client;
let budgetId: string;
beforeAll(async () => {
  treasury = await Treasury.start();
  owner = new pg.Client({ connectionString: treasury.database.ownerUrl, options: SYSTEM_SESSION });
  await owner.connect();
  ({ budgetId } = await approveBudget(treasury.as(COUNTY), {
    fiscalYear: 2025,
    source: 'LOCAL_TREASURY',
    amount: 1_000,
  }));
});
afterAll(async () => {
  await owner.end();
  await treasury.stop();
});

describe('what is on record', () => {
  it.each(appendOnly)(
    '%s refuses UPDATE, DELETE and TRUNCATE of the owner and of the app',
    async (table) => {
      const { rows } = await owner.query(
        `SELECT column_name FROM information_schema.columns
         WHERE table_name = $1 AND is_identity = 'NO' LIMIT 1`,
        [table],
      );
      const column = (rows[0] as { column_name: string }).column_name;
      for (const sql of [
        `UPDATE ${table} SET ${column} = ${column}`,
        `DELETE FROM ${table}`,
        `TRUNCATE ${table} CASCADE`,
      ]) {
        await expect(owner.query(sql)).rejects.toMatchObject({ code: '23001' });
        await expect(treasury.db.query(sql)).rejects.toMatchObject({ code: '42501' });
      }
    },
  );
});

describe('the database', () => {
  /** An entry with these lines, in one transaction of the app. */
  const enter = (lines: [string, number][]) =>
    treasury.db.transaction(async (manager) => {
      const id = newId();
      await manager.query(
        `INSERT INTO journal_entry (id, budget_id, kind, at) VALUES ($1, $2, 'ADJUST', now())`,
        [id, budgetId],
      );
      for (const [account, amount] of lines) {
        await manager.query('INSERT INTO journal_line VALUES ($1, $2, $3)', [id, account, amount]);
      }
    });

  it.each([
    [
      'whose lines do not sum to zero',
      [
        ['AVAILABLE', 5],
        ['APPROPRIATION', -4],
      ],
    ],
    ['of one line', [['AVAILABLE', 5]]],
    ['without lines', []],
  ] as [string, [string, number][]][])('refuses an entry %s', async (_, lines) => {
    const before = await treasury.count('journal_entry');
    await expect(enter(lines)).rejects.toMatchObject({ code: '23514' });
    expect(await treasury.count('journal_entry')).toBe(before);
  });

  it('refuses a line that is added to an entry later', async () => {
    const add = treasury.db.query(
      `INSERT INTO journal_line SELECT id, 'PAID', 5 FROM journal_entry LIMIT 1`,
    );
    await expect(add).rejects.toMatchObject({ code: '23514' });
  });

  it.each(['available_fen', 'reserved_fen', 'committed_fen', 'paid_fen'])(
    'refuses %s below zero, and balances that do not sum to zero',
    async (column) => {
      const set = (amount: string) =>
        treasury.db.query(`UPDATE account_balance SET ${column} = ${amount}`);
      await expect(set('-1')).rejects.toMatchObject({ code: '23514' });
      await expect(set(`${column} + 1`)).rejects.toMatchObject({ code: '23514' });
    },
  );
});

describe('the journal', () => {
  const QUERY = `{ journal(unit: "${COUNTY}", fiscalYear: 2025) {
    nodes { kind unit { code } lines { account amount } } } }`;

  it('shows an auditor every entry with its lines', async () => {
    const { data, errors } = await treasury.ask(QUERY, treasury.as(COUNTY, 'AUDITOR'));
    expect(errors).toBeUndefined();
    expect(data).toEqual({
      journal: {
        nodes: [
          {
            kind: 'APPROVE',
            unit: { code: COUNTY },
            lines: [
              { account: 'APPROPRIATION', amount: '-10.00' },
              { account: 'AVAILABLE', amount: '10.00' },
            ],
          },
        ],
      },
    });
  });

  it('is closed to other jurisdictions and other roles', async () => {
    const foreign = await treasury.ask(QUERY, treasury.as(OTHER_COUNTY, 'AUDITOR'));
    expect(foreign.errors).toEqual(['NOT_FOUND']);
    const analyst = await treasury.ask(QUERY, treasury.as(COUNTY, 'ANALYST'));
    expect(analyst.errors).toEqual(['FORBIDDEN']);
  });
});
