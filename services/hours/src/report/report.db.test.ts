import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { leaveRecorded, teacherRetired, teacherTransferred } from '@yanxiu/contracts/personnel';
import type { Actor } from '@yanxiu/subgraph/actor';
import { deliver } from '@yanxiu/testkit/events';
import { ask, officer, platform, teacher } from '../testing/graph.js';
import { complete, days, hire, newId, participation, startProvince } from '../testing/province.js';
import { OTHER_SCHOOL, publishPolicy, SCHOOL, type Province } from '../testing/province.js';

const [OLD_COUNTY, NEW_COUNTY] = ['140403', '140404'];
let province: Province;
beforeAll(async () => {
  province = await startProvince();
});
afterAll(() => province.stop());

const at = (instant: string) => void (province.clock.now = new Date(instant));

const transfer = (teacherId: string, on: string) =>
  deliver(province.inbox, teacherTransferred, teacherId, {
    teacherId,
    fromUnitCode: SCHOOL,
    toUnitCode: OTHER_SCHOOL,
    sector: 'BASIC',
    stage: 'PRIMARY',
    on,
  });

const REPORT = `query ($unit: ID!, $asOf: Date) { hoursReport(unit: $unit, year: 2025, asOf: $asOf) {
  teachers met short notRegulated exempt total average unit { code } asOf } }`;
const report = async (unit: string, asOf: string) =>
  (await ask(province, officer(unit), REPORT, { unit, asOf })).data.hoursReport;

describe('hoursReport', () => {
  let teacherId: string;
  beforeEach(() => at('2025-04-01T00:00:00Z'));

  it('keeps the report of a past date when a teacher transfers and hours are added later', async () => {
    teacherId = await hire(province);
    const short = await hire(province);
    await complete(province, participation(teacherId, days('2025-03-03', 9, 360)));
    await complete(province, participation(short, days('2025-03-03', 1, 360)));
    at('2025-06-10T00:00:00Z');
    const before = await report(OLD_COUNTY, '2025-05-31');
    expect(before).toMatchObject({
      teachers: 2,
      met: 1,
      short: 1,
      total: '80.00',
      average: '40.00',
    });

    await transfer(teacherId, '2025-05-20');
    const late = days('2025-05-06', 5, 360);
    await complete(province, participation(teacherId, late, { unitCode: OTHER_SCHOOL }));
    expect(await report(OLD_COUNTY, '2025-05-31')).toEqual(before);
    expect(await report(NEW_COUNTY, '2025-05-31')).toMatchObject({ teachers: 0, total: '0.00' });

    expect(await report(OLD_COUNTY, '2025-06-10')).toMatchObject({ teachers: 1, total: '8.00' });
    expect(await report(NEW_COUNTY, '2025-06-10')).toMatchObject({ teachers: 1, total: '112.00' });
  });

  it('keeps the report of a past date when a parameter is published later', async () => {
    const before = await report('140403', '2025-06-09');
    await publishPolicy(province, 'hours.basic.annual', 100, {
      version: 2,
      publishedAt: '2025-06-10T00:00:00Z',
    });
    expect(await report('140403', '2025-06-09')).toEqual(before);
    expect((await report('140403', '2025-06-10')).short).toBeLessThan(before.short);
    await publishPolicy(province, 'hours.basic.annual', 7200, {
      version: 3,
      publishedAt: '2025-06-10T00:00:00Z',
    });
  });

  it('counts a day to its end in Asia/Shanghai', async () => {
    const unit = '140400901';
    await hire(province, { unitCode: unit, sector: 'VOCATIONAL', hiredOn: '2025-03-01' });
    expect(await report(unit, '2025-03-31')).toMatchObject({ teachers: 0 });
    expect(await report(unit, '2025-04-01')).toMatchObject({ teachers: 1, short: 1 });
  });

  it('[R33] asks nothing for a long leave, from the day on which it was known', async () => {
    const unit = '140400901';
    const id = await hire(province, { unitCode: unit, sector: 'VOCATIONAL' });
    const leave = { teacherId: id, leaveId: newId(), to: null, withdrawn: false };
    at('2025-04-20T00:00:00Z');
    await deliver(province.inbox, leaveRecorded, id, { ...leave, from: '2025-01-01' });
    expect(await report(unit, '2025-04-19')).toMatchObject({ teachers: 2, short: 2, exempt: 0 });
    expect(await report(unit, '2025-04-20')).toMatchObject({ teachers: 2, short: 1, exempt: 1 });
  });

  it('counts nobody after the last day of service', async () => {
    const unitCode = '140000801';
    const id = await hire(province, { unitCode, sector: 'HIGHER' });
    await deliver(province.inbox, teacherRetired, id, {
      teacherId: id,
      unitCode,
      on: '2025-03-31',
    });
    expect(await report(unitCode, '2025-03-31')).toMatchObject({ teachers: 0 });
    expect(await report(unitCode, '2025-04-01')).toMatchObject({ teachers: 0 });
  });

  it('takes a year of this century', async () => {
    const past = `{ hoursReport(unit: "140400", year: 2019) { notRegulated exempt } }`;
    expect((await ask(province, officer('140400'), past)).code).toBeUndefined();
    const beyond = past.replace('2019', '20250');
    expect((await ask(province, officer('140400'), beyond)).code).toBe('BAD_USER_INPUT');
  });

  it('is for those who oversee the unit', async () => {
    const variables = { unit: OLD_COUNTY, asOf: '2025-05-31' };
    expect((await ask(province, officer(NEW_COUNTY), REPORT, variables)).code).toBe('NOT_FOUND');
    expect((await ask(province, null, REPORT, variables)).code).toBe('UNAUTHENTICATED');
    expect((await ask(province, platform, REPORT, variables)).code).toBe('FORBIDDEN');
    expect((await ask(province, officer('140400'), REPORT, variables)).code).toBeUndefined();
  });
});

