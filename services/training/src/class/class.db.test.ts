import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { confirmEnrolments } from '../enrolment/commands.js';
import { nominateTeachers } from '../nomination/commands.js';
import { completeTrainingClass } from '../participation/commands.js';
import { allocateQuota } from '../quota/commands.js';
import { recordAttendance, scheduleSession } from '../session/commands.js';
import {
  CITY,
  COUNTY_A,
  DeliveryFixture,
  PROVINCE,
  SCHOOL_A1,
  SCHOOL_A2,
  coordinator,
  officer,
  refusal,
  staff,
} from '../testing/delivery.js';
import { openTrainingClass, type OpenTrainingClassInput } from './commands.js';
import { countClasses } from './queries.js';

let fixture: DeliveryFixture;
beforeAll(async () => void (fixture = await DeliveryFixture.start()));
afterAll(() => fixture.stop());

const plan = {
  name: 'Class',
  startsOn: '2025-04-01',
  endsOn: '2025-04-05',
  capacity: 20,
  place: 'Changzhi',
  modality: 'FACE_TO_FACE',
} as const;

describe('openTrainingClass', () => {
  const open = (
    actor: Parameters<DeliveryFixture['context']>[0],
    projectId: string,
    other: Partial<OpenTrainingClassInput> = {},
  ) => openTrainingClass(fixture.context(actor), { ...plan, projectId, ...other });

  it('is for the organiser, those above it and the deliverer', async () => {
    const projectId = await fixture.project({ status: 'SCHEME_APPROVED' });
    for (const actor of [officer(CITY), officer(PROVINCE), staff()]) {
      expect(await refusal(open(actor, projectId))).toBeNull();
    }
    for (const actor of [officer(COUNTY_A), staff('INST-2'), coordinator(SCHOOL_A1)]) {
      expect((await refusal(open(actor, projectId)))?.code).toBe('FORBIDDEN');
    }
    expect((await refusal(open(null, projectId)))?.code).toBe('UNAUTHENTICATED');
    expect((await refusal(open(officer(CITY), fixture.id())))?.code).toBe('NOT_FOUND');
    expect((await refusal(open(officer(CITY), 'no-uuid')))?.code).toBe('NOT_FOUND');
    expect(await countClasses(fixture.db.manager, projectId)).toBe(3);
  });

  it('waits for the approved scheme, and is over once teaching has begun', async () => {
    for (const status of ['FILED', 'RUNNING', 'ACCEPTED'] as const) {
      const projectId = await fixture.project({ status });
      expect(await refusal(open(officer(CITY), projectId))).toEqual({
        code: 'REFUSED',
        rule: 'PROJECT-LIFECYCLE',
      });
      expect(await countClasses(fixture.db.manager, projectId)).toBe(0);
    }
    const projectId = await fixture.project({ status: 'ENROLLING' });
    expect(await refusal(open(officer(CITY), projectId))).toBeNull();
  });

  it.each([
    ['ends before it starts', { endsOn: '2025-03-31' }],
    ['has no name', { name: ' ' }],
    ['has no seat', { capacity: 0 }],
  ])('refuses a class that %s', async (_, other) => {
    const projectId = await fixture.project();
    expect((await refusal(open(officer(CITY), projectId, other)))?.code).toBe('BAD_USER_INPUT');
  });

  it('numbers the classes of a project without a gap, side by side as well', async () => {
    const projectId = await fixture.project();
    await Promise.all(Array.from({ length: 6 }, () => open(officer(CITY), projectId)));
    const rows: { number: number }[] = await fixture.db.query(
      'SELECT number FROM training_class WHERE project_id = $1 ORDER BY number',
      [projectId],
    );
    expect(rows.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6]);
  });
});

describe('a school’s own training', () => {
  it('is run by its coordinator, from the accepted filing on', async () => {
    const projectId = await fixture.project({
      level: 'SCHOOL',
      organiserCode: SCHOOL_A1,
      delivererIds: [],
      status: 'FILED',
    });
    const own = fixture.context(coordinator(SCHOOL_A1));
    const opening = { ...plan, projectId, modality: 'SCHOOL_BASED' } as const;
    expect((await refusal(openTrainingClass(own, opening)))?.rule).toBe('PROJECT-LIFECYCLE');
    await fixture.setStatus(projectId, 'ACCEPTED');
    const { classId } = await openTrainingClass(own, opening);
    await allocateQuota(own, { classId, unitCode: SCHOOL_A1, seats: 20 });
    await nominateTeachers(own, { classId, teacherIds: await fixture.teachers(SCHOOL_A1, 2) });
    const { enrolmentIds } = await confirmEnrolments(own, { classId });
    const { sessionId } = await scheduleSession(own, {
      classId,
      title: 'Lesson study',
      startsAt: '2025-04-01T14:00:00+08:00',
      endsAt: '2025-04-01T16:15:00+08:00',
      plannedMinutes: 135,
    });
    await fixture.setStatus(projectId, 'RUNNING');
    fixture.clock.now = new Date('2025-04-02T00:00:00Z');
    const records = enrolmentIds.map((enrolmentId) => ({ enrolmentId, attendedMinutes: 135 }));
    const other = fixture.context(coordinator(SCHOOL_A2));
    expect((await refusal(recordAttendance(other, { sessionId, records })))?.code).toBe(
      'FORBIDDEN',
    );
    await recordAttendance(own, { sessionId, records });
    expect(await completeTrainingClass(own, { classId })).toEqual({ classId, participations: 2 });
  });
});
