import type { EntityManager } from 'typeorm';
import type { EnrolmentConfirmed, ParticipationCompleted } from '@yanxiu/contracts/training';
import type { Tx } from '@yanxiu/messaging/transaction';
import { inOrder, type Batch } from '@yanxiu/subgraph/context';
import { asSystem } from '@yanxiu/subgraph/scoped-database';
import { STATE, type TeacherState } from '../compliance/queries.js';
import { post, postingsOf } from '../ledger/queries.js';
import { lockTeacher } from '../teacher/queries.js';
import type { Change, LiveDecision } from './changes.js';
import { datesOf, type Level, type Session, type Source } from './rules.js';
import { stored, type Decided, type StoredLine } from './trace.js';

/** A participation as it is kept. */
export interface StoredCause {
  causeId: string;
  teacherId: string;
  enrolmentId: string;
  projectId: string;
  source: Source;
  level: Level;
  category: string;
  /** How the sessions were held; `MIXED` when in several ways. */
  modality: string;
  registrarCode: string;
  unitCode: string;
  firstDate: string;
  sessions: readonly Session[];
}

/** What is known when a participation is told. */
export interface Situation extends Omit<TeacherState, 'parameters'> {
  stamp: string | null;
  /** The participation has been decided on. */
  decided: boolean;
  /** Place in the tree of the participant's unit; null when it is not known yet. */
  path: string | null;
  /** Another cause of the teacher touches one of the dates. */
  shared: boolean;
}

/** Takes the teacher's row lock and reads what a decision needs; null: teacher not known yet. */
export async function situationOf(
  manager: EntityManager,
  { teacherId, participationId, unitCode, sessions }: ParticipationCompleted,
): Promise<Situation | null> {
  if (!(await lockTeacher(manager, teacherId))) return null;
  // A statement of its own: it sees what was committed while the lock was waited for.
  const rows: Situation[] = await manager.query(
    `SELECT t.id AS "teacherId", ${STATE},
       EXISTS (SELECT 1 FROM cause WHERE teacher_id = $1 AND id = $2) AS decided,
       (SELECT path FROM org_unit WHERE code = $3) AS path,
       EXISTS (SELECT 1 FROM cause_date
               WHERE teacher_id = $1 AND local_date = ANY($4::date[])) AS shared
     FROM teacher_copy t WHERE t.id = $1`,
    [teacherId, participationId, unitCode, datesOf(sessions)],
  );
  return rows[0] ?? null;
}

const SESSIONS = `(SELECT json_agg(json_build_object('sessionId', s.session_id,
    'startsAt', s.starts_at, 'endsAt', s.ends_at, 'modality', s.modality,
    'plannedMinutes', s.planned_minutes, 'attendedMinutes', s.attended_minutes))
  FROM cause_session s WHERE s.teacher_id = c.teacher_id AND s.cause_id = c.id)`;

/** SQL of the decision that holds on a cause: the last one. */
const liveDecision = (teacher: string, cause: string): string =>
  `(SELECT * FROM recognition_decision WHERE teacher_id = ${teacher} AND cause_id = ${cause}
    ORDER BY sequence DESC LIMIT 1)`;

/** The teacher's other causes that hang together with these dates, with what holds on them. */
export async function componentOf(
  manager: EntityManager,
  teacherId: string,
  dates: readonly string[],
): Promise<(LiveDecision & { cause: StoredCause; path: string | null })[]> {
  type Row = Omit<LiveDecision, 'entries'> & { cause: StoredCause; path: string | null };
  const rows: Row[] = await manager.query(
    `WITH RECURSIVE component(id) AS (
       SELECT cause_id FROM cause_date WHERE teacher_id = $1 AND local_date = ANY($2::date[])
       UNION
       SELECT other.cause_id FROM component
       JOIN cause_date own ON own.teacher_id = $1 AND own.cause_id = component.id
       JOIN cause_date other ON other.teacher_id = $1 AND other.local_date = own.local_date
     )
     SELECT json_build_object('causeId', c.id, 'teacherId', c.teacher_id,
         'enrolmentId', c.enrolment_id, 'projectId', c.project_id, 'source', c.source,
         'level', c.level, 'category', c.category, 'modality', c.modality,
         'registrarCode', c.registrar_code, 'unitCode', c.unit_code,
         'firstDate', c.first_date, 'sessions', ${SESSIONS}) AS cause,
       d.id AS "decisionId", d.sequence, d.rule, u.path
     FROM component JOIN cause c ON c.teacher_id = $1 AND c.id = component.id
     LEFT JOIN org_unit u ON u.code = c.unit_code
     CROSS JOIN LATERAL ${liveDecision('$1', 'c.id')} d`,
    [teacherId, dates],
  );
  if (rows.length === 0) return [];
  const entries = await postingsOf(
    manager,
    teacherId,
    rows.map(({ cause }) => cause.causeId),
  );
  return rows.map((row) => ({
    ...row,
    entries: entries.filter(({ causeId }) => causeId === row.cause.causeId),
  }));
}