const TEACHER = `query ($r: [_Any!]!) { _entities(representations: $r) { ... on Teacher {
  hours(year: 2025) { total required missing verdict bySource { level hours } basis { key article } }
  cycleHours(year: 2025) { firstYear lastYear total required annualVerdict totalVerdict verdict }
  hourEntries(year: 2025, first: 1) { nodes { id hours unit { code } decision { id status trace { step text } } } pageInfo { hasNextPage endCursor } } } } }`;

describe('Teacher', () => {
  const seenBy = async (actor: Actor, id: string) =>
    (await ask(province, actor, TEACHER, { r: [{ __typename: 'Teacher', id }] })).data._entities[0];

  it('shows hours, verdicts and postings to herself and to those above her post', async () => {
    at('2025-06-10T00:00:00Z');
    const id = await hire(province);
    await complete(province, participation(id, days('2025-03-03', 5, 360), { level: 'CITY' }));
    await complete(province, participation(id, days('2025-04-07', 1, 360)));
    const mine = await seenBy(teacher(id), id);
    expect(mine.hours).toEqual({
      total: '48.00',
      required: '72.00',
      missing: '24.00',
      verdict: 'SHORT',
      bySource: [
        { level: 'CITY', hours: '40.00' },
        { level: 'COUNTY', hours: '8.00' },
      ],
      basis: { key: 'hours.basic.annual', article: '三(一)1' },
    });
    expect(mine.cycleHours).toMatchObject({
      firstYear: 2021,
      lastYear: 2025,
      total: '48.00',
      required: '360.00',
      verdict: 'SHORT',
    });
    expect(mine.hourEntries.nodes).toHaveLength(1);
    expect(mine.hourEntries.pageInfo.hasNextPage).toBe(true);
    expect(mine.hourEntries.nodes[0].decision.trace[0].text).toMatch(/attended/);
    expect(await seenBy(officer(OLD_COUNTY), id)).toEqual(mine);
  });

  it('shows nothing to another teacher, another county, the platform', async () => {
    const id = await hire(province);
    const nothing = { hours: null, cycleHours: null, hourEntries: null };
    for (const actor of [teacher(newId()), officer(NEW_COUNTY)]) {
      expect(await seenBy(actor, id)).toEqual(nothing);
    }
    expect(await seenBy(platform, id)).toEqual(nothing);
  });

  it('is short of all of it before any posting', async () => {
    at('2025-06-10T00:00:00Z');
    const id = await hire(province);
    expect((await seenBy(teacher(id), id)).hours).toMatchObject({
      total: '0.00',
      verdict: 'SHORT',
    });
  });

  it('has no requirement in a year before any parameter', async () => {
    const id = await hire(province);
    const query = TEACHER.replaceAll('2025', '2020');
    const { data } = await ask(province, teacher(id), query, {
      r: [{ __typename: 'Teacher', id }],
    });
    expect(data._entities[0]).toMatchObject({
      hours: { total: '0.00', required: null, verdict: 'NOT_REGULATED', basis: null },
      cycleHours: null,
    });
  });

  it('follows to the new county, and leaves the sight of the old one', async () => {
    at('2025-06-10T00:00:00Z');
    const id = await hire(province);
    await complete(province, participation(id, days('2025-03-03', 1, 360)));
    await transfer(id, '2025-06-01');
    expect((await seenBy(officer(NEW_COUNTY), id)).hours.total).toBe('8.00');
    expect((await seenBy(officer(OLD_COUNTY), id)).hours).toBeNull();
  });
});

const LIST = `query ($under: ID!, $after: String, $verdict: ComplianceVerdict) {
  compliances(under: $under, year: 2025, first: 2, after: $after, verdict: $verdict) {
    nodes { teacher { id } hours { verdict } } pageInfo { hasNextPage endCursor } } }`;

describe('compliances', () => {
  it('pages through the teachers with a verdict, those without postings included', async () => {
    at('2025-06-10T00:00:00Z');
    const unitCode = '140400901';
    const hired: string[] = [];
    for (let count = 0; count < 5; count += 1) {
      hired.push(await hire(province, { unitCode, sector: 'VOCATIONAL' }));
    }
    const [met] = hired;
    await complete(province, participation(met ?? '', days('2025-03-01', 12, 360), { unitCode }));
    const found: string[] = [];
    let after: string | null = null;
    do {
      const { data } = await ask(province, officer('140400'), LIST, {
        under: unitCode,
        after,
        verdict: 'SHORT',
      });
      found.push(
        ...data.compliances.nodes.map((node: { teacher: { id: string } }) => node.teacher.id),
      );
      const { hasNextPage, endCursor } = data.compliances.pageInfo;
      after = hasNextPage ? endCursor : null;
    } while (after);
    expect(found).not.toContain(met);
    expect(hired.filter((id) => id !== met).every((id) => found.includes(id))).toBe(true);
    expect(new Set(found).size).toBe(found.length);
  });
});
