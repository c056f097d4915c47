import type { EntityManager } from 'typeorm';
import { grouped } from '@yanxiu/subgraph/context';
import { STATE, type TeacherState } from '../compliance/queries.js';
import {
  insertEntries,
  postingsOfCauses,
  postingsOfTeachers,
  type Posting,
} from '../ledger/queries.js';
import type { Coupling } from './caps.js';
import type { Change, LiveDecision } from './changes.js';
import { liveDecision } from './queries.js';
import { datesOf, type Cause, type Session } from './rules.js';
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

/** SQL that holds when the cause of row `alias` touches one of these dates, given in order. */
export const shareDate = (alias: string, dates: string): string =>
  `(${alias}.first_date <= ${dates}[cardinality(${dates})]
    AND ${alias}.last_date >= ${dates}[1] AND ${alias}.dates && ${dates})`;

/**
 * What is known when these causes are told, each of another teacher, by teacher; one whose teacher
 * is not known is left out. The caller holds the row locks of the teachers.
 */
export async function situationsOf(
  manager: EntityManager,
  causes: readonly StoredCause[],
): Promise<Map<string, Situation>> {
  const rows: Situation[] = await manager.query(
    `SELECT t.id AS "teacherId", ${STATE},
       EXISTS (SELECT FROM cause c WHERE c.teacher_id = t.id AND c.id = k."causeId") AS decided,
       (SELECT path FROM org_unit WHERE code = k."unitCode") AS path,
       EXISTS (SELECT FROM cause c WHERE c.teacher_id = t.id AND ${shareDate('c', 'k.dates')})
         AS shared
     FROM jsonb_to_recordset($1::jsonb) AS k("teacherId" uuid, "causeId" uuid, "unitCode" text,
       dates date[])
     JOIN teacher_copy t ON t.id = k."teacherId"`,
    [
      JSON.stringify(
        causes.map(({ teacherId, causeId, unitCode, sessions }) => ({
          ...{ teacherId, causeId, unitCode },
          dates: datesOf(sessions),
        })),
      ),
    ],
  );
  return new Map(rows.map((row) => [row.teacherId, row]));
}

const SESSIONS = `(SELECT coalesce(json_agg(json_build_object('sessionId', s.session_id,
    'startsAt', s.starts_at, 'endsAt', s.ends_at, 'modality', s.modality,
    'plannedMinutes', s.planned_minutes, 'attendedMinutes', s.attended_minutes)), '[]')
  FROM unnest(c.sessions) s)`;

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

/** SQL that holds when causes hang together: one of the row `c`, one of these dates in order. */
const TOGETHER: Readonly<Record<Coupling, (dates: string) => string>> = {
  DAY: (dates) => shareDate('c', dates),
  YEAR: (dates) => `EXISTS (SELECT FROM unnest(c.dates) AS own JOIN unnest(${dates}) AS other
    ON extract(year FROM own) = extract(year FROM other))`,
  ALL: () => 'true',
};

/** The other causes of each teacher that hang together with the dates of hers. */
export async function componentsOf(
  manager: EntityManager,
  causes: readonly StoredCause[],
  coupling: Coupling,
): Promise<DecidedCause[]> {
  if (causes.length === 0) return [];
  const together = TOGETHER[coupling];
  const told = causes.map(({ teacherId, sessions }) => ({ teacherId, dates: datesOf(sessions) }));
  const rows: Omit<DecidedCause, 'entries'>[] = await manager.query(
    // OFFSET 0: looked up by key for each of them. Nobody can guess how far the recursion goes, and
    // the tables of a province were read from end to end for one cause.
    `WITH RECURSIVE component(teacher_id, id, dates) AS (
       SELECT k."teacherId", found.id, found.dates
       FROM jsonb_to_recordset($1::jsonb) AS k("teacherId" uuid, dates date[])
       CROSS JOIN LATERAL (
         SELECT id, dates FROM cause c
         WHERE c.teacher_id = k."teacherId" AND ${together('k.dates')} OFFSET 0) found
       UNION
       SELECT component.teacher_id, found.id, found.dates FROM component
       CROSS JOIN LATERAL (
         SELECT id, dates FROM cause c
         WHERE c.teacher_id = component.teacher_id AND ${together('component.dates')}
         OFFSET 0) found
     )
     SELECT ${DECIDED} FROM component
     CROSS JOIN LATERAL (
       SELECT * FROM cause
       WHERE teacher_id = component.teacher_id AND id = component.id OFFSET 0) c
     ${LIVE}`,
    [JSON.stringify(told)],
  );
  return withEntries(
    rows,
    await postingsOfCauses(
      manager,
      rows.map(({ cause }) => cause),
    ),
  );
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
  return withEntries(rows, await postingsOfTeachers(manager, teacherIds));
}

