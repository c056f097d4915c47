import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { teacherRetired } from '@yanxiu/contracts/personnel';
import { deliver } from '@yanxiu/testkit/events';
import { ask, officer, teacher } from '../testing/graph.js';
import { complete, days, hire, participation, startProvince } from '../testing/province.js';
import { OTHER_SCHOOL, SCHOOL, type Province } from '../testing/province.js';

const [COUNTY, OTHER_COUNTY] = ['140403', '140404'];
let province: Province;
beforeAll(async () => {
  province = await startProvince();
});
afterAll(() => province.stop());

const LIST = `query ($under: ID!, $after: String, $first: Int) {
  notOnTarget(under: $under, year: 2025, first: $first, after: $after) {
    nodes { teacher { id } unit { code } expected missing monthsLeft
      hours { total required verdict } cycle { annualVerdict totalVerdict } }
    pageInfo { hasNextPage endCursor } } }`;

const listed = async (under: string) =>
  (await ask(province, officer(under), LIST, { under })).data.notOnTarget.nodes;

describe('notOnTarget', () => {
  it('[R33] names months ahead who falls behind, with both verdicts', async () => {
    const at = (instant: string) => void (province.clock.now = new Date(instant));
    at('2025-06-30T04:00:00Z');
    const [idle, steady, gone, away] = [
      await hire(province),
      await hire(province),
      await hire(province),
      await hire(province, { unitCode: OTHER_SCHOOL }),
    ];
    await complete(province, participation(steady, days('2025-03-03', 5, 360)));
    await deliver(province.inbox, teacherRetired, gone, {
      ...{ teacherId: gone, unitCode: SCHOOL, on: '2025-05-31' },
    });
    expect(await listed(COUNTY)).toEqual([
      {
        ...{ teacher: { id: idle }, unit: { code: SCHOOL } },
        ...{ expected: '30.00', missing: '72.00', monthsLeft: 7 },
        hours: { total: '0.00', required: '72.00', verdict: 'SHORT' },
        cycle: { annualVerdict: 'SHORT', totalVerdict: 'SHORT' },
      },
    ]);
    at('2025-11-01T04:00:00Z');
    const ids = (nodes: { teacher: { id: string } }[]) => nodes.map((node) => node.teacher.id);
    expect(ids(await listed(COUNTY)).sort()).toEqual([idle, steady].sort());
    expect(ids(await listed(OTHER_COUNTY))).toEqual([away]);
    const ofCity = await ask(province, officer('140400'), LIST, { under: OTHER_COUNTY });
    expect(ids(ofCity.data.notOnTarget.nodes)).toEqual([away]);
    await complete(province, participation(steady, days('2025-09-01', 4, 360)));
    expect(ids(await listed(COUNTY))).toEqual([idle]);
    const pages = [];
    let after = null;
    do {
      const variables = { under: '140400', first: 1, after };
      const { data } = await ask(province, officer('140400'), LIST, variables);
      pages.push(...ids(data.notOnTarget.nodes));
      const { hasNextPage, endCursor } = data.notOnTarget.pageInfo;
      after = hasNextPage ? endCursor : null;
    } while (after);
    expect(pages).toEqual([idle, away].sort());
  });

  it('is for those who oversee the unit', async () => {
    const codeOf = async (actor: Parameters<typeof ask>[1], under = COUNTY) =>
      (await ask(province, actor, LIST, { under })).code;
    expect(await codeOf(officer(OTHER_COUNTY))).toBe('NOT_FOUND');
    expect(await codeOf(teacher('00000000-0000-7000-8000-000000000001'))).toBe('FORBIDDEN');
    expect(await codeOf(null)).toBe('UNAUTHENTICATED');
  });
});
