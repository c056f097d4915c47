import { In, type EntityManager } from 'typeorm';
import { grouped, inOrder, load, type Batch, type Context } from '@yanxiu/subgraph/context';
import { notFound } from '@yanxiu/subgraph/errors';
import { isUuid } from '../columns.js';
import { visibleClassById } from '../class/queries.js';
import { participantScope } from '../teacher/queries.js';
import { Session, type Attendance } from './entity.js';

/** The sessions of a class in the order of their times. */
export const findSessions = (manager: EntityManager, classId: string): Promise<Session[]> =>
  manager.find(Session, { where: { classId }, order: { startsAt: 'ASC', id: 'ASC' } });

/** Attended minutes of a class: by enrolment, then by session. */
export async function findAttendance(
  manager: EntityManager,
  classId: string,
): Promise<Map<string, Map<string, number>>> {
  const rows: { enrolmentId: string; sessionId: string; minutes: number }[] = await manager.query(
    `SELECT a.enrolment_id AS "enrolmentId", a.session_id AS "sessionId",
            a.attended_minutes AS minutes
     FROM attendance a JOIN session s ON s.id = a.session_id WHERE s.class_id = $1`,
    [classId],
  );
  const byEnrolment = new Map<string, Map<string, number>>();
  for (const { enrolmentId, sessionId, minutes } of rows) {
    let bySession = byEnrolment.get(enrolmentId);
    if (!bySession) byEnrolment.set(enrolmentId, (bySession = new Map()));
    bySession.set(sessionId, minutes);
  }
  return byEnrolment;
}

export const sessionById: Batch<string, Session> = async ({ db }, keys) =>
  inOrder(keys, await db.manager.findBy(Session, { id: In(keys.filter(isUuid)) }), ({ id }) => id);

/** The session that a command has just written. */
export async function requireSession(context: Context, id: string): Promise<Session> {
  const session = await load(context, sessionById, id);
  if (!session) throw notFound({ zh: '课程', en: 'session' }, id);
  return session;
}

/** Sessions by id, null for those of classes that the caller may not see. */
export const visibleSessionById: Batch<string, Session> = async (context, keys) => {
  const sessions = await sessionById(context, keys);
  const ids = sessions.map((session) => session?.classId ?? '');
  const classes = await visibleClassById(context, ids);
  return sessions.map((session, place) => (classes[place] ? session : null));
};

export const sessionsOfClass: Batch<string, Session[]> = async ({ db }, keys) =>
  grouped(
    keys,
    await db.manager.find(Session, {
      where: { classId: In([...keys]) },
      order: { startsAt: 'ASC', id: 'ASC' },
    }),
    ({ classId }) => classId,
  );

/** Records of sessions that the caller may see, in the order of enrolments. */
export const attendanceOfSession: Batch<string, Attendance[]> = async ({ db, actor }, keys) => {
  const scope = participantScope(actor);
  if (!scope) return keys.map(() => []);
  const rows: Attendance[] = await db.query(
    `SELECT a.session_id AS "sessionId", a.enrolment_id AS "enrolmentId",
            a.attended_minutes AS "attendedMinutes", a.recorded_at AS "recordedAt",
            a.recorded_by AS "recordedBy"
     FROM attendance a JOIN enrolment r ON r.id = a.enrolment_id
     WHERE a.session_id = ANY($2::uuid[]) AND ${scope.where} ORDER BY a.enrolment_id`,
    [scope.value, keys],
  );
  return grouped(keys, rows, ({ sessionId }) => sessionId);
};

/** Attendance of one unit's participants, counted in participants times recorded sessions. */
export interface UnitAttendance {
  unitCode: string;
  expected: number;
  attended: number;
  partly: number;
  absent: number;
}

/** Who of those expected came, by county (by city where there is none), as the caller may see. */
export async function attendanceByUnit(
  { db, actor }: Context,
  classId: string,
): Promise<UnitAttendance[]> {
  const scope = participantScope(actor);
  if (!scope) return [];
  return db.query(
    `SELECT area.code AS "unitCode", count(*)::int AS expected,
            (count(*) FILTER (WHERE a.attended_minutes >= s.planned_minutes))::int AS attended,
            (count(*) FILTER (WHERE a.attended_minutes > 0
               AND a.attended_minutes < s.planned_minutes))::int AS partly,
            (count(*) FILTER (WHERE coalesce(a.attended_minutes, 0) = 0))::int AS absent
     FROM enrolment r
     JOIN session s ON s.class_id = r.class_id AND s.recorded_at IS NOT NULL
     JOIN org_unit unit ON unit.code = r.unit_code
     JOIN LATERAL (
       SELECT code, path FROM org_unit WHERE unit.path >= path AND unit.path < path || '/'
       ORDER BY (CASE tier WHEN 'COUNTY' THEN 1 WHEN 'CITY' THEN 2 ELSE 3 END), path DESC LIMIT 1
     ) area ON true
     LEFT JOIN attendance a ON a.session_id = s.id AND a.enrolment_id = r.id
     WHERE r.class_id = $2 AND r.status <> 'WITHDRAWN' AND ${scope.where}
     GROUP BY area.code ORDER BY area.code`,
    [scope.value, classId],
  );
}
