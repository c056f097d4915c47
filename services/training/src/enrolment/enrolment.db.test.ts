import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { graphql } from 'graphql';
import { teacherChanged, teacherRegistered, teacherRetired } from '@yanxiu/contracts/personnel';
import {
  enrolmentConfirmed,
  enrolmentWithdrawn,
  projectRecognised,
  type EnrolmentConfirmed,
  type ProjectRecognised,
} from '@yanxiu/contracts/training';
import type { Actor } from '@yanxiu/subgraph/actor';
import { serviceSdl } from '@yanxiu/subgraph/sdl';
import { subgraphSchema } from '@yanxiu/subgraph/server';
import { deliver } from '@yanxiu/testkit/events';
import { nominateTeachers } from '../nomination/commands.js';
import { completeTrainingClass } from '../participation/commands.js';
import { service } from '../subgraph.js';
import {
  CITY,
  COUNTY_A,
  COUNTY_B,
  DeliveryFixture,
  PROVINCE,
  SCHOOL_A1,
  SCHOOL_A2,
  SCHOOL_B1,
  coordinator,
  officer,
  refusal,
  staff,
  teacherActor,
} from '../testing/delivery.js';
import { attend, runClass, session } from '../testing/running.js';
import { confirmEnrolments, withdrawEnrolment } from './commands.js';

let fixture: DeliveryFixture;
beforeAll(async () => void (fixture = await DeliveryFixture.start()));
afterAll(() => fixture.stop());

const schema = subgraphSchema(
  serviceSdl(dirname(fileURLToPath(service.mainUrl))),
  service.slices.flatMap(({ resolvers }) => (resolvers ? [resolvers] : [])),
);

async function ask(actor: Actor | null, source: string, variableValues: Record<string, unknown>) {
  const contextValue = fixture.context(actor);
  const answer = await graphql({ schema, source, variableValues, contextValue });
  return JSON.parse(JSON.stringify(answer)) as { data: Record<string, unknown>; errors?: unknown };
}

describe('confirmEnrolments', () => {
  it('[R108] turns nominations into enrolments once, by organiser or deliverer', async () => {
    const { projectId, classId } = await runClass(fixture, await fixture.teachers(SCHOOL_A1, 2));
    await fixture.setStatus(projectId, 'ENROLLING');
    const more = await fixture.teachers(SCHOOL_A2, 2);
    const { results } = await nominateTeachers(fixture.context(officer(COUNTY_A)), {
      classId,
      teacherIds: more,
    });
    const [first, second] = results.map(({ nominationId }) => nominationId!) as [string, string];
    const confirm = (actor: Actor, nominationIds?: string[]) =>
      confirmEnrolments(fixture.context(actor), {
        classId,
        ...(nominationIds && { nominationIds }),
      });
    expect((await refusal(confirm(officer(COUNTY_A), [first])))?.code).toBe('FORBIDDEN');
    expect((await refusal(confirm(staff('INST-2'))))?.code).toBe('FORBIDDEN');
    await confirm(staff(), [first]);
    expect(await refusal(confirm(staff(), [first, second]))).toEqual({
      code: 'REFUSED',
      rule: 'ENROLMENT-NOMINATED',
    });
    await confirm(officer(CITY));
    expect((await refusal(confirm(officer(CITY))))?.rule).toBe('ENROLMENT-NOMINATED');
    const events = await fixture.emitted<EnrolmentConfirmed>(enrolmentConfirmed.type, projectId);
    expect(events.map(({ teacherId }) => teacherId).slice(2)).toEqual(more);
    expect(await fixture.count('enrolment', `class_id = '${classId}'`)).toBe(4);
    await fixture.setStatus(projectId, 'RUNNING');
    expect((await refusal(confirm(officer(CITY))))?.rule).toBe('PROJECT-LIFECYCLE');
  });
});

describe('withdrawEnrolment', () => {
  it('gives up the place until the class is completed', async () => {
    const { projectId, enrolmentIds } = await runClass(
      fixture,
      await fixture.teachers(SCHOOL_A1, 2),
    );
    const withdraw = (actor: Actor, reason = 'Illness') =>
      withdrawEnrolment(fixture.context(actor), { enrolmentId: enrolmentIds[0]!, reason });
    expect((await refusal(withdraw(coordinator(SCHOOL_A2))))?.code).toBe('FORBIDDEN');
    expect((await refusal(withdraw(coordinator(SCHOOL_A1), ' ')))?.code).toBe('BAD_USER_INPUT');
    await fixture.setStatus(projectId, 'RECOGNISED');
    expect((await refusal(withdraw(staff())))?.rule).toBe('PROJECT-LIFECYCLE');
    await fixture.setStatus(projectId, 'RUNNING');
    await withdraw(coordinator(SCHOOL_A1));
    expect(await refusal(withdraw(staff()))).toEqual({ code: 'REFUSED', rule: 'ENROLMENT-OPEN' });
    expect(await fixture.emitted(enrolmentWithdrawn.type, projectId)).toHaveLength(1);
  });
});

