import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { plan } from '@yanxiu/generator/plan';
import { SEEDED, startSeeded } from '@yanxiu/testkit/seeded';
import type { System } from '@yanxiu/testkit/system';
import { until } from '@yanxiu/testkit/waiting';
import { decimal, projectsOf, unitsOf } from './examples/expected.js';
import { Records } from './examples/records.js';

const TODAY = '2026-09-10';
const YEAR = 2026;
const [CITY, OTHER_CITY] = ['140400', '140700'];

let system: System;
let records: Records;

beforeAll(async () => {
  system = await startSeeded({ today: TODAY });
  const steps = plan({ ...SEEDED, today: TODAY }).phases.flatMap((phase) => phase.steps);
  records = await Records.read(system, steps);
});
afterAll(() => system?.stop());

interface Leave {
  teacherId: string;
  reason: string;
  from: string;
  to?: string;
  actingFor: string;
}

/** Months of the year on whose 15th she is not on this leave. */
const monthsLeft = ({ from, to }: Leave): number =>
  Array.from({ length: 12 }, (_, at) => `${YEAR}-${String(at + 1).padStart(2, '0')}-15`).filter(
    (day) => day < from || (to !== undefined && day > to),
  ).length;

/** What is asked for so many months of basic education: half up to a whole hour. */
const required = (months: number): string => decimal(Math.round((72 * months) / 12) * 100);

describe('a long leave in the seeded province', () => {
  const QUESTION = `query ($id: ID!) { teacher(id: $id) {
    leaves { reason from to } hours(year: ${YEAR}) { required verdict total } } }`;

  interface Answer {
    teacher: {
      leaves: { reason: string; from: string; to: string | null }[];
      hours: { required: string | null; verdict: string; total: string };
    };
  }

  const ask = async (teacherId: string): Promise<Answer['teacher']> => {
    const { data, errors } = await system.gql<Answer>(
      QUESTION,
      { id: teacherId },
      { persona: 'city-officer', org: CITY },
    );
    expect(errors).toBeUndefined();
    if (!data) throw new Error('no answer');
    return data.teacher;
  };

  /** Who serves the whole year but for one leave in it, in basic education. */
  const away = (): Leave[] => {
    const leaves = records.commands<Leave>('leave.record');
    const moved = new Set(
      records
        .of<{ teacherId: string; on: string }>('teacher.transferred', 'teacher.retired')
        .map(({ teacherId }) => teacherId),
    );
    const since = new Map(
      records
        .of<{ teacherId: string; sector: string; hiredOn: string }>('teacher.registered')
        .filter(({ sector, hiredOn }) => sector === 'BASIC' && hiredOn < `${YEAR}-01-01`)
        .map(({ teacherId, hiredOn }) => [teacherId, hiredOn]),
    );
    return leaves.filter(
      ({ teacherId, from, actingFor }) =>
        from.startsWith(String(YEAR)) &&
        actingFor.startsWith('1404') &&
        since.has(teacherId) &&
        !moved.has(teacherId) &&
        leaves.filter((other) => other.teacherId === teacherId).length === 1,
    );
  };

  it('asks for the months that are left, for each reason that exempts', async () => {
    const leaves = away();
    expect(new Set(leaves.map(({ reason }) => reason))).toEqual(
      new Set(['MATERNITY', 'SICK', 'SECONDMENT']),
    );
    for (const leave of leaves) {
      const { leaves: shown, hours } = await ask(leave.teacherId);
      const { reason, from, to = null } = leave;
      expect(shown).toEqual([{ reason, from, to }]);
      expect(hours.required).toBe(required(monthsLeft(leave)));
      expect(Number(hours.required)).toBeLessThan(72);
    }
  });

  it('asks for more again once it ends earlier, and for all of it when it is withdrawn', async () => {
    const leave = away().find((each) => monthsLeft({ ...each, to: each.from }) > monthsLeft(each));
    if (!leave) throw new Error('nobody is on leave for a month');
    const { teacherId, from, actingFor } = leave;
    const before = await ask(teacherId);
    const persona = actingFor.endsWith('00') ? 'city-officer' : 'county-officer';
    const officer = { persona, org: actingFor };
    const [row] = (
      await system.gql<{ teacher: { leaves: { id: string }[] } }>(
        'query ($id: ID!) { teacher(id: $id) { leaves { id } } }',
        { id: teacherId },
        officer,
      )
    ).data!.teacher.leaves;
    const send = async (name: string, type: string, input: Record<string, unknown>) => {
      const mutation = `mutation ($input: ${type}!) { ${name}(input: $input) { __typename } }`;
      const { errors } = await system.gql(mutation, { input }, officer);
      return errors?.[0]?.extensions?.['rule'] ?? null;
    };
    const end = (on: string) => send('endLeave', 'EndLeaveInput', { leaveId: row?.id, on });
    expect(await end('2026-01-01')).toBe('LEAVE-DATES');
    expect(await end(from)).toBeNull();
    const shorter = required(monthsLeft({ ...leave, to: from }));
    expect(Number(shorter)).toBeGreaterThan(Number(before.hours.required));
    await untilRequired(teacherId, shorter);
    const withdraw = () => send('withdrawLeave', 'WithdrawLeaveInput', { leaveId: row?.id });
    expect(await withdraw()).toBeNull();
    await untilRequired(teacherId, '72.00');
    expect((await ask(teacherId)).leaves).toEqual([]);
  });

  const untilRequired = (teacherId: string, wanted: string): Promise<unknown> =>
    until(async () => (await ask(teacherId)).hours.required === wanted, {
      timeoutMs: 30_000,
      message: `${wanted} hours to be asked`,
    });
});

