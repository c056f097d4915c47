import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { projectCancelled, projectFiled, projectSubmitted } from '@yanxiu/contracts/training';
import { deliver } from '@yanxiu/testkit/events';
import { adjustBudget, approveBudget } from '../budget/commands.js';
import { recordPayment, reversePayment } from '../payment/commands.js';
import { COUNTY, Treasury, newId, project } from '../testing/treasury.js';
import type { Balances } from './rules.js';

let treasury: Treasury;
beforeAll(async () => {
  treasury = await Treasury.start();
});
afterAll(() => treasury.stop());

/** What projects should have, by a model that knows nothing of journals. */
interface Model {
  budget: number;
  /** `round` counts the submissions of a project: each has a commitment of its own. */
  projects: { state: string; asked: number; round: number }[];
  payments: { id: string; project: number; round: number; amount: number; reversed: boolean }[];
}

interface Run {
  budgetId: string;
  year: number;
  projectIds: string[];
  model: Model;
}

const index = fc.integer({ min: 0, max: 2 });
const amount = fc.integer({ min: 1, max: 700 });
const step = fc.oneof(
  fc.record({ kind: fc.constant('adjust'), index, amount: fc.integer({ min: -900, max: 900 }) }),
  fc.record({
    kind: fc.constantFrom('submit', 'file', 'cancel', 'pay', 'reverse'),
    index,
    amount,
  }),
);
type Step = { kind: string; index: number; amount: number };

const sumOf = (amounts: number[]): number => amounts.reduce((sum, fen) => sum + fen, 0);

const paidOf = ({ payments }: Model, counts: (payment: Model['payments'][number]) => boolean) =>
  sumOf(payments.filter((one) => !one.reversed && counts(one)).map(({ amount }) => amount));

/** Paid against the present commitment of a project. */
const paidNow = (model: Model, at: number): number =>
  paidOf(model, ({ project, round }) => project === at && round === model.projects[at]?.round);

function expected(model: Model) {
  const { projects, budget } = model;
  const reserved = sumOf(projects.map((p) => (p.state === 'RESERVED' ? p.asked : 0)));
  const committed = sumOf(
    projects.map((p, at) => (p.state === 'COMMITTED' ? p.asked - paidNow(model, at) : 0)),
  );
  const paid = paidOf(model, () => true);
  return { budget, reserved, committed, paid, available: budget - reserved - committed - paid };
}

/** True when the command was accepted; only a refusal by a rule counts as not. */
async function accepted<T>(run: Promise<T>): Promise<T | null> {
  return run.catch((error: { extensions?: { code?: string } }) => {
    if (error.extensions?.code === 'REFUSED' || error.extensions?.code === 'NOT_FOUND') return null;
    throw error;
  });
}

const steps: Record<string, (run: Run, step: Step) => Promise<void>> = {
  async adjust({ budgetId, model }, { amount: delta }) {
    const context = treasury.as(COUNTY);
    const done = await accepted(adjustBudget(context, { budgetId, delta, reason: '调整' }));
    const may = delta !== 0 && expected(model).available + delta >= 0;
    expect(done !== null).toBe(may);
    if (may) model.budget += delta;
  },
  async submit(run, { index, amount: budgetFen }) {
    const data = { ...dataOf(run, index), budgetFen, requestId: newId() };
    await deliver(treasury.inbox, projectSubmitted, data.projectId, data);
    const p = projectOf(run, index);
    if (p.state === 'COMMITTED') return;
    p.state = 'NONE';
    p.asked = budgetFen;
    p.round += 1;
    if (budgetFen <= expected(run.model).available) p.state = 'RESERVED';
  },
  async file(run, { index }) {
    const p = projectOf(run, index);
    if (p.state !== 'RESERVED') return;
    const data = dataOf(run, index);
    await deliver(treasury.inbox, projectFiled, data.projectId, data);
    p.state = 'COMMITTED';
  },
  async cancel(run, { index }) {
    const data = { ...dataOf(run, index), reason: '取消' };
    await deliver(treasury.inbox, projectCancelled, data.projectId, data);
    projectOf(run, index).state = 'NONE';
  },
  async pay(run, { index, amount }) {
    const p = projectOf(run, index);
    const done = await accepted(
      recordPayment(treasury.as(COUNTY), {
        projectId: run.projectIds[index] ?? '',
        amount,
        category: 'VENUE',
        payee: '场地',
        paidOn: '2025-06-01',
      }),
    );
    const may = p.state === 'COMMITTED' && paidNow(run.model, index) + amount <= p.asked;
    expect(done !== null).toBe(may);
    if (!done) return;
    const { round } = p;
    run.model.payments.push({ id: done.paymentId, project: index, round, amount, reversed: false });
  },
  async reverse({ model }, { index }) {
    const payment = model.payments[index];
    if (!payment) return;
    const reversal = { paymentId: payment.id, reason: '冲销' };
    const done = await accepted(reversePayment(treasury.as(COUNTY), reversal));
    expect(done !== null).toBe(!payment.reversed);
    if (!done) return;
    payment.reversed = true;
  },
};

const dataOf = ({ year, projectIds }: Run, at: number) =>
  project({ year, projectId: projectIds[at] ?? '' });

function projectOf({ model }: Run, at: number): Model['projects'][number] {
  const found = model.projects[at];
  if (!found) throw new Error(`no project ${at}`);
  return found;
}

async function check({ budgetId, model }: Run): Promise<void> {
  const sums: { account: keyof Balances; fen: number }[] = await treasury.db.query(
    `SELECT l.account, sum(l.amount_fen)::float8 AS fen FROM journal_line l
     JOIN journal_entry e ON e.id = l.entry_id WHERE e.budget_id = $1 GROUP BY l.account`,
    [budgetId],
  );
  const of = (account: keyof Balances) => sums.find((row) => row.account === account)?.fen ?? 0;
  expect({
    // Not -of(…): a budget adjusted down to nothing would be -0.
    budget: 0 - of('APPROPRIATION'),
    reserved: of('RESERVED'),
    committed: of('COMMITTED'),
    paid: of('PAID'),
    available: of('AVAILABLE'),
  }).toEqual(expected(model));
  expect(of('AVAILABLE')).toBeGreaterThanOrEqual(0);
  const [kept] = await treasury.db.query(
    `SELECT appropriation_fen::float8 AS "APPROPRIATION", available_fen::float8 AS "AVAILABLE",
       reserved_fen::float8 AS "RESERVED", committed_fen::float8 AS "COMMITTED",
       paid_fen::float8 AS "PAID" FROM account_balance WHERE budget_id = $1`,
    [budgetId],
  );
  for (const [account, fen] of Object.entries(kept as Balances)) {
    expect([account, fen]).toEqual([account, of(account as keyof Balances)]);
  }
}

describe('the ledger after any commands and events', () => {
  it('agrees with a plain model: budget ≥ committed ≥ paid, nothing below zero', async () => {
    let year = 2000;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async (all) => {
        year += 1;
        const { budgetId } = await approveBudget(treasury.as(COUNTY), {
          fiscalYear: year,
          source: 'LOCAL_TREASURY',
          amount: 1_000,
        });
        const projects = [0, 1, 2].map(() => ({ state: 'NONE', asked: 0, round: 0 }));
        const model: Model = { budget: 1_000, projects, payments: [] };
        const run: Run = { budgetId, year, projectIds: [newId(), newId(), newId()], model };
        for (const one of all) {
          await steps[one.kind]?.(run, one);
          await check(run);
        }
      }),
      { numRuns: 20, endOnFailure: true },
    );
  });
});
