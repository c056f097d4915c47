import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { hoursCredited, hoursRefused, hoursReversed } from '@yanxiu/contracts/hours';
import { teacherTransferred } from '@yanxiu/contracts/personnel';
import { participationCompleted, type ParticipationCompleted } from '@yanxiu/contracts/training';
import { deliver } from '@yanxiu/testkit/events';
import { withdrawEnrolment } from '../enrolment/commands.js';
import { enrolmentProgress } from '../enrolment/queries.js';
import {
  CITY,
  COUNTY_A,
  DeliveryFixture,
  PROVINCE,
  SCHOOL_A1,
  SCHOOL_B1,
  UNIVERSITY,
  VOCATIONAL,
  officer,
  refusal,
  staff,
} from '../testing/delivery.js';
import { attend, runClass, session } from '../testing/running.js';
import { completeTrainingClass } from './commands.js';

let fixture: DeliveryFixture;
beforeAll(async () => void (fixture = await DeliveryFixture.start()));
afterAll(() => fixture.stop());
beforeEach(() => {
  fixture.clock.now = new Date('2025-04-10T00:00:00Z');
});

const complete = (classId: string, actor = staff()) =>
  completeTrainingClass(fixture.context(actor), { classId });
const told = (projectId: string) =>
  fixture.emitted<ParticipationCompleted>(participationCompleted.type, projectId);

describe('completeTrainingClass', () => {
  it('[R35] tells hours of each participant once, the city as registrar', async () => {
    const teacherIds = [
      ...(await fixture.teachers(SCHOOL_A1, 2)),
      ...(await fixture.teachers(SCHOOL_B1, 1)),
    ];
    const { projectId, classId, enrolmentIds } = await runClass(fixture, teacherIds, {
      level: 'COUNTY',
      organiserCode: CITY,
    });
    const [one, two, three] = enrolmentIds as [string, string, string];
    const first = await session(fixture, classId, '2025-04-01');
    const second = await session(fixture, classId, '2025-04-02');
    await attend(fixture, first, { [one]: 180, [two]: 180, [three]: 180 });
    expect(await refusal(complete(classId))).toEqual({
      code: 'REFUSED',
      rule: 'ATTENDANCE-MISSING',
    });
    expect(await told(projectId)).toEqual([]);
    await attend(fixture, second, { [one]: 180, [two]: 60 });
    expect(await complete(classId)).toEqual({ classId, participations: 3 });
    const events = await told(projectId);
    expect(events.map(({ registrarCode }) => registrarCode)).toEqual([CITY, CITY, CITY]);
    const minutes = Object.fromEntries(
      events.map((event) => [event.enrolmentId, event.sessions.map((s) => s.attendedMinutes)]),
    );
    expect(minutes).toEqual({ [one]: [180, 180], [two]: [180, 60], [three]: [180, 0] });
    expect(
      events[0]?.sessions.map(({ sessionId, plannedMinutes }) => [sessionId, plannedMinutes]),
    ).toEqual([
      [first, 180],
      [second, 180],
    ]);
    expect(await refusal(complete(classId))).toEqual({ code: 'REFUSED', rule: 'CLASS-COMPLETED' });
    expect(await told(projectId)).toHaveLength(3);
    expect(
      await fixture.count('enrolment', `class_id = '${classId}' AND status = 'COMPLETED'`),
    ).toBe(3);
  });

  it('[R60] has the city register vocational hours, and keeps counties out', async () => {
    const teacherId = await fixture.teacher(VOCATIONAL, { sector: 'VOCATIONAL' });
    const { projectId, classId, enrolmentIds } = await runClass(fixture, [teacherId], {
      sector: 'VOCATIONAL',
    });
    await attend(fixture, await session(fixture, classId, '2025-04-01'), {
      [enrolmentIds[0]!]: 180,
    });
    expect((await refusal(complete(classId, officer(COUNTY_A))))?.code).toBe('FORBIDDEN');
    await complete(classId, officer(CITY));
    expect((await told(projectId)).map((event) => event.registrarCode)).toEqual([CITY]);
  });

  it('[R74] has the university register its own hours, and only when taught', async () => {
    const teacherId = await fixture.teacher(UNIVERSITY, { sector: 'HIGHER', stage: 'HIGHER' });
    const higher = { sector: 'HIGHER', level: 'PROVINCIAL', organiserCode: PROVINCE } as const;
    const { projectId, classId, enrolmentIds } = await runClass(
      fixture,
      [teacherId],
      higher,
      UNIVERSITY,
    );
    expect((await refusal(complete(classId)))?.rule).toBe('ATTENDANCE-MISSING');
    await attend(fixture, await session(fixture, classId, '2025-04-01'), {
      [enrolmentIds[0]!]: 180,
    });
    await complete(classId);
    expect((await told(projectId)).map((event) => event.registrarCode)).toEqual([UNIVERSITY]);
  });

  it('waits while the project is suspended', async () => {
    const teacherIds = await fixture.teachers(SCHOOL_A1, 1);
    const { projectId, classId } = await runClass(fixture, teacherIds);
    await attend(fixture, await session(fixture, classId, '2025-04-01'), {});
    const set = (status: string, previous: string | null) =>
      fixture.db.query(
        'UPDATE training_project SET status = $2, previous_status = $3 WHERE id = $1',
        [projectId, status, previous],
      );
    await set('SUSPENDED', 'RUNNING');
    expect((await refusal(complete(classId)))?.rule).toBe('PROJECT-LIFECYCLE');
    expect(await told(projectId)).toEqual([]);
    await set('RUNNING', null);
    expect(await refusal(complete(classId))).toBeNull();
  });

  it('completes once when asked for side by side', async () => {
    const { projectId, classId, enrolmentIds } = await runClass(
      fixture,
      await fixture.teachers(SCHOOL_A1, 2),
    );
    const sessionId = await session(fixture, classId, '2025-04-01');
    await attend(fixture, sessionId, { [enrolmentIds[0]!]: 180 });
    await Promise.allSettled([1, 2, 3].map(() => complete(classId)));
    expect(await told(projectId)).toHaveLength(2);
  });

  it('gives the same answer to the same request', async () => {
    const { projectId, classId } = await runClass(fixture, await fixture.teachers(SCHOOL_A1, 1));
    await attend(fixture, await session(fixture, classId, '2025-04-01'), {});
    const input = { classId, idempotencyKey: `complete-${classId}` };
    const context = fixture.context(staff());
    const first = await completeTrainingClass(context, input);
    expect(await completeTrainingClass(context, input)).toEqual(first);
    expect(await told(projectId)).toHaveLength(1);
  });

  it('leaves out who has withdrawn, and names the unit of today', async () => {
    const [moved, gone] = (await fixture.teachers(SCHOOL_A1, 2)) as [string, string];
    const { projectId, classId, enrolmentIds } = await runClass(fixture, [moved, gone]);
    await withdrawEnrolment(fixture.context(officer(COUNTY_A)), {
      enrolmentId: enrolmentIds[1]!,
      reason: 'Illness',
    });
    const on = { sector: 'BASIC', stage: 'PRIMARY', on: '2025-04-03' } as const;
    const units = { fromUnitCode: SCHOOL_A1, toUnitCode: SCHOOL_B1 };
    await deliver(fixture.inbox, teacherTransferred, moved, { teacherId: moved, ...units, ...on });
    await attend(fixture, await session(fixture, classId, '2025-04-01'), {});
    await complete(classId);
    const events = await told(projectId);
    expect(events.map(({ teacherId, unitCode }) => [teacherId, unitCode])).toEqual([
      [moved, SCHOOL_B1],
    ]);
  });
});