describe('the last enrolment without a decision', () => {
  it('makes the project RECOGNISED when it is withdrawn', async () => {
    const teacherIds = await fixture.teachers(SCHOOL_A1, 2);
    const { projectId, enrolmentIds } = await runClass(fixture, teacherIds);
    const [decided, waiting] = enrolmentIds as [string, string];
    await fixture.db.query(
      `UPDATE enrolment SET status = 'CREDITED', decision_id = $2, credited_centihours = 800
       WHERE id = $1`,
      [decided, fixture.id()],
    );
    const input = { enrolmentId: waiting, reason: 'Illness' };
    await withdrawEnrolment(fixture.context(staff()), input);
    const told = await fixture.emitted<ProjectRecognised>(projectRecognised.type, projectId);
    expect(told).toMatchObject([{ participants: 1, creditedCentihours: 800 }]);
    const recognised = `id = '${projectId}' AND status = 'RECOGNISED'`;
    expect(await fixture.count('training_project', recognised)).toBe(1);
  });
});

describe('an enrolment of a completed class', () => {
  it('cannot be withdrawn any more', async () => {
    const { classId, enrolmentIds } = await runClass(fixture, await fixture.teachers(SCHOOL_A1, 1));
    fixture.clock.now = new Date('2025-04-10T00:00:00Z');
    await attend(fixture, await session(fixture, classId, '2025-04-01'), {});
    await completeTrainingClass(fixture.context(staff()), { classId });
    const input = { enrolmentId: enrolmentIds[0]!, reason: 'Illness' };
    expect(await refusal(withdrawEnrolment(fixture.context(staff()), input))).toEqual({
      code: 'REFUSED',
      rule: 'CLASS-COMPLETED',
    });
  });
});

