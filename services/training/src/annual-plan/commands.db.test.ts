import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { recordStudy } from '../study/commands.js';
import { studyRecords } from '../study/queries.js';
import {
  CITY,
  COUNTY_A,
  COUNTY_B,
  PROVINCE,
  SCHOOL_A1,
  coordinator,
  officer,
  refusal,
  type DeliveryFixture,
} from '../testing/delivery.js';
import { COUNTY_VOCATIONAL, Planning } from '../testing/planning.js';
import { acceptAnnualPlan, draftAnnualPlan, fileAnnualPlan, returnAnnualPlan } from './commands.js';
import { AnnualPlan } from './entity.js';
import { annualPlan, annualPlans, unitsWithoutPlan } from './queries.js';

let planning: Planning;
let fixture: DeliveryFixture;
beforeAll(async () => {
  planning = await Planning.start();
  fixture = planning.fixture;
});
afterAll(() => fixture.stop());

const FORBIDDEN = { code: 'FORBIDDEN', rule: undefined };
const PLAN_ANNUAL = { code: 'REFUSED', rule: 'PLAN-ANNUAL' };
const content = { title: 'Plan', summary: 'All', items: [{ title: 'Ethics', budget: 100 }] };
const find = (id: string) => fixture.db.manager.findOneByOrFail(AnnualPlan, { id });

const events = (planId: string): Promise<{ type: string }[]> =>
  fixture.db.query(`SELECT envelope->>'type' AS type FROM outbox WHERE key = $1 ORDER BY seq`, [
    planId,
  ]);

describe('annual plans', () => {
  it.each([
    ['a year that no calendar has', { year: -1 }],
    ['a year too far away', { year: 2_147_483_647 }],
    ['a negative budget', { items: [{ title: 'Ethics', budget: -1 }] }],
    ['a negative number of people', { items: [{ title: 'Ethics', participants: -1 }] }],
  ])('refuse %s', async (_what, change) => {
    const input = { unitCode: COUNTY_B, year: 2031, ...content, ...change };
    for (const act of [draftAnnualPlan, fileAnnualPlan]) {
      expect(await refusal(act(planning.as(COUNTY_B), input))).toMatchObject({
        code: 'BAD_USER_INPUT',
      });
    }
  });

  it('[R119] [R25] are filed with the unit above, which accepts or returns them', async () => {
    const year = 2024;
    await draftAnnualPlan(planning.as(CITY), { unitCode: CITY, year, ...content });
    const { planId } = await fileAnnualPlan(planning.as(CITY), { unitCode: CITY, year });
    expect(await find(planId)).toMatchObject({ status: 'FILED', superiorCode: PROVINCE });
    const again = fileAnnualPlan(planning.as(CITY), { unitCode: CITY, year });
    expect(await refusal(again)).toEqual(PLAN_ANNUAL);
    expect(await refusal(acceptAnnualPlan(planning.as(CITY), { planId }))).toEqual(FORBIDDEN);
    await returnAnnualPlan(planning.as(PROVINCE), { planId, reason: 'No ethics' });
    expect(await find(planId)).toMatchObject({ status: 'RETURNED', returnReason: 'No ethics' });
    const accept = () => refusal(acceptAnnualPlan(planning.as(PROVINCE), { planId }));
    expect(await accept()).toEqual(PLAN_ANNUAL);
    await fileAnnualPlan(planning.as(CITY), { unitCode: CITY, year, ...content });
    expect(await accept()).toBeNull();
    expect(await find(planId)).toMatchObject({ status: 'ACCEPTED', returnReason: null });
    expect((await events(planId)).map(({ type }) => type.split('.').at(-2))).toEqual([
      'filed',
      'returned',
      'filed',
      'accepted',
    ]);
  });

  it('of the province need no acceptance', async () => {
    const planId = await planning.filePlan(PROVINCE, 2024);
    expect(await find(planId)).toMatchObject({ status: 'ACCEPTED', superiorCode: PROVINCE });
  });

  it('[R119] of a vocational school under a county go to the city (A21)', async () => {
    const planId = await planning.filePlan(COUNTY_VOCATIONAL, 2024);
    expect((await find(planId)).superiorCode).toBe(CITY);
    expect(await refusal(acceptAnnualPlan(planning.as(COUNTY_A), { planId }))).toEqual(FORBIDDEN);
    await acceptAnnualPlan(planning.as(CITY), { planId });
    const basic = await planning.filePlan(SCHOOL_A1, 2024);
    expect((await find(basic)).superiorCode).toBe(COUNTY_A);
  });

  it('are written by the unit’s own people; nothing is written when refused', async () => {
    const file = (context: ReturnType<Planning['as']>, unitCode: string) =>
      refusal(fileAnnualPlan(context, { unitCode, year: 2023, ...content }));
    expect(await file(planning.as(CITY), COUNTY_B)).toEqual(FORBIDDEN);
    expect(await file(fixture.context(coordinator(CITY)), CITY)).toEqual(FORBIDDEN);
    expect(await file(fixture.context({ ...officer(CITY), role: 'ANALYST' }), CITY)).toEqual(
      FORBIDDEN,
    );
    expect((await file(planning.as('999999'), '999999'))?.code).toBe('FORBIDDEN');
    expect(await fixture.count('annual_plan', 'year = 2023')).toBe(0);
    expect(await file(fixture.context(coordinator(SCHOOL_A1)), SCHOOL_A1)).toBeNull();
    const empty = fileAnnualPlan(planning.as(COUNTY_B), { unitCode: COUNTY_B, year: 2022 });
    expect((await refusal(empty))?.code).toBe('BAD_USER_INPUT');
  });

  it('[R36] are read within the jurisdiction', async () => {
    await planning.filePlan(COUNTY_A, 2021);
    await planning.filePlan(COUNTY_B, 2021);
    expect(await annualPlan(planning.as(CITY), COUNTY_A, 2021)).toMatchObject({ year: 2021 });
    expect(await annualPlan(planning.as(COUNTY_B), COUNTY_A, 2021)).toBeNull();
    const page = await annualPlans(planning.as(CITY), { year: 2021, first: 1 });
    expect(page.nodes.map(({ unitCode }) => unitCode)).toEqual([COUNTY_A]);
    const after = page.pageInfo.endCursor;
    const next = await annualPlans(planning.as(CITY), { year: 2021, first: 1, after });
    expect(next.nodes.map(({ unitCode }) => unitCode)).toEqual([COUNTY_B]);
    expect(next.pageInfo.hasNextPage).toBe(false);
  });
});