describe('decisions of hours', () => {
  it('mark the enrolment, and a reversal makes it wait again', async () => {
    const { projectId, classId, enrolmentIds } = await runClass(
      fixture,
      await fixture.teachers(SCHOOL_A1, 2),
    );
    await attend(fixture, await session(fixture, classId, '2025-04-01'), {});
    await complete(classId);
    const progress = () => enrolmentProgress(fixture.db.manager, projectId);
    const [one, two] = (await told(projectId)) as [ParticipationCompleted, ParticipationCompleted];
    const decisionOf = (cause: ParticipationCompleted) => ({
      causeId: cause.participationId,
      decisionId: fixture.id(),
      teacherId: cause.teacherId,
      projectId,
      enrolmentId: cause.enrolmentId,
      at: '2025-04-11T00:00:00Z',
    });
    const entries = [
      { entryId: fixture.id(), year: 2024, centihours: 150 },
      { entryId: fixture.id(), year: 2025, centihours: 250 },
    ];
    const reason = { zh: '缺勤', en: 'absent' };
    expect(await progress()).toEqual({ confirmed: 2, decided: 0, creditedCentihours: 0 });
    const credit = { ...decisionOf(one), entries };
    expect(await deliver(fixture.inbox, hoursCredited, one.participationId, credit)).toBe(
      'applied',
    );
    const refuse = { ...decisionOf(two), rule: 'HOURS-ABSENCE', reason };
    await deliver(fixture.inbox, hoursRefused, two.participationId, refuse);
    expect(await progress()).toEqual({ confirmed: 2, decided: 2, creditedCentihours: 400 });
    const reverse = { ...decisionOf(one), reversedDecisionId: credit.decisionId, reason, entries };
    await deliver(fixture.inbox, hoursReversed, one.participationId, reverse);
    expect(await progress()).toEqual({ confirmed: 2, decided: 1, creditedCentihours: 0 });
    expect(enrolmentIds).toHaveLength(2);
  });

  it('are held aside while their enrolment is not known', async () => {
    const decision = {
      causeId: fixture.id(),
      decisionId: fixture.id(),
      teacherId: fixture.id(),
      projectId: fixture.id(),
      enrolmentId: fixture.id(),
      at: '2025-04-11T00:00:00Z',
      entries: [],
    };
    expect(await deliver(fixture.inbox, hoursCredited, decision.causeId, decision)).toBe('held');
  });
});
