import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { projectSubmitted } from '@yanxiu/contracts/training';
import { deliver } from '@yanxiu/testkit/events';
import {
  CITY,
  COUNTY,
  OTHER_COUNTY,
  PROVINCE,
  SCHOOL,
  Treasury,
  newId,
  project,
} from '../testing/treasury.js';
import { adjustBudget, approveBudget, type ApproveBudgetInput } from './commands.js';

let treasury: Treasury;
beforeAll(async () => {
  treasury = await Treasury.start();
});
afterAll(() => treasury.stop());

const approve = (unit: string, change: Partial<ApproveBudgetInput> = {}) =>
  approveBudget(treasury.as(unit), {
    fiscalYear: 2024,
    source: 'LOCAL_TREASURY',
    amount: 100_000,
    ...change,
  });

describe('approveBudget', () => {
  it.each([PROVINCE, CITY, COUNTY])(
    '[R123] [FUND-TREASURY] takes the budget of %s from its own treasury and no other',
    async (unit) => {
      const before = await treasury.count('budget');
      for (const source of ['CENTRAL', 'PROVINCIAL_TRANSFER', 'OWN'] as const) {
        await expect(approve(unit, { source })).rejects.toMatchObject({
          extensions: { code: 'REFUSED', rule: 'FUND-TREASURY' },
        });
      }
      expect(await treasury.count('budget')).toBe(before);
      await approve(unit);
      expect(await treasury.count('budget')).toBe(before + 1);
    },
  );

  it('takes the budget of a school from other sources too', async () => {
    await approve(SCHOOL, { source: 'OWN' });
  });

  it('refuses nothing and less, a second budget, another unit and another role', async () => {
    for (const amount of [0, -1]) {
      await expect(approve(COUNTY, { fiscalYear: 2023, amount })).rejects.toMatchObject({
        extensions: { rule: 'FUND-BUDGET' },
      });
    }
    await approve(COUNTY, { fiscalYear: 2023 });
    await expect(approve(COUNTY, { fiscalYear: 2023 })).rejects.toMatchObject({
      extensions: { code: 'CONFLICT' },
    });
    await expect(approve(CITY, { unit: COUNTY, fiscalYear: 2022 })).rejects.toMatchObject({
      extensions: { code: 'FORBIDDEN' },
    });
    const officer = approveBudget(treasury.as(COUNTY, 'OFFICER'), {
      fiscalYear: 2022,
      source: 'LOCAL_TREASURY',
      amount: 1,
    });
    await expect(officer).rejects.toMatchObject({ extensions: { code: 'FORBIDDEN' } });
    await expect(approve(COUNTY, { fiscalYear: 1999 })).rejects.toMatchObject({
      extensions: { code: 'BAD_USER_INPUT' },
    });
  });

  it('with one idempotency key acts once, audited', async () => {
    const input = { fiscalYear: 2021, idempotencyKey: newId() };
    const [first, second] = [await approve(COUNTY, input), await approve(COUNTY, input)];
    expect(second).toEqual(first);
    const audited = await treasury.db.query('SELECT action FROM audit WHERE subject_id = $1', [
      first.budgetId,
    ]);
    expect(audited).toEqual([{ action: 'budget.approve' }]);
  });
});

describe('adjustBudget', () => {
  it('[R128] never lowers a budget below what is bound', async () => {
    const { budgetId } = await approve(COUNTY, { fiscalYear: 2025 });
    const requestId = newId();
    const data = { ...project({ budgetFen: 60_000 }), requestId };
    await deliver(treasury.inbox, projectSubmitted, data.projectId, data);
    const adjust = (delta: number, unit = COUNTY) =>
      adjustBudget(treasury.as(unit), { budgetId, delta, reason: '压减' });
    const before = await treasury.count('journal_entry');
    await expect(adjust(-40_001)).rejects.toMatchObject({
      extensions: {
        code: 'REFUSED',
        rule: 'FUND-BUDGET',
        details: { budget: '599.99', bound: '600.00' },
      },
    });
    for (const [delta, unit, code] of [
      [0, COUNTY, 'REFUSED'],
      [1, OTHER_COUNTY, 'FORBIDDEN'],
    ] as const) {
      await expect(adjust(delta, unit)).rejects.toMatchObject({ extensions: { code } });
    }
    expect(await treasury.count('journal_entry')).toBe(before);
    await adjust(-40_000);
    const { data: answer } = await treasury.ask(
      `{ budget(id: "${budgetId}") { approved available reserved committed paid bound source } }`,
      treasury.as(CITY, 'ANALYST'),
    );
    expect(answer).toEqual({
      budget: {
        approved: '600.00',
        available: '0.00',
        reserved: '600.00',
        committed: '0.00',
        paid: '0.00',
        bound: '600.00',
        source: 'LOCAL_TREASURY',
      },
    });
  });

  it('asks for a reason and for a budget that is there', async () => {
    const context = treasury.as(COUNTY);
    const input = { budgetId: newId(), delta: 1, reason: '追加' };
    await expect(adjustBudget(context, input)).rejects.toMatchObject({
      extensions: { code: 'NOT_FOUND' },
    });
    await expect(adjustBudget(context, { ...input, reason: ' ' })).rejects.toMatchObject({
      extensions: { code: 'BAD_USER_INPUT' },
    });
  });
});
