import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { projectFiled, projectSubmitted } from '@yanxiu/contracts/training';
import { deliver } from '@yanxiu/testkit/events';
import { COUNTY, Treasury, newId, project } from './testing/treasury.js';

let treasury: Treasury;
beforeAll(async () => {
  treasury = await Treasury.start();
});
afterAll(() => treasury.stop());

/** The answer to a mutation of the county's finance, which is to be without errors. */
async function mutate(selection: string): Promise<unknown> {
  const { data, errors } = await treasury.ask(`mutation { ${selection} }`, treasury.as(COUNTY));
  expect(errors).toBeUndefined();
  return data;
}

describe('the subgraph', () => {
  it('takes a county from its declaration to a payment and its reversal', async () => {
    const declared = await mutate(`declareFundingBase(input: {
      fiscalYear: 2025, payroll: "400000.00", source: "决算报表" }) { fundingBase {
        unit { code } version payroll teacherPayroll declaredBy { code } declaredAt } }`);
    expect(declared).toEqual({
      declareFundingBase: {
        fundingBase: {
          unit: { code: COUNTY },
          version: 1,
          payroll: '400000.00',
          teacherPayroll: null,
          declaredBy: { code: COUNTY },
          declaredAt: '2025-06-30T04:00:00.000Z',
        },
      },
    });
    const approved = (await mutate(`approveBudget(input: {
      fiscalYear: 2025, source: LOCAL_TREASURY, amount: "9000" }) { budget { id approved } }`)) as {
      approveBudget: { budget: { id: string; approved: string } };
    };
    const { id: budgetId, approved: amount } = approved.approveBudget.budget;
    expect(amount).toBe('9000.00');
    const adjusted = await mutate(`adjustBudget(input: {
      budgetId: "${budgetId}", delta: "1000.00", reason: "追加" }) { budget { approved } }`);
    expect(adjusted).toEqual({ adjustBudget: { budget: { approved: '10000.00' } } });

    const data = project();
    const submission = { ...data, requestId: newId() };
    await deliver(treasury.inbox, projectSubmitted, data.projectId, submission);
    await deliver(treasury.inbox, projectFiled, data.projectId, data);
    const paid = (await mutate(`recordPayment(input: { projectId: "${data.projectId}",
      amount: "250.50", category: "TUITION", payee: "某师范大学", paidOn: "2025-06-30" }) {
        payment { id amount project { id } organiser { code } commitment { paid remaining
          payments { category } } } }`)) as { recordPayment: { payment: { id: string } } };
    expect(paid.recordPayment.payment).toMatchObject({
      amount: '250.50',
      project: { id: data.projectId },
      organiser: { code: COUNTY },
      commitment: { paid: '250.50', remaining: '749.50', payments: [{ category: 'TUITION' }] },
    });
    const reversed = await mutate(`reversePayment(input: {
      paymentId: "${paid.recordPayment.payment.id}", reason: "重复支付" }) { payment { reversed } }`);
    expect(reversed).toEqual({ reversePayment: { payment: { reversed: true } } });

    const journal = `{ journal(unit: "${COUNTY}", fiscalYear: 2025, projectId: "${data.projectId}") {
      nodes { kind project { id } reverses { kind } lines { account amount } } } }`;
    const { data: traced } = await treasury.ask(journal, treasury.as(COUNTY, 'AUDITOR'));
    const { nodes } = (traced as { journal: { nodes: { kind: string }[] } }).journal;
    expect(nodes.map(({ kind }) => kind)).toEqual(['RESERVE', 'COMMIT', 'PAY', 'REVERSE']);
    expect(nodes.at(-1)).toMatchObject({
      reverses: { kind: 'PAY' },
      project: { id: data.projectId },
    });
  });

  it('answers references of other subgraphs, and null for what is not there', async () => {
    const types = ['Budget', 'Commitment', 'Payment', 'FundingBase', 'JournalEntry'];
    const references = types.flatMap((__typename) =>
      [newId(), 'no-id'].map((id) => ({ __typename, id })),
    );
    const { data, errors } = await treasury.ask(
      'query ($references: [_Any!]!) { _entities(representations: $references) { __typename } }',
      treasury.as(COUNTY),
      { references },
    );
    expect(errors).toBeUndefined();
    expect(data).toEqual({ _entities: references.map(() => null) });
  });

  it('refuses in the language asked for', async () => {
    const chinese = { ...treasury.as(COUNTY), locale: 'zh' as const };
    const data = project({ year: 2090 });
    const submission = { ...data, requestId: newId() };
    await deliver(treasury.inbox, projectSubmitted, data.projectId, submission);
    const query = `{ _entities(representations: [{ __typename: "TrainingProject",
      id: "${data.projectId}" }]) { ... on TrainingProject { funds { refusedReason } } } }`;
    expect((await treasury.ask(query, chinese)).data).toEqual({
      _entities: [
        { funds: { refusedReason: expect.stringContaining('没有 2090 年培训经费预算') } },
      ],
    });
  });
});
