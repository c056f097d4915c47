import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { withoutRowFence } from '@yanxiu/testkit/context';
import {
  fundsCommitted,
  fundsRefused,
  fundsReleased,
  fundsReserved,
} from '@yanxiu/contracts/funding';
import {
  projectCancelled,
  projectFiled,
  projectRejected,
  projectReturned,
  projectSubmitted,
  type ProjectData,
} from '@yanxiu/contracts/training';
import { deliver, messageOf } from '@yanxiu/testkit/events';
import { adjustBudget, approveBudget } from '../budget/commands.js';
import { recordPayment } from '../payment/commands.js';
import {
  CITY,
  COUNTY,
  OTHER_COUNTY,
  SCHOOL,
  Treasury,
  newId,
  project,
} from '../testing/treasury.js';

let treasury: Treasury;
beforeAll(async () => {
  treasury = await Treasury.start();
});
afterAll(() => treasury.stop());

let year = 2000;
/** A fiscal year of its own with this budget. */
async function newYear(amount: number, unit = COUNTY): Promise<{ year: number; budgetId: string }> {
  year += 1;
  const input = { fiscalYear: year, source: 'LOCAL_TREASURY', amount } as const;
  const { budgetId } = await approveBudget(treasury.as(unit), input);
  return { year, budgetId };
}

async function submit(data: ProjectData, requestId = newId()): Promise<string> {
  await deliver(treasury.inbox, projectSubmitted, data.projectId, { ...data, requestId });
  return requestId;
}

const file = (data: ProjectData) => deliver(treasury.inbox, projectFiled, data.projectId, data);

const FUNDS = `query ($projects: [_Any!]!) { _entities(representations: $projects) {
  ... on TrainingProject { funds { state requested reserved committed paid remaining refusedRule
    refusedReason budget { available reserved committed paid } commitment { amount remaining }
  } } } }`;

async function fundsOf(
  id: string,
  context = treasury.as(COUNTY, 'OFFICER'),
  refusal?: string,
): Promise<unknown> {
  const projects = [{ __typename: 'TrainingProject', id }];
  const { data, errors } = await treasury.ask(FUNDS, context, { projects });
  expect(errors).toEqual(refusal && [refusal]);
  return (data as { _entities: { funds: unknown }[] })._entities[0]?.funds;
}