/** Writes the new cause, the decisions and their postings. */
export async function save(tx: Tx, cause: StoredCause, changes: readonly Change[]): Promise<void> {
  const { manager, now } = tx;
  const decisions = changes.map(({ decisionId, cause: { causeId }, outcome, sequence }) => ({
    ...outcome,
    decisionId,
    causeId,
    sequence,
    trace: outcome.trace.map(stored),
  }));
  // One statement: each round trip is paid by every participation of the province.
  await manager.query(
    `WITH new_cause AS (
       INSERT INTO cause (teacher_id, id, enrolment_id, project_id, source, level, category,
                          modality, registrar_code, unit_code, first_date, recorded_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
     ), new_session AS (
       INSERT INTO cause_session (teacher_id, cause_id, session_id, starts_at, ends_at, modality,
                                  planned_minutes, attended_minutes)
       SELECT $1, $2, "sessionId", "startsAt", "endsAt", modality, "plannedMinutes",
              "attendedMinutes"
       FROM jsonb_to_recordset($13::jsonb) AS s("sessionId" uuid, "startsAt" timestamptz,
         "endsAt" timestamptz, modality text, "plannedMinutes" integer, "attendedMinutes" integer)
     ), new_date AS (
       INSERT INTO cause_date (teacher_id, local_date, cause_id)
       SELECT $1, local_date, $2 FROM unnest($14::date[]) AS local_date
     )
     INSERT INTO recognition_decision (teacher_id, cause_id, id, sequence, rule, trace,
       planned_minutes, attended_minutes, credited_minutes, decided_at)
     SELECT $1, "causeId", "decisionId", sequence, rule, trace, "plannedMinutes",
            "attendedMinutes", "creditedMinutes", $12
     FROM jsonb_to_recordset($15::jsonb) AS d("decisionId" uuid, "causeId" uuid,
       sequence smallint, rule text, trace jsonb, "plannedMinutes" integer,
       "attendedMinutes" integer, "creditedMinutes" integer)`,
    [
      cause.teacherId,
      cause.causeId,
      cause.enrolmentId,
      cause.projectId,
      cause.source,
      cause.level,
      cause.category,
      cause.modality,
      cause.registrarCode,
      cause.unitCode,
      cause.firstDate,
      now,
      JSON.stringify(cause.sessions),
      datesOf(cause.sessions),
      JSON.stringify(decisions),
    ],
  );
  await post(
    manager,
    changes.flatMap(({ entries }) => entries),
    now,
  );
}

/** Notes who is enrolled; a project's pending decisions are counted from it. */
export async function enrolmentStatus(
  manager: EntityManager,
  data: EnrolmentConfirmed,
  status: 'CONFIRMED' | 'WITHDRAWN',
): Promise<void> {
  await manager.query(
    `INSERT INTO enrolment (id, project_id, teacher_id, status) VALUES ($1, $2, $3, $4)
     ON CONFLICT (id) DO UPDATE SET status = excluded.status`,
    [data.enrolmentId, data.projectId, data.teacherId, status],
  );
}

/** An enrolment or a project as the graph refers to it. */
export interface EntityRef {
  id: string;
}

/** A decision (学时认定) as it is shown. */
export interface DecisionRow extends Decided {
  id: string;
  causeId: string;
  teacherId: string;
  projectId: string;
  enrolmentId: string;
  trace: StoredLine[];
  decidedAt: Date;
  /** The decision that took its place. */
  reversedById: string | null;
}

const DECISION = `d.id, d.cause_id AS "causeId", d.teacher_id AS "teacherId",
  c.project_id AS "projectId", c.enrolment_id AS "enrolmentId", d.rule, d.trace,
  d.planned_minutes AS "plannedMinutes", d.attended_minutes AS "attendedMinutes",
  d.credited_minutes AS "creditedMinutes", d.decided_at AS "decidedAt",
  (SELECT n.id FROM recognition_decision n WHERE n.teacher_id = d.teacher_id
   AND n.cause_id = d.cause_id AND n.sequence = d.sequence + 1) AS "reversedById"`;

/** Decisions by id, for a DataLoader. */
export const decisionsById: Batch<string, DecisionRow> = async (context, ids) => {
  const rows: DecisionRow[] = await context.db.query(
    `SELECT ${DECISION} FROM recognition_decision d
     JOIN cause c ON c.teacher_id = d.teacher_id AND c.id = d.cause_id
     WHERE d.id = ANY($1::uuid[])`,
    [ids],
  );
  return inOrder(ids, rows, ({ id }) => id);
};

/** The decisions that hold on enrolments, for a DataLoader. */
export const decisionsOfEnrolments: Batch<string, DecisionRow> = async (context, ids) => {
  const rows: DecisionRow[] = await context.db.query(
    `SELECT ${DECISION} FROM cause c
     CROSS JOIN LATERAL ${liveDecision('c.teacher_id', 'c.id')} d
     WHERE c.enrolment_id = ANY($1::uuid[])`,
    [ids],
  );
  return inOrder(ids, rows, ({ enrolmentId }) => enrolmentId);
};

/** How far the recognition of a project is. */
export interface ProjectRecognitionRow {
  projectId: string;
  credited: number;
  refused: number;
  pending: number;
}

/** {@link ProjectRecognitionRow} for a DataLoader, over all participants. */
export const recognitionOfProjects: Batch<string, ProjectRecognitionRow> = async ({ db }, ids) => {
  const rows: ProjectRecognitionRow[] = await asSystem(db).query(
    `SELECT p.id AS "projectId", decided.credited, decided.refused,
       (SELECT count(*)::int FROM enrolment e
        WHERE e.project_id = p.id AND e.status = 'CONFIRMED'
          AND NOT EXISTS (SELECT 1 FROM cause c WHERE c.enrolment_id = e.id)) AS pending
     FROM unnest($1::uuid[]) AS p(id)
     CROSS JOIN LATERAL (
       SELECT count(*) FILTER (WHERE d.rule IS NULL)::int AS credited,
              count(d.rule)::int AS refused
       FROM cause c CROSS JOIN LATERAL ${liveDecision('c.teacher_id', 'c.id')} d
       WHERE c.project_id = p.id AND c.enrolment_id IS NOT NULL) decided`,
    [ids],
  );
  return inOrder(ids, rows, ({ projectId }) => projectId);
};
