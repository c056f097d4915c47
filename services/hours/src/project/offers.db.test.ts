import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import pg from 'pg';
import { teacherChanged } from '@yanxiu/contracts/personnel';
import {
  classScheduled,
  enrolmentConfirmed,
  projectAccepted,
  projectCancelled,
  projectEnrolling,
  projectFiled,
  projectResumed,
  projectSchemeApproved,
  projectStarted,
  projectSuspended,
  quotaUsed,
  type ProjectData,
} from '@yanxiu/contracts/training';
import { deliver } from '@yanxiu/testkit/events';
import { ask, officer, teacher } from '../testing/graph.js';
import { hire, newId, OTHER_SCHOOL, SCHOOL, startProvince } from '../testing/province.js';
import type { Province } from '../testing/province.js';
import { ANYONE, at, offer, openClass, type Offer } from '../testing/offers.js';

const [CITY, COUNTY, OTHER_COUNTY] = ['140400', '140403', '140404'];
let province: Province;
beforeAll(async () => {
  province = await startProvince();
});
afterAll(() => province.stop());

const FIELDS = 'project { id } trainingClass { id } startsOn endsOn hours closes';
const OPEN = `query ($under: ID!, $first: Int! = 5) { notOnTarget(under: $under, year: 2025) {
  nodes { teacher { id } missing openProjects(first: $first) { ${FIELDS} } } } }`;

interface Open {
  project: { id: string };
  hours: string;
  closes: boolean;
}

/** What is open for a teacher who is not on target. */
async function openFor(teacherId: string, first = 20): Promise<Open[]> {
  const { data, code } = await ask(province, officer(CITY), OPEN, { under: CITY, first });
  if (code) throw new Error(String(code));
  const nodes = data.notOnTarget.nodes as { teacher: { id: string }; openProjects: Open[] }[];
  return nodes.find((node) => node.teacher.id === teacherId)?.openProjects ?? [];
}
const idsOf = (open: readonly Open[]): string[] => open.map(({ project }) => project.id);

