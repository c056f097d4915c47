import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { orgUnitMoved, teacherRetired, teacherTransferred } from '@yanxiu/contracts/personnel';
import { testEnvironment } from '@yanxiu/testkit/context';
import { deliver } from '@yanxiu/testkit/events';
import { ask, officer, teacher } from '../testing/graph.js';
import { complete, days, hire, participation, startProvince } from '../testing/province.js';
import { OTHER_SCHOOL, publishPolicy, SCHOOL, type Province } from '../testing/province.js';
import { sealAll } from './seal.js';

const [CITY, COUNTY, OTHER_COUNTY] = ['140400', '140403', '140404'];
let province: Province;
const at = (instant: string) => void (province.clock.now = new Date(instant));

const REPORT = `query ($unit: ID!, $asOf: Date, $knownAt: Date) {
  hoursReport(unit: $unit, year: 2025, asOf: $asOf, knownAt: $knownAt) {
    unit { code } year asOf knownAt teachers met short notRegulated exempt total average } }`;
const TEACHER = `query ($r: [_Any!]!, $at: Date, $known: Date) { _entities(representations: $r) {
  ... on Teacher { hoursAsOf(year: 2025, validAt: $at, knownAt: $known) {
    validAt knownAt unit { code } total required verdict basis { key version } } } } }`;
const DIFFERENCE = `query ($unit: ID!, $asOf: Date!, $knownAt: Date!, $until: Date, $first: Int,
    $after: String) {
  hoursReportDifference(unit: $unit, year: 2025, asOf: $asOf, knownAt: $knownAt, until: $until,
      first: $first, after: $after) {
    nodes { id hours recordedAt validOn teacher { id } } pageInfo { hasNextPage endCursor } } }`;

const [DAY, SOON, LATE] = ['2025-05-31', '2025-06-15', '2025-08-31'];
const report = async (unit: string, knownAt: string, asOf = DAY) =>
  (await ask(province, officer(unit), REPORT, { unit, asOf, knownAt })).data.hoursReport;
const bytes = async (knownAt: string) =>
  JSON.stringify(await Promise.all([CITY, COUNTY, OTHER_COUNTY].map((u) => report(u, knownAt))));
const ofTeacher = async (id: string, known: string, day = DAY) => {
  const r = [{ __typename: 'Teacher', id }];
  const { data } = await ask(province, teacher(id), TEACHER, { r, at: day, known });
  return data._entities[0].hoursAsOf;
};
const different = async (unit: string, [knownAt, until] = [SOON, LATE]) => {
  const variables = { unit, asOf: DAY, knownAt, until };
  const { data } = await ask(province, officer(unit), DIFFERENCE, variables);
  return data.hoursReportDifference.nodes as { hours: string; teacher: { id: string } }[];
};

