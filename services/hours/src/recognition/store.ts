import type { EntityManager } from 'typeorm';
import type { Tx } from '@yanxiu/messaging/transaction';
import { STATE, type TeacherState } from '../compliance/queries.js';
import { post, postingsOf } from '../ledger/queries.js';
import { lockTeacher } from '../teacher/queries.js';
import type { Coupling } from './caps.js';
import type { Change, LiveDecision } from './changes.js';
import { liveDecision } from './queries.js';
import { datesOf, type Cause } from './rules.js';
import { stored } from './trace.js';

/** A participation or a claim as it is kept. */
export interface StoredCause extends Omit<Cause, 'policies'> {
  teacherId: string;
  /** Of a participation; a claim has none. */
  enrolmentId: string | null;
  projectId: string | null;
  /** How the sessions were held; `MIXED` when in several ways. */
  modality: string;
  registrarCode: string;
  unitCode: string;
  firstDate: string;
}

/** What is known when a cause is told. */
export interface Situation extends Omit<TeacherState, 'parameters'> {
  stamp: string | null;
  /** The cause has been decided on. */
  decided: boolean;
  /** Place in the tree of the cause's unit; null when it is not known yet. */
  path: string | null;
  /** Another cause of the teacher touches one of the dates. */
  shared: boolean;
}

/** Takes the teacher's row lock and reads what a decision needs; null: teacher not known yet. */
export async function situationOf(
  manager: EntityManager,
  { teacherId, causeId, unitCode, sessions }: StoredCause,
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
    [teacherId, causeId, unitCode, datesOf(sessions)],
  );
  return rows[0] ?? null;
}

const SESSIONS = `(SELECT json_agg(json_build_object('sessionId', s.session_id,
    'startsAt', s.starts_at, 'endsAt', s.ends_at, 'modality', s.modality,
    'plannedMinutes', s.planned_minutes, 'attendedMinutes', s.attended_minutes))
  FROM cause_session s WHERE s.teacher_id = c.teacher_id AND s.cause_id = c.id)`;

/** What two dates have in common when their causes hang together. */
const COMMON: Readonly<Record<Coupling, (date: string) => string>> = {
  DAY: (date) => date,
  YEAR: (date) => `extract(year FROM ${date})`,
  ALL: () => '0',
};

/** The teacher's other causes that hang together with these dates, with what holds on them. */
export async function componentOf(
  manager: EntityManager,
  teacherId: string,
  dates: readonly string[],
  coupling: Coupling,
): Promise<(LiveDecision & { cause: StoredCause; path: string | null })[]> {
  type Row = Omit<LiveDecision, 'entries'> & { cause: StoredCause; path: string | null };
  const common = COMMON[coupling];
  const rows: Row[] = await manager.query(
    `WITH RECURSIVE component(id) AS (
       SELECT cause_id FROM cause_date WHERE teacher_id = $1
         AND ${common('local_date')} IN (SELECT ${common('d')} FROM unnest($2::date[]) AS d)
       UNION
       SELECT other.cause_id FROM component
       JOIN cause_date own ON own.teacher_id = $1 AND own.cause_id = component.id
       JOIN cause_date other ON other.teacher_id = $1
         AND ${common('other.local_date')} = ${common('own.local_date')}
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