describe('openProjects', () => {
  it('[R33] gives what closes the gap first, the soonest ahead, then what lessens it most', async () => {
    const id = await hire(province);
    const later = await offer(province, { startsOn: '2025-10-13', endsOn: '2025-10-17' });
    const soon = await offer(province, { plannedCentihours: 7_200 });
    const short = await offer(province, { plannedCentihours: 1_600, startsOn: '2025-07-07' });
    const half = await offer(province, { plannedCentihours: 4_000, startsOn: '2025-11-03' });
    const open = await openFor(id);
    expect(open[0]).toEqual({
      ...{ project: { id: soon.data.projectId }, trainingClass: { id: soon.classId } },
      ...{ startsOn: '2025-09-01', endsOn: '2025-09-05', hours: '72.00', closes: true },
    });
    expect(idsOf(open)).toEqual([soon, later, half, short].map(({ data }) => data.projectId));
    expect(open.map(({ closes }) => closes)).toEqual([true, true, false, false]);
    expect(idsOf(await openFor(id, 3))).toEqual(idsOf(open).slice(0, 3));
    for (const first of [0, 21]) await expect(openFor(id, first)).rejects.toThrow('BAD_USER_INPUT');
    const mine = await ask(
      province,
      teacher(id),
      `{ myHours(year: 2025) { openProjects(first: 2) {
      project { id } } } }`,
    );
    expect(idsOf(mine.data.myHours.openProjects)).toEqual(idsOf(open).slice(0, 2));
    for (const { data } of [later, soon, short, half]) await cancel(data);
    expect(await openFor(id)).toEqual([]);
  });

  const cancel = (data: ProjectData) =>
    deliver(province.inbox, projectCancelled, data.projectId, { ...data, reason: '取消' });

  const target = (more: Partial<typeof ANYONE>): Offer => ({
    project: { target: { ...ANYONE, ...more } },
  });

  it.each<[string, Offer, boolean]>([
    ['for anyone of the sector', {}, true],
    ['of another sector', { project: { sector: 'VOCATIONAL' } }, false],
    ['for her stage', target({ stages: ['KINDERGARTEN', 'PRIMARY'] }), true],
    ['for another stage', target({ stages: ['SENIOR_SECONDARY'] }), false],
    ['for her subject', target({ subjects: ['数学'] }), true],
    ['for another subject', target({ subjects: ['语文'] }), false],
    ['for her rung', target({ ladders: ['BACKBONE'] }), true],
    ['for another rung', target({ ladders: ['MASTER'] }), false],
    ['for one of her roles', target({ roles: ['PRINCIPAL', 'TEACHING_RESEARCHER'] }), true],
    ['for another role', target({ roles: ['PRINCIPAL'] }), false],
    ['with seats of her school', { quota: [[SCHOOL, 1]] }, true],
    ['with seats of another county', { quota: [[OTHER_COUNTY, 5]] }, false],
    ['without seats', { quota: [] }, false],
    [
      'with no seat for her county',
      {
        quota: [
          [CITY, 5],
          [COUNTY, 0, CITY],
        ],
      },
      false,
    ],
    [
      'whose seats all went to another county',
      {
        quota: [
          [CITY, 5],
          [OTHER_COUNTY, 5, CITY],
        ],
      },
      false,
    ],
    [
      'of which some went to another county',
      {
        quota: [
          [CITY, 5],
          [OTHER_COUNTY, 4, CITY],
        ],
      },
      true,
    ],
    ['that begins today', { startsOn: '2025-06-30', endsOn: '2025-07-04' }, false],
    ['that begins tomorrow', { startsOn: '2025-07-01', endsOn: '2025-07-04' }, true],
    ['that ends next year', { startsOn: '2025-12-30', endsOn: '2026-01-02' }, false],
    ['that brings no hours', { plannedCentihours: 0 }, false],
  ])('a project %s', async (_what, what, listed) => {
    const id = await hire(province, {
      subject: '数学',
      ladder: 'BACKBONE',
      roles: ['CLASSROOM_TEACHER', 'TEACHING_RESEARCHER'],
    });
    const { data } = await offer(province, what);
    expect(idsOf(await openFor(id)).includes(data.projectId)).toBe(listed);
    await cancel(data);
  });

  it('follows the project: from enrolling until it starts, not while it is suspended', async () => {
    const id = await hire(province);
    const { data } = await offer(province);
    const { projectId } = data;
    const listed = async () => idsOf(await openFor(id)).includes(projectId);
    expect(await listed()).toBe(true);
    const suspended = { ...data, reason: '安全检查' };
    await deliver(province.inbox, projectSuspended, projectId, suspended);
    expect(await listed()).toBe(false);
    await deliver(province.inbox, projectResumed, projectId, data);
    expect(await listed()).toBe(true);
    await deliver(province.inbox, projectStarted, projectId, data);
    expect(await listed()).toBe(false);
    await deliver(province.inbox, projectSuspended, projectId, suspended);
    await deliver(province.inbox, projectResumed, projectId, data);
    expect(await listed()).toBe(false);
  });

  it('has no seat left once nominations have taken all of her county', async () => {
    const id = await hire(province);
    const { data, classId } = await offer(province, { quota: [[COUNTY, 2]] });
    const { projectId } = data;
    const use = (used: number) =>
      deliver(province.inbox, quotaUsed, projectId, {
        ...{ projectId, classId, at, unitCode: COUNTY, used },
      });
    for (const used of [1, 2, 1]) {
      await use(used);
      expect(idsOf(await openFor(id))).toEqual(used < 2 ? [projectId] : []);
    }
    await cancel(data);
  });

  it('is not shown before enrolling, nor to who takes part, and follows her rung', async () => {
    const [id, other] = [await hire(province), await hire(province, { ladder: 'NEW' })];
    const { data, classId } = await offer(province, {
      ...target({ ladders: ['YOUNG'] }),
      enrolling: false,
    });
    const { projectId } = data;
    expect(await openFor(id)).toEqual([]);
    await deliver(province.inbox, projectEnrolling, projectId, data);
    expect(idsOf(await openFor(id))).toEqual([projectId]);
    await deliver(province.inbox, enrolmentConfirmed, newId(), {
      ...{ enrolmentId: newId(), projectId, classId, teacherId: id, unitCode: SCHOOL, at },
    });
    expect(await openFor(id)).toEqual([]);
    expect(await openFor(other)).toEqual([]);
    await deliver(province.inbox, teacherChanged, other, {
      ...{ teacherId: other, stage: 'PRIMARY', subject: null, ladder: 'YOUNG', roles: [] },
      from: '2025-06-01',
    });
    expect(idsOf(await openFor(other))).toEqual([projectId]);
    await cancel(data);
  });

  it("takes a school's own training by its timetable, for that school alone", async () => {
    const [id, away] = [await hire(province), await hire(province, { unitCode: OTHER_SCHOOL })];
    const project = { level: 'SCHOOL', organiserCode: SCHOOL } as const;
    const { data } = await offer(province, { project });
    await cancel(data);
    const own: ProjectData = { ...data, projectId: newId() };
    const { projectId } = own;
    await deliver(province.inbox, projectFiled, projectId, own);
    const classId = await openClass(province, own, { quota: [[SCHOOL, 40]] });
    const schedule = (plannedMinutes: number) =>
      deliver(province.inbox, classScheduled, projectId, {
        projectId,
        classId,
        at,
        plannedMinutes,
      });
    await schedule(180);
    await schedule(400);
    expect(await openFor(id)).toEqual([]);
    await deliver(province.inbox, projectAccepted, projectId, own);
    expect(await openFor(id)).toMatchObject([{ project: { id: projectId }, hours: '8.89' }]);
    expect(await openFor(away)).toEqual([]);
    await cancel(own);
  });

  it('takes events from before targets and scheme hours were told, and offers what it can', async () => {
    const id = await hire(province);
    const { data: old } = await offer(province);
    await cancel(old);
    const data: ProjectData = { ...old, projectId: newId() };
    delete data.target;
    const { projectId } = data;
    for (const event of [projectFiled, projectSchemeApproved, projectEnrolling]) {
      expect(await deliver(province.inbox, event, projectId, data)).toBe('applied');
    }
    const classId = newId();
    // Its class was opened before classes were told: a session of it is taken and changes nothing.
    const session = { projectId, classId, at, plannedMinutes: 360 };
    expect(await deliver(province.inbox, classScheduled, projectId, session)).toBe('applied');
    expect(await openFor(id)).toEqual([]);
    const told = await openClass(province, data);
    await deliver(province.inbox, classScheduled, projectId, { ...session, classId: told });
    expect(await openFor(id)).toMatchObject([{ project: { id: projectId }, hours: '8.00' }]);
    await cancel(data);
  });

  it('asks as many statements for a page of teachers as for one', async () => {
    const [school, other] = [SCHOOL, OTHER_SCHOOL];
    await hire(province, { unitCode: other });
    const statementsOf = async (under: string) => {
      const spy = jest.spyOn(pg.Client.prototype, 'query');
      const { data } = await ask(province, officer(CITY), OPEN, { under });
      const count = spy.mock.calls.length;
      spy.mockRestore();
      return { count, teachers: data.notOnTarget.nodes.length as number };
    };
    const [one, many] = [await statementsOf(other), await statementsOf(school)];
    expect(one.teachers).toBeGreaterThan(0);
    expect(many.teachers).toBeGreaterThan(one.teachers + 10);
    expect(many.count).toBe(one.count);
    expect(many.count).toBeGreaterThan(0);
  });
});
