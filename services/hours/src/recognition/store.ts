import type { EntityManager } from 'typeorm';
import type { Tx } from '@yanxiu/messaging/transaction';
import { grouped } from '@yanxiu/subgraph/context';
import { STATE, type TeacherState } from '../compliance/queries.js';
import { post, postingsOf, postingsOfTeachers } from '../ledger/queries.js';
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

/** SQL of the columns of a {@link DecidedCause} without its postings; `c` is the cause's row. */
const DECIDED = `json_build_object('causeId', c.id, 'teacherId', c.teacher_id,
         'enrolmentId', c.enrolment_id, 'projectId', c.project_id, 'source', c.source,
         'level', c.level, 'category', c.category, 'modality', c.modality,
         'registrarCode', c.registrar_code, 'unitCode', c.unit_code,
         'firstDate', c.first_date, 'sessions', ${SESSIONS}) AS cause,
       d.id AS "decisionId", d.sequence, d.rule, u.path`;

const LIVE = `LEFT JOIN org_unit u ON u.code = c.unit_code
     CROSS JOIN LATERAL ${liveDecision('c.teacher_id', 'c.id')} d`;

/** A cause with the decision that holds on it. */
export interface DecidedCause extends LiveDecision {
  cause: StoredCause;
  /** Place in the tree of the cause's unit; null when it is not known. */
  path: string | null;
}

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
): Promise<DecidedCause[]> {
  const common = COMMON[coupling];
  const rows: Omit<DecidedCause, 'entries'>[] = await manager.query(
    `WITH RECURSIVE component(id) AS (
       SELECT cause_id FROM cause_date WHERE teacher_id = $1
         AND ${common('local_date')} IN (SELECT ${common('d')} FROM unnest($2::date[]) AS d)
       UNION
       SELECT other.cause_id FROM component
       JOIN cause_date own ON own.teacher_id = $1 AND own.cause_id = component.id
       JOIN cause_date other ON other.teacher_id = $1
         AND ${common('other.local_date')} = ${common('own.local_date')}
     )
     SELECT ${DECIDED}
     FROM component JOIN cause c ON c.teacher_id = $1 AND c.id = component.id
     ${LIVE}`,
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

/** Every cause of these teachers with what holds on it. */
export async function causesOf(
  manager: EntityManager,
  teacherIds: readonly string[],
): Promise<DecidedCause[]> {
  const rows: Omit<DecidedCause, 'entries'>[] = await manager.query(
    `SELECT ${DECIDED} FROM cause c ${LIVE} WHERE c.teacher_id = ANY($1::uuid[])`,
    [teacherIds],
  );
  const keyOf = (of: { teacherId: string; causeId: string }) => `${of.teacherId}:${of.causeId}`;
  const keys = rows.map(({ cause }) => keyOf(cause));
  const entries = grouped(keys, await postingsOfTeachers(manager, teacherIds), keyOf);
  return rows.map((row, index) => ({ ...row, entries: entries[index] ?? [] }));
}

/** SQL that inserts the decisions in the parameter `rows`, as {@link rowsOf} writes them. */
const insertDecisions = (rows: string, at: string): string =>
  `INSERT INTO recognition_decision (teacher_id, cause_id, id, sequence, rule, trace,
       planned_minutes, attended_minutes, credited_minutes, decided_at)
     SELECT "teacherId", "causeId", "decisionId", sequence, rule, trace, "plannedMinutes",
            "attendedMinutes", "creditedMinutes", ${at}
     FROM jsonb_to_recordset(${rows}::jsonb) AS d("teacherId" uuid, "causeId" uuid,
       "decisionId" uuid, sequence smallint, rule text, trace jsonb, "plannedMinutes" integer,
       "attendedMinutes" integer, "creditedMinutes" integer)`;

const rowsOf = (changes: readonly Change[]): string =>
  JSON.stringify(
    changes.map(({ decisionId, cause: { teacherId, causeId }, outcome, sequence }) => ({
      ...outcome,
      teacherId,
      causeId,
      decisionId,
      sequence,
      trace: outcome.trace.map(stored),
    })),
  );

/** Writes decisions that take the place of others, with their postings. */
export async function saveDecisions({ manager, now }: Tx, changes: readonly Change[]) {
  if (changes.length === 0) return;
  await manager.query(insertDecisions('$1', '$2'), [rowsOf(changes), now]);
  await post(
    manager,
    changes.flatMap(({ entries }) => entries),
    now,
  );
}

/** Writes the new cause, the decisions and their postings. */
export async function save(tx: Tx, cause: StoredCause, changes: readonly Change[]): Promise<void> {
  const { manager, now } = tx;
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
       FROM jsonb_to_recordset($14::jsonb) AS s("sessionId" uuid, "startsAt" timestamptz,
         "endsAt" timestamptz, modality text, "plannedMinutes" integer, "attendedMinutes" integer)
     ), new_date AS (
       INSERT INTO cause_date (teacher_id, local_date, cause_id)
       SELECT $1, local_date, $2 FROM unnest($15::date[]) AS local_date
     )
     ${insertDecisions('$13', '$12')}`,
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
      rowsOf(changes),
      JSON.stringify(cause.sessions),
      datesOf(cause.sessions),
    ],
  );
  await post(
    manager,
    changes.flatMap(({ entries }) => entries),
    now,
  );
}