describe('a submitted project', () => {
  it('[PROJECT-FUNDED] is reserved, or refused with the amounts', async () => {
    const { year } = await newYear(150_000);
    const [first, second] = [project({ year }), project({ year, budgetFen: 50_001 })];
    const requestId = await submit(first);
    expect(await treasury.emitted(fundsReserved, first.projectId)).toMatchObject([
      { requestId, unitCode: COUNTY, fiscalYear: year, amountFen: 100_000 },
    ]);
    const refusedId = await submit(second);
    expect(await treasury.emitted(fundsRefused, second.projectId)).toMatchObject([
      {
        requestId: refusedId,
        rule: 'PROJECT-FUNDED',
        amountFen: 50_001,
        reason: {
          zh: expect.stringMatching(/500\.01 元.*500\.00 元/),
          en: expect.stringMatching(/500\.01 yuan.*500\.00 yuan/),
        },
      },
    ]);
    expect(await fundsOf(first.projectId)).toMatchObject({
      state: 'RESERVED',
      reserved: '1000.00',
      budget: { available: '500.00', reserved: '1000.00' },
    });
    expect(await fundsOf(second.projectId)).toMatchObject({
      state: 'REFUSED',
      reserved: '0.00',
      refusedRule: 'PROJECT-FUNDED',
      refusedReason: expect.stringContaining('500.01 yuan'),
    });
  });

  it('[PROJECT-FUNDED] is refused without a budget, unless it costs nothing', async () => {
    const costly = project({ year: 2099 });
    await submit(costly);
    expect(await treasury.emitted(fundsRefused, costly.projectId)).toMatchObject([
      { rule: 'PROJECT-FUNDED', reason: { en: expect.stringContaining('no budget for 2099') } },
    ]);
    const free = project({ year: 2099, level: 'SCHOOL', organiserCode: SCHOOL, budgetFen: 0 });
    await submit(free);
    expect(await treasury.emitted(fundsReserved, free.projectId)).toMatchObject([{ amountFen: 0 }]);
    await file(free);
    expect(await treasury.emitted(fundsCommitted, free.projectId)).toMatchObject([
      { amountFen: 0 },
    ]);
  });

  it('is answered again under a new request, and its former reservation is released', async () => {
    const { year, budgetId } = await newYear(100_000);
    const data = project({ year });
    const first = await submit(data);
    const second = await submit({ ...data, budgetFen: 80_000 });
    expect(await treasury.emitted(fundsReleased, data.projectId)).toMatchObject([
      { requestId: first, amountFen: 100_000 },
    ]);
    expect(await treasury.emitted(fundsReserved, data.projectId)).toMatchObject([
      { requestId: first },
      { requestId: second, amountFen: 80_000 },
    ]);
    await adjustBudget(treasury.as(COUNTY), { budgetId, delta: -20_000, reason: '压减' });
    const third = await submit({ ...data, budgetFen: 80_001 });
    expect(await treasury.emitted(fundsRefused, data.projectId)).toMatchObject([
      { requestId: third },
    ]);
    expect(await fundsOf(data.projectId)).toMatchObject({ budget: { available: '800.00' } });
  });

  it('is acted on once, however often it is delivered', async () => {
    const { year } = await newYear(500_000);
    const data = { ...project({ year }), requestId: newId() };
    const message = messageOf(projectSubmitted, data.projectId, data, 1);
    const inbox = treasury.newInbox();
    const outcomes = [
      await inbox.take(message),
      await inbox.take(message),
      await treasury.newInbox().take(message),
      // The same submission told by another event.
      await inbox.take(messageOf(projectSubmitted, data.projectId, data, 2)),
    ];
    expect(outcomes).toEqual(['applied', 'duplicate', 'duplicate', 'applied']);
    expect(await treasury.emitted(fundsReserved, data.projectId)).toHaveLength(1);
    expect(await fundsOf(data.projectId)).toMatchObject({ budget: { reserved: '1000.00' } });
  });

  it('never overdraws a budget that many race for through two consumers', async () => {
    const { year } = await newYear(300_000);
    const inboxes = [treasury.newInbox(), treasury.newInbox()] as const;
    const projects = Array.from({ length: 8 }, () => project({ year }));
    const outcomes = await Promise.all(
      projects.map((data, index) =>
        deliver(inboxes[index % 2 === 0 ? 0 : 1], projectSubmitted, data.projectId, {
          ...data,
          requestId: newId(),
        }),
      ),
    );
    expect(new Set(outcomes)).toEqual(new Set(['applied']));
    const count = async (contract: typeof fundsReserved | typeof fundsRefused) =>
      (await Promise.all(projects.map((p) => treasury.emitted(contract, p.projectId)))).flat()
        .length;
    expect(await count(fundsReserved)).toBe(3);
    expect(await count(fundsRefused)).toBe(5);
    expect(await fundsOf(projects[0]?.projectId ?? '')).toMatchObject({
      budget: { available: '0.00', reserved: '3000.00' },
    });
  });

  it('is seen in the jurisdiction of its organiser alone', async () => {
    const { year } = await newYear(100_000);
    const data = project({ year });
    await submit(data);
    expect(await fundsOf(data.projectId, treasury.as(CITY, 'AUDITOR'))).not.toBeNull();
    const other = treasury.as(OTHER_COUNTY);
    expect(await fundsOf(data.projectId, other)).toBeNull();
    expect(await fundsOf(data.projectId, withoutRowFence(other))).toBeNull();
    for (const [context, code] of [
      [treasury.as(COUNTY, 'PLATFORM'), 'FORBIDDEN'],
      [treasury.as(COUNTY, 'TEACHER'), 'FORBIDDEN'],
      [{ ...treasury.as(COUNTY), actor: null }, 'UNAUTHENTICATED'],
    ] as const) {
      expect(await fundsOf(data.projectId, context, code)).toBeNull();
    }
  });
});

