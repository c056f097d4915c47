import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { projectCancelled, projectFiled, projectSubmitted } from '@yanxiu/contracts/training';
import { withoutRowFence } from '@yanxiu/testkit/context';
import { deliver } from '@yanxiu/testkit/events';
import { approveBudget } from '../budget/commands.js';
import { CITY, COUNTY, OTHER_COUNTY, Treasury, newId, project } from '../testing/treasury.js';
import { recordPayment, reversePayment, type RecordPaymentInput } from './commands.js';

let treasury: Treasury;
beforeAll(async () => {
  treasury = await Treasury.start();
  await approveBudget(treasury.as(COUNTY), {
    fiscalYear: 2025,
    source: 'LOCAL_TREASURY',
    amount: 10_000_000,
  });
});
afterAll(() => treasury.stop());

let data: ReturnType<typeof project>;
beforeEach(async () => {
  data = project();
  const submission = { ...data, requestId: newId() };
  await deliver(treasury.inbox, projectSubmitted, data.projectId, submission);
});

const file = () => deliver(treasury.inbox, projectFiled, data.projectId, data);

const pay = (change: Partial<RecordPaymentInput> = {}, context = treasury.as(COUNTY)) =>
  recordPayment(context, {
    projectId: data.projectId,
    amount: 40_000,
    category: 'TUITION',
    payee: '某师范大学',
    paidOn: '2025-06-30',
    ...change,
  });

const earmark = { extensions: { code: 'REFUSED', rule: 'FUND-EARMARK' } };

const PAYMENTS = `query ($project: ID!) { payments(projectId: $project) { nodes {
  amount category payee paidOn reversed reversal { kind reason reverses { id } }
  entry { id kind lines { account amount } } commitment { paid remaining released } } } }`;

async function paymentsOf(context = treasury.as(COUNTY, 'AUDITOR')): Promise<unknown[]> {
  const answer = await treasury.ask(PAYMENTS, context, { project: data.projectId });
  expect(answer.errors).toBeUndefined();
  return (answer.data as { payments: { nodes: unknown[] } }).payments.nodes;
}