const keyOf = ({ teacherId, causeId }: { teacherId: string; causeId: string }): string =>
  `${teacherId}:${causeId}`;

function withEntries(
  rows: readonly Omit<DecidedCause, 'entries'>[],
  postings: readonly Posting[],
): DecidedCause[] {
  const entries = grouped(
    rows.map(({ cause }) => keyOf(cause)),
    postings,
    keyOf,
  );
  return rows.map((row, index) => ({ ...row, entries: entries[index] ?? [] }));
}

/** What is to be written by one step: a cause with the decisions that it brings about, or those. */
export interface Writing {
  now: Date;
  /** Left out where decisions take the place of others and nothing new was told. */
  cause?: StoredCause;
  changes: readonly Change[];
}

/*
 * One statement, whatever is written: each round trip, and each plan, is paid by every
 * participation of the province. What one part refers to in another is checked at its end.
 */
const SAVE = `
  WITH new_cause AS (
    INSERT INTO cause (teacher_id, id, enrolment_id, project_id, source, level, category,
                       modality, registrar_code, unit_code, first_date, dates, sessions,
                       recorded_at)
    SELECT "teacherId", "causeId", "enrolmentId", "projectId", source, level, category, modality,
      "registrarCode", "unitCode", "firstDate", dates, sessions, now
    FROM jsonb_to_recordset($1::jsonb) AS c("teacherId" uuid, "causeId" uuid,
      "enrolmentId" uuid, "projectId" uuid, source text, level text, category text, modality text,
      "registrarCode" text, "unitCode" text, "firstDate" date, dates date[],
      sessions attended_session[], now timestamptz)
  ), new_decision AS (
    INSERT INTO recognition_decision (teacher_id, cause_id, id, sequence, rule, trace,
      planned_minutes, attended_minutes, credited_minutes, decided_at)
    SELECT "teacherId", "causeId", "decisionId", sequence, rule, trace, "plannedMinutes",
      "attendedMinutes", "creditedMinutes", now
    FROM json_to_recordset($2::json) AS d("teacherId" uuid, "causeId" uuid, "decisionId" uuid,
      sequence smallint, rule text, trace json, "plannedMinutes" integer,
      "attendedMinutes" integer, "creditedMinutes" integer, now timestamptz)
  )
  ${insertEntries('$3')}`;

/** A session under the names of its columns. */
const columnsOf = ({ sessionId, startsAt, endsAt, modality, ...minutes }: Session) => ({
  session_id: sessionId,
  starts_at: startsAt,
  ends_at: endsAt,
  planned_minutes: minutes.plannedMinutes,
  attended_minutes: minutes.attendedMinutes,
  modality,
});

/** Writes causes, decisions and their postings. */
export async function save(manager: EntityManager, writings: readonly Writing[]): Promise<void> {
  const causes = writings.flatMap(({ now, cause }) =>
    cause
      ? [{ ...cause, now, dates: datesOf(cause.sessions), sessions: cause.sessions.map(columnsOf) }]
      : [],
  );
  const changes = writings.flatMap(({ now, changes }) =>
    changes.map((change) => ({ now, change })),
  );
  if (causes.length === 0 && changes.length === 0) return;
  const decisions = changes.map(({ now, change }) => {
    const { decisionId, sequence, outcome, cause } = change;
    const { teacherId, causeId } = cause;
    const trace = outcome.trace.map(stored);
    return { ...outcome, teacherId, causeId, decisionId, sequence, trace, now };
  });
  const entries = changes.flatMap(({ now, change }) =>
    change.entries.map((entry) => ({ ...entry, now })),
  );
  await manager.query(
    SAVE,
    [causes, decisions, entries].map((rows) => JSON.stringify(rows)),
  );
}
