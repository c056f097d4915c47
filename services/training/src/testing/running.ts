import { openTrainingClass } from '../class/commands.js';
import { confirmEnrolments } from '../enrolment/commands.js';
import { nominateTeachers } from '../nomination/commands.js';
import type { TrainingProject } from '../project/entity.js';
import { allocateQuota } from '../quota/commands.js';
import { recordAttendance, scheduleSession } from '../session/commands.js';
import { CITY, officer, staff, type DeliveryFixture } from './delivery.js';

/** A running class, its enrolments in the order of the teachers. */
export interface Running {
  projectId: string;
  classId: string;
  enrolmentIds: string[];
}

/** A class of a project that has come to RUNNING, with these teachers enrolled. */
export async function runClass(
  fixture: DeliveryFixture,
  teacherIds: string[],
  other: Partial<TrainingProject> = {},
  quotaUnit = CITY,
): Promise<Running> {
  const projectId = await fixture.project(other);
  const organiser = fixture.context(officer(other.organiserCode ?? CITY));
  const { classId } = await openTrainingClass(organiser, {
    projectId,
    name: 'Class 1',
    startsOn: '2025-04-01',
    endsOn: '2025-04-05',
    capacity: 60,
    place: 'Changzhi',
    modality: 'FACE_TO_FACE',
  });
  await allocateQuota(organiser, { classId, unitCode: quotaUnit, seats: 60 });
  await nominateTeachers(organiser, { classId, teacherIds });
  const { enrolmentIds } = await confirmEnrolments(fixture.context(staff()), { classId });
  const rows: { id: string; teacher: string }[] = await fixture.db.query(
    'SELECT id, teacher_id AS teacher FROM enrolment WHERE id = ANY($1)',
    [enrolmentIds],
  );
  const byTeacher = new Map(rows.map((row) => [row.teacher, row.id]));
  await fixture.setStatus(projectId, 'RUNNING');
  const ordered = teacherIds.flatMap((teacherId) => byTeacher.get(teacherId) ?? []);
  return { projectId, classId, enrolmentIds: ordered };
}

/** A session of 180 planned minutes on a day of the class, 09:00–12:00 in Shanghai. */
export async function session(
  fixture: DeliveryFixture,
  classId: string,
  day: string,
): Promise<string> {
  const { sessionId } = await scheduleSession(fixture.context(staff()), {
    classId,
    title: `Teaching on ${day}`,
    startsAt: `${day}T09:00:00+08:00`,
    endsAt: `${day}T12:00:00+08:00`,
    plannedMinutes: 180,
  });
  return sessionId;
}

/** Records these minutes, by enrolment, by the deliverer's staff. */
export const attend = (
  fixture: DeliveryFixture,
  sessionId: string,
  minutes: Record<string, number>,
) =>
  recordAttendance(fixture.context(staff()), {
    sessionId,
    records: Object.entries(minutes).map(([enrolmentId, attendedMinutes]) => ({
      enrolmentId,
      attendedMinutes,
    })),
  });