describe('recordPayment', () => {
  it('[R130] [FUND-EARMARK] pays only against the commitment of a filed project', async () => {
    await expect(pay()).rejects.toMatchObject(earmark);
    await expect(pay({ projectId: newId() })).rejects.toMatchObject({
      extensions: { code: 'NOT_FOUND' },
    });
    await file();
    await pay();
    expect(await paymentsOf()).toMatchObject([
      {
        amount: '400.00',
        reversed: false,
        entry: {
          kind: 'PAY',
          lines: [
            { account: 'COMMITTED', amount: '-400.00' },
            { account: 'PAID', amount: '400.00' },
          ],
        },
        commitment: { paid: '400.00', remaining: '600.00' },
      },
    ]);
  });

  it('[R130] [FUND-EARMARK] pays only in a category of the parameter', async () => {
    await file();
    await expect(pay({ category: 'BANQUET' })).rejects.toMatchObject(earmark);
    expect(await paymentsOf()).toEqual([]);
    await pay({ category: 'MATERIALS' });
  });

  it('[R130] [FUND-EARMARK] never pays above what remains, nor nothing', async () => {
    await file();
    await pay({ amount: 99_999 });
    for (const amount of [2, 0, -1]) await expect(pay({ amount })).rejects.toMatchObject(earmark);
    await pay({ amount: 1 });
    await expect(pay({ amount: 1 })).rejects.toMatchObject(earmark);
    expect(await paymentsOf()).toHaveLength(2);
  });

  it('lets only one of two payments have what remains', async () => {
    await file();
    const both = await Promise.allSettled([pay({ amount: 60_000 }), pay({ amount: 60_000 })]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(await paymentsOf()).toHaveLength(1);
  });

  it('is for finance of the organiser alone, not after today, with a payee', async () => {
    await file();
    for (const context of [
      treasury.as(CITY),
      treasury.as(OTHER_COUNTY),
      treasury.as(COUNTY, 'OFFICER'),
      treasury.as(COUNTY, 'AUDITOR'),
    ]) {
      await expect(pay({}, context)).rejects.toMatchObject({ extensions: { code: 'FORBIDDEN' } });
    }
    for (const change of [{ paidOn: '2025-07-01' }, { paidOn: '2024-12-31' }, { payee: ' ' }]) {
      await expect(pay(change)).rejects.toMatchObject({ extensions: { code: 'BAD_USER_INPUT' } });
    }
    await pay();
    expect(await paymentsOf()).toHaveLength(1);
    const other = treasury.as(OTHER_COUNTY, 'AUDITOR');
    expect(await paymentsOf(other)).toEqual([]);
    expect(await paymentsOf(withoutRowFence(other))).toEqual([]);
  });

  it('with one idempotency key pays once', async () => {
    await file();
    const idempotencyKey = newId();
    expect(await pay({ idempotencyKey })).toEqual(await pay({ idempotencyKey }));
    expect(await paymentsOf()).toHaveLength(1);
  });
});

describe('payments and journal', () => {
  it.each([
    `payments(projectId: "x") { nodes { id } }`,
    `payments(after: "WyJ4Il0") { nodes { id } }`,
    `payments(first: 201) { nodes { id } }`,
    `journal(unit: "${COUNTY}", fiscalYear: 2025, after: "WyJ4Il0") { nodes { id } }`,
    `journal(unit: "${COUNTY}", fiscalYear: 2025, projectId: "x") { nodes { id } }`,
  ])('refuse what is no id, page or cursor: %s', async (query) => {
    const { errors } = await treasury.ask(`{ ${query} }`, treasury.as(COUNTY, 'AUDITOR'));
    expect(errors).toEqual(['BAD_USER_INPUT']);
  });

  it('go page by page', async () => {
    await file();
    for (const amount of [1, 2, 3]) await pay({ amount });
    const query = `query ($project: ID, $after: String) {
      payments(projectId: $project, first: 2, after: $after) {
        nodes { amount } pageInfo { hasNextPage endCursor } } }`;
    const page = async (after: string | null) => {
      const variables = { project: data.projectId, after };
      const answer = await treasury.ask(query, treasury.as(CITY, 'AUDITOR'), variables);
      return (
        answer.data as {
          payments: { nodes: unknown[]; pageInfo: { hasNextPage: boolean; endCursor: string } };
        }
      ).payments;
    };
    const first = await page(null);
    const second = await page(first.pageInfo.endCursor);
    expect([...first.nodes, ...second.nodes]).toHaveLength(3);
    expect(new Set([...first.nodes, ...second.nodes].map((n) => JSON.stringify(n))).size).toBe(3);
    expect([first.pageInfo.hasNextPage, second.pageInfo.hasNextPage]).toEqual([true, false]);
  });
});

describe('reversePayment', () => {
  const reverse = (paymentId: string, unit = COUNTY) =>
    reversePayment(treasury.as(unit), { paymentId, reason: '重复支付' });

  it('takes a payment back once, by an entry that names the old one', async () => {
    await file();
    const { paymentId } = await pay();
    await expect(reverse(paymentId, CITY)).rejects.toMatchObject({
      extensions: { code: 'FORBIDDEN' },
    });
    const both = await Promise.allSettled([reverse(paymentId), reverse(paymentId)]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    await expect(reverse(paymentId)).rejects.toMatchObject(earmark);
    const [payment] = await paymentsOf();
    const { entry } = payment as { entry: { id: string } };
    expect(payment).toMatchObject({
      reversed: true,
      reversal: { kind: 'REVERSE', reason: '重复支付', reverses: { id: entry.id } },
      commitment: { paid: '0.00', remaining: '1000.00' },
    });
    await pay({ amount: 100_000 });
  });

  it('of a cancelled project makes the money free, not committed', async () => {
    await file();
    const { paymentId } = await pay();
    const cancelled = { ...data, reason: '不再举办' };
    await deliver(treasury.inbox, projectCancelled, data.projectId, cancelled);
    await expect(pay({ amount: 1 })).rejects.toMatchObject(earmark);
    await reverse(paymentId);
    expect(await paymentsOf()).toMatchObject([
      { commitment: { paid: '0.00', remaining: '0.00', released: '1000.00' } },
    ]);
  });
});