describe('enrolments in the graph', () => {
  const ofClass = `query ($id: ID!) { trainingClass(id: $id) {
    number modality project { name }
    quotas { unit { code } seats used free }
    nominations { nodes { status teacher { id } } }
    enrolments(first: 2) { nodes { id unit { code } teacher { id } class { id }
      participation { attendedMinutes } } pageInfo { hasNextPage endCursor } }
    sessions { title attendance { attendedMinutes enrolment { id } } } } }`;

  it('are shown to whom they concern and to no one else', async () => {
    const own = await fixture.teacher(SCHOOL_A1);
    const other = await fixture.teacher(SCHOOL_B1);
    const { classId, enrolmentIds } = await runClass(fixture, [own, other]);
    const seenBy = async (actor: Actor | null) => {
      const { data, errors } = await ask(actor, ofClass, { id: classId });
      expect(errors).toBeUndefined();
      const found = data['trainingClass'] as null | { enrolments: { nodes: { id: string }[] } };
      return found && found.enrolments.nodes.map(({ id }) => id).sort();
    };
    const [first, second] = enrolmentIds as [string, string];
    expect(await seenBy(officer(CITY))).toEqual([first, second].sort());
    expect(await seenBy(officer(PROVINCE))).toEqual([first, second].sort());
    expect(await seenBy(staff())).toEqual([first, second].sort());
    expect(await seenBy(officer(COUNTY_B))).toEqual([second]);
    expect(await seenBy(coordinator(SCHOOL_A1))).toEqual([first]);
    expect(await seenBy(teacherActor(own, SCHOOL_A1))).toEqual([first]);
    expect(await seenBy(staff('INST-2'))).toBeNull();
    for (const [actor, code] of [
      [{ ...officer(PROVINCE), role: 'PLATFORM' }, 'FORBIDDEN'],
      [{ ...officer(CITY), role: 'FINANCE' }, 'FORBIDDEN'],
      [null, 'UNAUTHENTICATED'],
    ] as const) {
      const { data, errors } = await ask(actor, ofClass, { id: classId });
      expect(JSON.stringify(data)).not.toContain(first);
      expect(errors).toMatchObject([{ extensions: { code } }]);
    }
    const one = 'query ($id: ID!) { enrolment(id: $id) { id status } }';
    const hidden = await ask(officer(COUNTY_A), one, { id: second });
    expect(hidden.data).toEqual({ enrolment: null });
    const shown = await ask(officer(COUNTY_B), one, { id: second });
    expect(shown.data).toEqual({ enrolment: { id: second, status: 'CONFIRMED' } });
  });

  it('come in pages, by project and by teacher', async () => {
    const teacherIds = await fixture.teachers(SCHOOL_A1, 3);
    const { classId, enrolmentIds } = await runClass(fixture, teacherIds);
    const page = `query ($id: ID!, $after: String) { trainingClass(id: $id) {
      enrolments(first: 2, after: $after) { nodes { id } pageInfo { hasNextPage endCursor } } } }`;
    type Page = { nodes: { id: string }[]; pageInfo: { hasNextPage: boolean; endCursor: string } };
    const read = async (after?: string) => {
      const { data } = await ask(officer(CITY), page, { id: classId, after });
      return (data['trainingClass'] as { enrolments: Page }).enrolments;
    };
    const first = await read();
    const second = await read(first.pageInfo.endCursor);
    expect([first.pageInfo.hasNextPage, second.pageInfo.hasNextPage]).toEqual([true, false]);
    expect([...first.nodes, ...second.nodes].map(({ id }) => id).sort()).toEqual(
      [...enrolmentIds].sort(),
    );
    const entities = `query ($of: [_Any!]!) { _entities(representations: $of) {
      ... on Teacher { enrolments { nodes { id } } } } }`;
    const { data } = await ask(officer(CITY), entities, {
      of: [{ __typename: 'Teacher', id: teacherIds[0] }],
    });
    expect(data['_entities']).toEqual([{ enrolments: { nodes: [{ id: enrolmentIds[0] }] } }]);
  });

  it('go through the mutations with their refusals as data', async () => {
    const projectId = await fixture.project();
    const teacherId = await fixture.teacher(SCHOOL_A1);
    const stranger = await fixture.teacher(SCHOOL_A1, { sector: 'VOCATIONAL' });
    const open = `mutation ($input: OpenTrainingClassInput!) {
      openTrainingClass(input: $input) { trainingClass { id number status project { id } } } }`;
    const dates = { startsOn: '2025-04-01', endsOn: '2025-04-05' };
    const input = { projectId, name: 'C', ...dates, capacity: 2, place: 'P', modality: 'ONLINE' };
    const opened = await ask(officer(CITY), open, { input });
    expect(opened.errors).toBeUndefined();
    const { trainingClass } = opened.data['openTrainingClass'] as {
      trainingClass: { id: string; number: number };
    };
    expect(trainingClass).toMatchObject({ number: 1, status: 'OPEN', project: { id: projectId } });
    const classId = trainingClass.id;
    const allocate = `mutation ($input: AllocateQuotaInput!) {
      allocateQuota(input: $input) { quota { unit { code } seats free source { code } } } }`;
    const quota = { classId, unitCode: COUNTY_A, seats: 2 };
    expect((await ask(officer(CITY), allocate, { input: quota })).data['allocateQuota']).toEqual({
      quota: { unit: { code: COUNTY_A }, seats: 2, free: 2, source: null },
    });
    const nominate = `mutation ($input: NominateTeachersInput!) { nominateTeachers(input: $input) {
      results { teacherId nomination { status } refusal { rule message } } } }`;
    const nominated = await ask(officer(COUNTY_A), nominate, {
      input: { classId, teacherIds: [teacherId, stranger] },
    });
    expect(nominated.data['nominateTeachers']).toEqual({
      results: [
        { teacherId, nomination: { status: 'NOMINATED' }, refusal: null },
        {
          teacherId: stranger,
          nomination: null,
          refusal: {
            rule: 'NOMINATION-ELIGIBLE',
            message: "The project is for the sector BASIC; the teacher's is VOCATIONAL.",
          },
        },
      ],
    });
  });

  it('show a session with what the caller may see of its attendance', async () => {
    const own = await fixture.teacher(SCHOOL_A1);
    const other = await fixture.teacher(SCHOOL_B1);
    const { classId, enrolmentIds } = await runClass(fixture, [own, other]);
    const [first, second] = enrolmentIds as [string, string];
    fixture.clock.now = new Date('2025-04-10T00:00:00Z');
    const sessionId = await session(fixture, classId, '2025-04-01');
    await attend(fixture, sessionId, { [first]: 180, [second]: 90 });
    const { data, errors } = await ask(coordinator(SCHOOL_B1), ofClass, { id: classId });
    expect(errors).toBeUndefined();
    expect((data['trainingClass'] as { sessions: unknown }).sessions).toEqual([
      {
        title: 'Teaching on 2025-04-01',
        attendance: [{ attendedMinutes: 90, enrolment: { id: second } }],
      },
    ]);
  });
});

describe('the copy of teachers', () => {
  it('follows personnel, and waits for a unit that is not known yet', async () => {
    const teacherId = await fixture.teacher(SCHOOL_A1);
    const classification = {
      stage: 'PRIMARY' as const,
      subject: null,
      ladder: 'MASTER' as const,
      roles: ['PRINCIPAL'],
    };
    await deliver(fixture.inbox, teacherChanged, teacherId, {
      teacherId,
      ...classification,
      from: '2025-03-01',
    });
    await deliver(fixture.inbox, teacherRetired, teacherId, {
      teacherId,
      unitCode: SCHOOL_A1,
      on: '2025-03-31',
    });
    const rows: unknown[] = await fixture.db.query(
      `SELECT ladder, roles, subject, retired_on::text AS "retiredOn"
       FROM teacher_copy WHERE id = $1`,
      [teacherId],
    );
    const retired = { ladder: 'MASTER', roles: ['PRINCIPAL'], subject: null };
    expect(rows).toEqual([{ ...retired, retiredOn: '2025-03-31' }]);
    const early = fixture.id();
    const outcome = await deliver(fixture.inbox, teacherRegistered, early, {
      teacherId: early,
      unitCode: '14040300099',
      sector: 'BASIC',
      ...classification,
      hiredOn: '2025-01-01',
    });
    expect(outcome).toBe('held');
    expect(await fixture.count('teacher_copy', `id = '${early}'`)).toBe(0);
  });
});
