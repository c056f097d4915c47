import { classScheduled } from '@yanxiu/contracts/training';
import { command, type CommandInput, type CommandTx } from '@yanxiu/subgraph/command';
import type { Context } from '@yanxiu/subgraph/context';
import { enforce, permit } from '@yanxiu/subgraph/decision';
import { badInput, notFound } from '@yanxiu/subgraph/errors';
import { isUuid } from '../columns.js';
import { deliveryOf, lockClass } from '../class/queries.js';
import { isOpen, maySchedule as mayScheduleIn, mayTeach, type Modality } from '../class/rules.js';
import { findParticipants } from '../enrolment/queries.js';
import { Session } from './entity.js';
import { findSessions } from './queries.js';
import { may, mayRecord, maySchedule, type AttendanceRecord } from './rules.js';

export interface ScheduleSessionInput extends CommandInput {
  id?: string;
  classId: string;
  moduleOrdinal?: number | null;
  title: string;
  startsAt: Date | string;
  endsAt: Date | string;
  plannedMinutes: number;
  /** That of the class, when left out. */
  modality?: Modality | null;
}

/** Puts a session on the timetable of a class. */
export async function scheduleSession(
  context: Context,
  input: ScheduleSessionInput,
): Promise<{ sessionId: string }> {
  return command(context, 'session.schedule', input, async (tx) => {
    // The class is locked: of two sessions at one time the second sees the first.
    const { trainingClass, project } = await lockClass(tx.manager, input.classId);
    permit(may(tx.actor, 'schedule', await deliveryOf(tx.manager, tx.actor, project)));
    enforce(isOpen(trainingClass));
    enforce(mayScheduleIn(project));
    const { title, plannedMinutes, moduleOrdinal = null } = input;
    if (!title.trim()) throw badInput('请填写课程名称。', 'Give the session a title.');
    if (moduleOrdinal !== null && moduleOrdinal < 1) {
      throw badInput('模块序号从 1 开始。', 'moduleOrdinal counts from 1.');
    }
    const [startsAt, endsAt] = [new Date(input.startsAt), new Date(input.endsAt)];
    const others = await findSessions(tx.manager, trainingClass.id);
    enforce(maySchedule({ startsAt, endsAt, plannedMinutes }, trainingClass, others));
    const id = input.id ?? tx.newId();
    await tx.manager.insert(Session, {
      id,
      classId: trainingClass.id,
      moduleOrdinal,
      title,
      startsAt,
      endsAt,
      plannedMinutes,
      modality: input.modality ?? trainingClass.modality,
      recordedAt: null,
    });
    const minutes = others.reduce((sum, other) => sum + other.plannedMinutes, plannedMinutes);
    await tx.emit(classScheduled, project.id, {
      ...{ projectId: project.id, classId: trainingClass.id, at: tx.now.toISOString() },
      plannedMinutes: minutes,
    });
    tx.subject('Session', id);
    return { sessionId: id };
  });
}

export interface RecordAttendanceInput extends CommandInput {
  sessionId: string;
  records: AttendanceRecord[];
}

/**
 * Records who attended a session and for how long (考勤). Until the class is completed a later
 * record takes over from an earlier one, which is kept as a correction.
 */
export async function recordAttendance(
  context: Context,
  input: RecordAttendanceInput,
): Promise<{ sessionId: string; corrected: number }> {
  return command(context, 'session.recordAttendance', input, async (tx) => {
    const { sessionId: id, records } = input;
    const session = isUuid(id) ? await tx.manager.findOneBy(Session, { id }) : null;
    if (!session) throw notFound({ zh: '课程', en: 'session' }, id);
    const { trainingClass, project } = await lockClass(tx.manager, session.classId);
    permit(may(tx.actor, 'record', await deliveryOf(tx.manager, tx.actor, project)));
    enforce(isOpen(trainingClass));
    enforce(mayTeach(project));
    if (new Set(records.map((record) => record.enrolmentId)).size < records.length) {
      throw badInput('同一学员在名单中重复出现。', 'A participant is named twice.');
    }
    const participants = await findParticipants(tx.manager, trainingClass.id);
    const ids = new Set(participants.map(({ enrolmentId }) => enrolmentId));
    enforce(mayRecord(session, ids, records, tx.now));
    const corrected = await saveAttendance(tx, id, records);
    await tx.manager.update(Session, id, { recordedAt: tx.now });
    tx.subject('Session', id);
    return { sessionId: id, corrected };
  });
}

/** How many records took over from others. */
async function saveAttendance(
  tx: CommandTx,
  sessionId: string,
  records: readonly AttendanceRecord[],
): Promise<number> {
  const values = [
    sessionId,
    records.map((record) => record.enrolmentId),
    records.map((record) => record.attendedMinutes),
    tx.now,
    tx.actor.subject,
  ];
  const corrections: unknown[] = await tx.manager.query(
    `INSERT INTO attendance_correction
       (session_id, enrolment_id, former_minutes, attended_minutes, corrected_at, corrected_by)
     SELECT a.session_id, a.enrolment_id, a.attended_minutes, r.minutes, $4, $5
     FROM unnest($2::uuid[], $3::int[]) AS r (enrolment_id, minutes)
     JOIN attendance a ON a.session_id = $1 AND a.enrolment_id = r.enrolment_id
     WHERE a.attended_minutes <> r.minutes
     RETURNING id`,
    values,
  );
  await tx.manager.query(
    `INSERT INTO attendance (session_id, enrolment_id, attended_minutes, recorded_at, recorded_by)
     SELECT $1, r.enrolment_id, r.minutes, $4, $5
     FROM unnest($2::uuid[], $3::int[]) AS r (enrolment_id, minutes)
     ON CONFLICT (session_id, enrolment_id) DO UPDATE
       SET attended_minutes = excluded.attended_minutes, recorded_at = excluded.recorded_at,
           recorded_by = excluded.recorded_by`,
    values,
  );
  return corrections.length;
}