describe('a filed project', () => {
  it('turns its reservation into a commitment', async () => {
    const { year } = await newYear(150_000);
    const data = project({ year });
    const requestId = await submit(data);
    await file(data);
    await file(data);
    expect(await treasury.emitted(fundsCommitted, data.projectId)).toMatchObject([
      { requestId, amountFen: 100_000, commitmentId: expect.any(String) },
    ]);
    expect(await fundsOf(data.projectId)).toMatchObject({
      state: 'COMMITTED',
      reserved: '0.00',
      committed: '1000.00',
      remaining: '1000.00',
      budget: { available: '500.00', reserved: '0.00', committed: '1000.00' },
      commitment: { amount: '1000.00' },
    });
  });

  it('is not given money a second time', async () => {
    const { year } = await newYear(500_000);
    const data = project({ year });
    await submit(data);
    await file(data);
    const again = await submit(data);
    expect(await treasury.emitted(fundsRefused, data.projectId)).toMatchObject([
      { requestId: again, rule: 'PROJECT-FUNDED' },
    ]);
    expect(await fundsOf(data.projectId)).toMatchObject({ state: 'COMMITTED' });
  });

  it('of a school asks for its money when it is filed', async () => {
    const { year } = await newYear(100_000, SCHOOL);
    const data = project({ year, level: 'SCHOOL', organiserCode: SCHOOL });
    const other = { ...data, projectId: newId() };
    await file(data);
    await file(other);
    expect(await treasury.emitted(fundsCommitted, data.projectId)).toHaveLength(1);
    expect(await treasury.emitted(fundsRefused, other.projectId)).toMatchObject([
      { rule: 'PROJECT-FUNDED' },
    ]);
  });
});

describe('what is not used', () => {
  const reason = '不再举办';

  it('is free again when that request of a project is returned', async () => {
    const { year } = await newYear(100_000);
    const data = project({ year });
    const requestId = await submit(data);
    const back = { ...data, rule: 'PROJECT-FUNDED', reason: { zh: '超时', en: 'too late' } };
    const giveBack = (id: string) =>
      deliver(treasury.inbox, projectReturned, data.projectId, { ...back, requestId: id });
    await giveBack(newId());
    expect(await fundsOf(data.projectId)).toMatchObject({ state: 'RESERVED' });
    await giveBack(requestId);
    await giveBack(requestId);
    expect(await treasury.emitted(fundsReleased, data.projectId)).toHaveLength(1);
    expect(await fundsOf(data.projectId)).toMatchObject({
      state: 'RELEASED',
      budget: { available: '1000.00', reserved: '0.00' },
    });
  });

  it('is free again when a project is rejected', async () => {
    const { year } = await newYear(100_000);
    const data = project({ year });
    await submit(data);
    await deliver(treasury.inbox, projectRejected, data.projectId, { ...data, reason });
    expect(await treasury.emitted(fundsReleased, data.projectId)).toMatchObject([
      { amountFen: 100_000 },
    ]);
  });

  it('is free again when a project is cancelled; what is paid stays paid', async () => {
    const { year } = await newYear(100_000);
    const data = project({ year });
    await submit(data);
    await file(data);
    await recordPayment(treasury.as(COUNTY), {
      projectId: data.projectId,
      amount: 30_000,
      category: 'VENUE',
      payee: '县教师发展中心',
      paidOn: '2025-06-01',
    });
    await deliver(treasury.inbox, projectCancelled, data.projectId, { ...data, reason });
    expect(await treasury.emitted(fundsReleased, data.projectId)).toMatchObject([
      { amountFen: 70_000 },
    ]);
    expect(await fundsOf(data.projectId)).toMatchObject({
      state: 'RELEASED',
      committed: '300.00',
      paid: '300.00',
      remaining: '0.00',
      budget: { available: '700.00', committed: '0.00', paid: '300.00' },
    });
  });

  it('of a project that was refused or never asked is nothing', async () => {
    const data = project({ year: 2098 });
    await submit(data);
    for (const { projectId } of [data, project()]) {
      await deliver(treasury.inbox, projectCancelled, projectId, { ...data, projectId, reason });
      expect(await treasury.emitted(fundsReleased, projectId)).toEqual([]);
    }
  });
});