describe('open projects of those who are not on target', () => {
  interface Row {
    teacher: { id: string };
    unit: { code: string };
    missing: string;
    openProjects: {
      project: { id: string; status: string };
      trainingClass: { id: string; startsOn: string };
      startsOn: string;
      hours: string;
      closes: boolean;
    }[];
  }

  const LIST = `query ($under: ID!, $after: String) {
    notOnTarget(under: $under, year: ${YEAR}, first: 100, after: $after) {
      nodes { teacher { id } unit { code } missing openProjects(first: 20) {
        project { id status } trainingClass { id startsOn } startsOn hours closes } }
      pageInfo { hasNextPage endCursor } } }`;

  interface Listed {
    notOnTarget: { nodes: Row[]; pageInfo: { hasNextPage: boolean; endCursor: string } };
  }

  async function list(under: string, after: string | null = null): Promise<Row[]> {
    const who = { persona: 'city-officer', org: `${under.slice(0, 4)}00` };
    const { data, errors } = await system.gql<Listed>(LIST, { under, after }, who);
    expect(errors).toBeUndefined();
    if (!data) throw new Error('no answer');
    const { nodes, pageInfo } = data.notOnTarget;
    return pageInfo.hasNextPage ? [...nodes, ...(await list(under, pageInfo.endCursor))] : nodes;
  }

  /** Seats by county of each project that takes nominations now, as the commands gave them. */
  function freeSeats() {
    const open = projectsOf(records).filter(
      ({ status, level }) => status === (level === 'SCHOOL' ? 'ACCEPTED' : 'ENROLLING'),
    );
    const nominations = records.commands<{ classId: string; teacherIds: string[] }>(
      'nomination.nominate',
    );
    const quotas = records.commands<{ classId: string; unitCode: string; seats: number }>(
      'quota.allocate',
    );
    return records
      .commands<{ id: string; projectId: string; startsOn: string }>('class.open')
      .filter(({ projectId }) => open.some((project) => project.projectId === projectId))
      .filter(({ startsOn }) => startsOn > TODAY)
      .flatMap(({ id: classId, projectId, startsOn }) =>
        quotas
          .filter((quota) => quota.classId === classId)
          .map(({ unitCode, seats }) => {
            const taken = nominations.filter(
              (each) => each.classId === classId && each.actingFor === unitCode,
            );
            const teachers = taken.flatMap(({ teacherIds }) => teacherIds);
            return {
              projectId,
              classId,
              startsOn,
              unitCode,
              teachers,
              free: seats - teachers.length,
            };
          }),
      );
  }

  const hoursOfScheme = (projectId: string): number =>
    records
      .commands<{ projectId: string; modules: { hours: number }[] }>('scheme.submit')
      .filter((scheme) => scheme.projectId === projectId)
      .flatMap(({ modules }) => modules)
      .reduce((sum, { hours }) => sum + hours, 0);

  it('[R33] are those with a seat for her county, until the seats are taken', async () => {
    const seats = freeSeats();
    const [offered] = seats.filter(({ free, unitCode }) => free > 0 && unitCode.startsWith('1404'));
    if (!offered) throw new Error('no project has a seat left');
    const { projectId, classId, startsOn, unitCode: county } = offered;
    const units = unitsOf(records);
    const basic = (code: string) => units.get(code)?.sector === 'BASIC';
    const inside = await list(county);
    const hours = decimal(hoursOfScheme(projectId));
    const enrolled = new Set(
      records
        .of<{ projectId: string; teacherId: string }>('enrolment.confirmed')
        .filter((enrolment) => enrolment.projectId === projectId)
        .map(({ teacherId }) => teacherId),
    );
    expect(enrolled.size).toBeGreaterThan(0);
    const free = inside.filter(
      ({ teacher, unit }) => !enrolled.has(teacher.id) && basic(unit.code),
    );
    expect(free.length).toBeGreaterThan(offered.free);
    for (const { teacher, unit, missing, openProjects } of inside) {
      const wanted = {
        ...{ project: { id: projectId, status: 'ENROLLING' }, startsOn, hours },
        trainingClass: { id: classId, startsOn },
        closes: Number(hours) >= Number(missing),
      };
      const mayCome = basic(unit.code) && !enrolled.has(teacher.id);
      expect(openProjects).toEqual(mayCome ? [wanted] : []);
    }
    const outside = await list(OTHER_CITY);
    expect(outside.length).toBeGreaterThan(0);
    expect(outside.flatMap(({ openProjects }) => openProjects)).toEqual([]);

    const input = { classId, teacherIds: free.slice(0, offered.free).map((row) => row.teacher.id) };
    const { data, errors } = await system.gql<{
      nominateTeachers: { results: { refusal: { rule: string } | null }[] };
    }>(
      `mutation ($input: NominateTeachersInput!) { nominateTeachers(input: $input) {
        results { refusal { rule } } } }`,
      { input },
      { persona: 'county-officer', org: county },
    );
    expect(errors).toBeUndefined();
    expect(data?.nominateTeachers.results.map(({ refusal }) => refusal)).toEqual(
      input.teacherIds.map(() => null),
    );
    await until(async () => (await list(county)).every((row) => row.openProjects.length === 0), {
      timeoutMs: 30_000,
      message: 'the project to be full',
    });
  });
});
