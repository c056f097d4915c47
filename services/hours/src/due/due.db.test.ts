import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { teacherChanged } from '@yanxiu/contracts/personnel';
import { deliver } from '@yanxiu/testkit/events';
import { ask, officer, platform } from '../testing/graph.js';
import { complete, days, hire, participation, startProvince } from '../testing/province.js';
import { publishPolicy, type Province } from '../testing/province.js';

const COLLEGE = '140000801';
let province: Province;
beforeAll(async () => {
  province = await startProvince();
});
afterAll(() => province.stop());

const LIST = `query ($under: ID!, $kind: DueTrainingKind!, $first: Int, $after: String) {
  dueTraining(under: $under, kind: $kind, first: $first, after: $after) {
    nodes { teacher { id } unit { code } kind since due daysOverdue basis { key version } }
    pageInfo { hasNextPage endCursor } } }`;
const list = async (kind: string, under = COLLEGE) =>
  (await ask(province, officer('140000'), LIST, { under, kind })).data.dueTraining.nodes;
const newcomer = (hiredOn: string, roles: string[] = []) =>
  hire(province, { ...{ unitCode: COLLEGE, sector: 'HIGHER', stage: 'HIGHER' }, hiredOn, roles });
const train = (id: string, category: string, from: string, attended?: number) =>
  complete(
    province,
    participation(id, days(from, 2, 300, attended), { category, unitCode: COLLEGE }),
  );
const idsOf = (nodes: { teacher: { id: string } }[]) => nodes.map((node) => node.teacher.id);

describe('dueTraining', () => {
  it('[R70] names new staff of higher education without induction, with its last day', async () => {
    const [late, early] = [await newcomer('2024-03-01'), await newcomer('2025-06-01')];
    const before = await newcomer('2019-09-01');
    await hire(province, { hiredOn: '2025-03-01' });
    expect(await list('INDUCTION', '140000')).toEqual([
      {
        ...{ teacher: { id: late }, unit: { code: COLLEGE }, kind: 'INDUCTION' },
        ...{ since: '2024-03-01', due: '2025-03-01', daysOverdue: 121 },
        basis: { key: 'hours.dueTraining', version: 1 },
      },
      expect.objectContaining({ teacher: { id: early }, due: '2026-06-01', daysOverdue: 0 }),
    ]);
    expect(idsOf(await list('INDUCTION'))).not.toContain(before);
    // Neither another training nor one that was refused is it.
    await train(late, 'SUBJECT_TEACHING', '2025-04-01');
    await train(early, 'INDUCTION', '2025-06-05', 30);
    expect(idsOf(await list('INDUCTION'))).toEqual([late, early]);
    await train(late, 'INDUCTION', '2025-05-01');
    expect(idsOf(await list('INDUCTION'))).toEqual([early]);
  });

  it('[R73] names newly appointed graduate supervisors without training', async () => {
    const [appointed, born] = [
      await newcomer('2022-09-01'),
      await newcomer('2025-01-10', ['GRADUATE_SUPERVISOR']),
    ];
    const change = (roles: string[], from: string) =>
      deliver(province.inbox, teacherChanged, appointed, {
        ...{ teacherId: appointed, stage: 'HIGHER', subject: null, ladder: 'BACKBONE' },
        ...{ roles, from },
      });
    // Before the appointment: it does not count.
    await train(appointed, 'SUPERVISOR', '2023-03-01');
    await change(['GRADUATE_SUPERVISOR'], '2024-09-01');
    await change(['GRADUATE_SUPERVISOR', 'THREE_TEAMS'], '2025-02-01');
    expect(await list('SUPERVISOR')).toEqual([
      expect.objectContaining({ teacher: { id: appointed }, since: '2024-09-01' }),
      expect.objectContaining({ teacher: { id: born }, since: '2025-01-10' }),
    ]);
    await train(born, 'SUPERVISOR', '2025-03-01');
    await change([], '2025-06-01');
    expect(await list('SUPERVISOR')).toEqual([]);
  });

  it('goes by the parameter in force on the day on which it began', async () => {
    const id = await newcomer('2025-02-01');
    const value = [{ kind: 'INDUCTION', sectors: ['HIGHER'], categories: ['INDUCTION'], days: 90 }];
    await publishPolicy(province, 'hours.dueTraining', value, {
      ...{ version: 2, validFrom: '2025-02-01' },
    });
    const mine = (await list('INDUCTION')).find(
      (node: { teacher: { id: string } }) => node.teacher.id === id,
    );
    expect(mine).toMatchObject({ due: '2025-05-02', daysOverdue: 59, basis: { version: 2 } });
  });

  it('pages, and is for those who oversee the unit', async () => {
    const variables = { under: COLLEGE, kind: 'INDUCTION', first: 1 };
    const first = (await ask(province, officer('140000'), LIST, variables)).data.dueTraining;
    expect(first.pageInfo.hasNextPage).toBe(true);
    const after = first.pageInfo.endCursor;
    const { data } = await ask(province, officer('140000'), LIST, { ...variables, after });
    expect(idsOf(data.dueTraining.nodes)).not.toEqual(idsOf(first.nodes));
    expect((await ask(province, officer('140400'), LIST, variables)).code).toBe('NOT_FOUND');
    expect((await ask(province, platform, LIST, variables)).code).toBe('FORBIDDEN');
  });
});