describe('studies of training work', () => {
  const study = { year: 2025, date: '2025-02-03', topic: 'Training in 2025' };

  it('[R120] are recorded by the unit, once held and within the year', async () => {
    const record = (other: Partial<typeof study>, unitCode = CITY) =>
      refusal(recordStudy(planning.as(CITY), { unitCode, ...study, ...other }));
    expect(await record({ date: '2025-03-02' })).toMatchObject({ code: 'BAD_USER_INPUT' });
    expect(await record({ topic: ' ' })).toMatchObject({ code: 'BAD_USER_INPUT' });
    expect(await record({ year: 2024 })).toMatchObject({ code: 'BAD_USER_INPUT' });
    expect(await record({}, COUNTY_A)).toEqual(FORBIDDEN);
    expect(await fixture.count('study_record')).toBe(0);
    expect(await record({})).toBeNull();
    expect(await studyRecords(planning.as(PROVINCE), CITY, 2025)).toMatchObject([study]);
    expect(await studyRecords(planning.as(COUNTY_A), CITY, 2025)).toEqual([]);
  });

  it('[R119] [R120] and plans: who owes them, and to whom', async () => {
    await planning.filePlan(CITY, 2025);
    await planning.filePlan(COUNTY_A, 2025);
    const duties = await unitsWithoutPlan(planning.as(CITY), { year: 2025 });
    const byUnit = new Map(duties.nodes.map((duty) => [duty.unitCode, duty]));
    expect(byUnit.has(PROVINCE)).toBe(false);
    expect(byUnit.has(CITY)).toBe(false);
    expect(byUnit.get(COUNTY_A)).toEqual({
      unitCode: COUNTY_A,
      superiorCode: CITY,
      year: 2025,
      planFiled: true,
      studyRecorded: false,
    });
    expect(byUnit.get(COUNTY_B)).toMatchObject({ planFiled: false, studyRecorded: false });
    expect(byUnit.get(COUNTY_VOCATIONAL)).toMatchObject({ superiorCode: CITY });
    const page = await unitsWithoutPlan(planning.as(CITY), {
      year: 2025,
      under: COUNTY_A,
      first: 1,
      after: null,
    });
    expect(page.nodes.map(({ unitCode }) => unitCode)).toEqual([COUNTY_A]);
    expect(page.pageInfo.hasNextPage).toBe(true);
  });
});
