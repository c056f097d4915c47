import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  CITY,
  COUNTY_A,
  COUNTY_B,
  DeliveryFixture,
  SCHOOL_A1,
  SCHOOL_B1,
  officer,
  refusal,
  staff,
} from '../testing/delivery.js';
import { attend, runClass, session, type Running } from '../testing/running.js';
import { completeTrainingClass } from '../participation/commands.js';
import { recordAttendance, scheduleSession, type ScheduleSessionInput } from './commands.js';
import { attendanceByUnit } from './queries.js';

let fixture: DeliveryFixture;
beforeAll(async () => void (fixture = await DeliveryFixture.start()));
afterAll(() => fixture.stop());
beforeEach(() => {
  fixture.clock.now = new Date('2025-04-10T00:00:00Z');
});

async function running(): Promise<Running> {
  return runClass(fixture, [
    ...(await fixture.teachers(SCHOOL_A1, 2)),
    ...(await fixture.teachers(SCHOOL_B1, 1)),
  ]);
}

const minutesOf = (sessionId: string): Promise<{ id: string; minutes: number }[]> =>
  fixture.db.query(
    `SELECT enrolment_id AS id, attended_minutes AS minutes FROM attendance
     WHERE session_id = $1 ORDER BY enrolment_id`,
    [sessionId],
  );

describe('scheduleSession', () => {
  const morning = {
    title: 'Ethics',
    startsAt: '2025-04-01T09:00:00+08:00',
    endsAt: '2025-04-01T12:00:00+08:00',
    plannedMinutes: 180,
  };

  it('takes sessions one after another within the dates of the class', async () => {
    const { classId } = await running();
    const staffContext = fixture.context(staff());
    const schedule = (other: Partial<ScheduleSessionInput>) =>
      refusal(scheduleSession(staffContext, { classId, ...morning, ...other }));
    expect(await schedule({})).toBeNull();
    expect(await schedule({})).toEqual({ code: 'REFUSED', rule: 'SESSION-OVERLAP' });
    const noon = { startsAt: '2025-04-01T12:00:00+08:00', endsAt: '2025-04-01T15:00:00+08:00' };
    expect(await schedule({ ...noon, plannedMinutes: 181 })).toEqual({
      code: 'REFUSED',
      rule: 'SESSION-MINUTES',
    });
    expect(await schedule(noon)).toBeNull();
    const late = { startsAt: '2025-04-06T00:00:00+08:00', endsAt: '2025-04-06T03:00:00+08:00' };
    expect(await schedule(late)).toEqual({ code: 'REFUSED', rule: 'SESSION-DATES' });
    expect(await fixture.count('session', `class_id = '${classId}'`)).toBe(2);
  });

  it('lets one of two overlapping sessions in when they come side by side', async () => {
    const { classId } = await running();
    const settled = await Promise.allSettled(
      [1, 2, 3].map(() => scheduleSession(fixture.context(staff()), { classId, ...morning })),
    );
    expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await fixture.count('session', `class_id = '${classId}'`)).toBe(1);
  });

  it('needs an approved scheme, and a class that is not completed', async () => {
    const { projectId, classId } = await running();
    const schedule = () =>
      refusal(scheduleSession(fixture.context(staff()), { classId, ...morning }));
    await fixture.setStatus(projectId, 'FILED');
    expect(await schedule()).toEqual({ code: 'REFUSED', rule: 'PROJECT-LIFECYCLE' });
    await fixture.setStatus(projectId, 'RUNNING');
    await attend(fixture, await session(fixture, classId, '2025-04-02'), {});
    await completeTrainingClass(fixture.context(staff()), { classId });
    expect(await schedule()).toEqual({ code: 'REFUSED', rule: 'CLASS-COMPLETED' });
    expect(await fixture.count('session', `class_id = '${classId}'`)).toBe(1);
  });

  it('is for the deliverer and the organiser', async () => {
    const { classId } = await running();
    for (const actor of [staff('INST-2'), officer(COUNTY_A)]) {
      const refused = await refusal(
        scheduleSession(fixture.context(actor), { classId, ...morning }),
      );
      expect(refused?.code).toBe('FORBIDDEN');
    }
    expect(
      await refusal(scheduleSession(fixture.context(officer(CITY)), { classId, ...morning })),
    ).toBeNull();
  });
});