describe('two times', () => {
  let [stays, moves, leaves] = ['', '', ''];
  let before = { bytes: '', teacher: '' };
  beforeAll(async () => {
    province = await startProvince();
    at('2025-06-01T00:00:00Z');
    [stays, moves, leaves] = [await hire(province), await hire(province), await hire(province)];
    for (const id of [stays, moves, leaves]) {
      await complete(province, participation(id, days('2025-03-03', 5, 360)));
    }
    at('2025-07-01T00:00:00Z');
    before = { bytes: await bytes(SOON), teacher: JSON.stringify(await ofTeacher(stays, SOON)) };

    // All of it is recorded later, and is about earlier days.
    await complete(province, participation(stays, days('2025-05-06', 5, 360)));
    await complete(province, participation(moves, days('2025-05-12', 1, 360)));
    // Of higher rank, so that it takes back what the county credited on that day.
    const better = { level: 'NATIONAL' } as const;
    await complete(province, participation(leaves, days('2025-03-03', 1, 180), better));
    const post = { sector: 'BASIC', stage: 'PRIMARY' } as const;
    await deliver(province.inbox, teacherTransferred, moves, {
      ...{ teacherId: moves, fromUnitCode: SCHOOL, toUnitCode: OTHER_SCHOOL, ...post },
      on: '2025-04-01',
    });
    await deliver(province.inbox, teacherRetired, leaves, {
      ...{ teacherId: leaves, unitCode: SCHOOL, on: '2025-05-30' },
    });
    await publishPolicy(province, 'hours.basic.annual', 4000, {
      version: 2,
      publishedAt: '2025-07-01T00:00:00Z',
    });
  });
  afterAll(() => province.stop());

  it('[R34] gives the report of a past date as it was known soon after, byte for byte', async () => {
    expect(await bytes(SOON)).toBe(before.bytes);
    // Worked out anew until then, now from what is kept.
    at('2025-08-20T00:00:00Z');
    await sealAll(province.db, testEnvironment(province.clock));
    expect(await bytes(SOON)).toBe(before.bytes);
    expect(JSON.parse(before.bytes)[1]).toMatchObject({ teachers: 3, short: 3, total: '120.00' });
    expect(await bytes(LATE)).not.toBe(before.bytes.replaceAll(SOON, LATE));
    expect(await report(COUNTY, LATE)).toMatchObject({ teachers: 1, met: 1, total: '80.00' });
    expect(await report(OTHER_COUNTY, LATE)).toMatchObject({ teachers: 1, total: '48.00' });
  });

  it('gives a teacher her year as it was known, and as it is known now', async () => {
    expect(JSON.stringify(await ofTeacher(stays, SOON))).toBe(before.teacher);
    expect(await ofTeacher(stays, SOON)).toMatchObject({
      ...{ total: '40.00', required: '72.00', verdict: 'SHORT', unit: { code: SCHOOL } },
      basis: { key: 'hours.basic.annual', version: 1 },
    });
    expect(await ofTeacher(stays, LATE)).toMatchObject({
      ...{ total: '80.00', required: '40.00', verdict: 'MET', basis: { version: 2 } },
    });
    // Of an earlier day only what had been earned by then.
    expect(await ofTeacher(stays, LATE, '2025-05-07')).toMatchObject({ total: '40.00' });
    expect(await ofTeacher(moves, LATE)).toMatchObject({ unit: { code: OTHER_SCHOOL } });
    expect(await ofTeacher(leaves, LATE)).toMatchObject({ unit: null });
    expect(await ofTeacher(stays, '2025-05-31')).toBeNull();
  });

  it('lists the entries that make the difference', async () => {
    const sum = (entries: { hours: string }[]) =>
      entries.reduce((total, { hours }) => total + Math.round(Number(hours) * 100), 0);
    const total = async (unit: string, known: string) =>
      Math.round(Number((await report(unit, known)).total) * 100);
    const inCity = await different(CITY);
    expect(inCity.map((entry) => entry.teacher.id)).toEqual(expect.arrayContaining([stays, moves]));
    // Whoever counts at one of the times alone comes with all her entries.
    for (const unit of [CITY, COUNTY, OTHER_COUNTY]) {
      const ids = new Set((await different(unit)).map(({ teacher }) => teacher.id));
      expect([unit, ids.has(leaves)]).toEqual([unit, unit !== OTHER_COUNTY]);
    }
    const added = (await different(COUNTY)).filter(({ teacher }) => teacher.id === stays);
    const gone = (await different(COUNTY)).filter(({ teacher }) => teacher.id !== stays);
    expect((await total(COUNTY, LATE)) - (await total(COUNTY, SOON))).toBe(sum(added) - sum(gone));
    const variables = { unit: CITY, asOf: DAY, knownAt: SOON, until: LATE };
    const paged = [];
    let after = null;
    do {
      const page = { ...variables, first: 1, after };
      const { data } = await ask(province, officer(CITY), DIFFERENCE, page);
      paged.push(...data.hoursReportDifference.nodes);
      const { hasNextPage, endCursor } = data.hoursReportDifference.pageInfo;
      after = hasNextPage ? endCursor : null;
    } while (after);
    expect(paged).toEqual(inCity);
  });

  it('knows the tree of then', async () => {
    at('2025-09-10T00:00:00Z');
    const known = '2025-09-05';
    const [ofOld, ofNew] = [await report(COUNTY, known), await report(OTHER_COUNTY, known)];
    await deliver(province.inbox, orgUnitMoved, SCHOOL, {
      ...{ code: SCHOOL, parentCode: OTHER_COUNTY, validFrom: '2025-05-01' },
    });
    expect(await report(COUNTY, known)).toEqual(ofOld);
    expect(await report(OTHER_COUNTY, known)).toEqual(ofNew);
    expect(await report(COUNTY, '2025-09-10')).toMatchObject({ teachers: 0 });
    expect(await report(OTHER_COUNTY, '2025-09-10')).toMatchObject({ teachers: 2 });
    // All that she had comes with her, though none of it was recorded since.
    const gained = await different(OTHER_COUNTY, [known, '2025-09-10']);
    expect(new Set(gained.map(({ teacher }) => teacher.id))).toEqual(new Set([stays]));
    // It had moved by the day that is asked about, not by an earlier one.
    expect(await report(COUNTY, '2025-09-10', '2025-04-30')).toMatchObject({ teachers: 2 });
  });

  it('is for those who oversee the unit, and takes times in their order', async () => {
    const variables = { unit: COUNTY, asOf: DAY, knownAt: SOON };
    const codeOf = async (unit: string, changes = {}) =>
      (await ask(province, officer(unit), DIFFERENCE, { ...variables, ...changes })).code;
    expect(await codeOf(OTHER_COUNTY)).toBe('NOT_FOUND');
    expect(await codeOf(COUNTY, { until: SOON })).toBe('BAD_USER_INPUT');
    const r = [{ __typename: 'Teacher', id: stays }];
    const other = await ask(province, teacher(moves), TEACHER, { r, at: DAY, known: SOON });
    expect(other.data._entities[0].hoursAsOf).toBeNull();
  });
});