describe('recordAttendance', () => {
  it('[R109] records what the deliverer saw, once the session is over', async () => {
    const { classId, enrolmentIds } = await running();
    const sessionId = await session(fixture, classId, '2025-04-01');
    const [one, two] = enrolmentIds as [string, string];
    fixture.clock.now = new Date('2025-04-01T11:59:59+08:00');
    expect(await refusal(attend(fixture, sessionId, { [one]: 180 }))).toEqual({
      code: 'REFUSED',
      rule: 'ATTENDANCE-FUTURE',
    });
    expect(await minutesOf(sessionId)).toEqual([]);
    fixture.clock.now = new Date('2025-04-01T12:00:00+08:00');
    await attend(fixture, sessionId, { [one]: 180, [two]: 90 });
    expect(await minutesOf(sessionId)).toEqual(
      [
        { id: one, minutes: 180 },
        { id: two, minutes: 90 },
      ].sort((a, b) => (a.id < b.id ? -1 : 1)),
    );
  });

  it('keeps what a later record corrects, with who and when', async () => {
    const { classId, enrolmentIds } = await running();
    const sessionId = await session(fixture, classId, '2025-04-01');
    const [one, two] = enrolmentIds as [string, string];
    await attend(fixture, sessionId, { [one]: 180, [two]: 90 });
    const { corrected } = await attend(fixture, sessionId, { [one]: 180, [two]: 100 });
    expect(corrected).toBe(1);
    const rows: unknown[] = await fixture.db.query(
      `SELECT enrolment_id AS id, former_minutes AS former, attended_minutes AS minutes,
              corrected_by AS "by" FROM attendance_correction WHERE session_id = $1`,
      [sessionId],
    );
    expect(rows).toEqual([{ id: two, former: 90, minutes: 100, by: 'staff-INST-1' }]);
    const rewrite = fixture.db.query('DELETE FROM attendance_correction');
    await expect(rewrite).rejects.toThrow(/permission denied/);
    await completeTrainingClass(fixture.context(staff()), { classId });
    expect(await refusal(attend(fixture, sessionId, { [one]: 0 }))).toEqual({
      code: 'REFUSED',
      rule: 'CLASS-COMPLETED',
    });
  });

  it('refuses more than was planned, and who is not of the class', async () => {
    const { classId, enrolmentIds } = await running();
    const other = await running();
    const sessionId = await session(fixture, classId, '2025-04-01');
    const [one] = enrolmentIds as [string];
    const [stranger] = other.enrolmentIds as [string];
    const refused = (minutes: Record<string, number>) =>
      refusal(attend(fixture, sessionId, minutes));
    expect((await refused({ [one]: 181 }))?.rule).toBe('ATTENDANCE-PLANNED');
    expect((await refused({ [one]: -1 }))?.rule).toBe('ATTENDANCE-PLANNED');
    expect((await refused({ [one]: 180, [stranger]: 180 }))?.rule).toBe('ATTENDANCE-ENROLLED');
    expect((await refused({ 'no-uuid': 1 }))?.rule).toBe('ATTENDANCE-ENROLLED');
    const twice = [180, 90].map((attendedMinutes) => ({ enrolmentId: one, attendedMinutes }));
    const doubled = recordAttendance(fixture.context(staff()), { sessionId, records: twice });
    expect((await refusal(doubled))?.code).toBe('BAD_USER_INPUT');
    expect(await minutesOf(sessionId)).toEqual([]);
  });

  it('is for staff that delivers, while the project runs', async () => {
    const { projectId, classId, enrolmentIds } = await running();
    const sessionId = await session(fixture, classId, '2025-04-01');
    const input = { sessionId, records: [{ enrolmentId: enrolmentIds[0]!, attendedMinutes: 1 }] };
    for (const actor of [staff('INST-2'), officer(CITY)]) {
      const refused = await refusal(recordAttendance(fixture.context(actor), input));
      expect(refused?.code).toBe('FORBIDDEN');
    }
    await fixture.setStatus(projectId, 'ENROLLING');
    expect(await refusal(recordAttendance(fixture.context(staff()), input))).toEqual({
      code: 'REFUSED',
      rule: 'PROJECT-LIFECYCLE',
    });
  });
});

describe('attendanceByUnit', () => {
  it('[R43] shows each county who of its teachers came in time, and refuses false records', async () => {
    const { classId, enrolmentIds } = await running();
    const [one, two, three] = enrolmentIds as [string, string, string];
    const first = await session(fixture, classId, '2025-04-01');
    const second = await session(fixture, classId, '2025-04-02');
    await attend(fixture, first, { [one]: 180, [two]: 120, [three]: 180 });
    await attend(fixture, second, { [one]: 180 });
    expect((await refusal(attend(fixture, second, { [three]: 999 })))?.rule).toBe(
      'ATTENDANCE-PLANNED',
    );
    const countyA = { unitCode: COUNTY_A, expected: 4, attended: 2, partly: 1, absent: 1 };
    const countyB = { unitCode: COUNTY_B, expected: 2, attended: 1, partly: 0, absent: 1 };
    const seenBy = (unit: string) => attendanceByUnit(fixture.context(officer(unit)), classId);
    expect(await seenBy(CITY)).toEqual([countyA, countyB]);
    expect(await seenBy(COUNTY_B)).toEqual([countyB]);
  });
});
