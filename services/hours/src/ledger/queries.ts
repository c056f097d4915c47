import type { EntityManager } from 'typeorm';
import type { Connection, Page } from '@yanxiu/subgraph/pagination';
import { connectionOf } from '@yanxiu/subgraph/pagination';
import { grouped, inOrder, type Batch, type Context } from '@yanxiu/subgraph/context';
import { asSystem, keyed } from '@yanxiu/subgraph/scoped-database';
import type { Source } from '../recognition/rules.js';
import { byTeacher, columnsOfKeys } from '../teacher/queries.js';

/** One immutable posting of hours (学时), without what its cause says. */
export interface Posting {
  id: string;
  teacherId: string;
  causeId: string;
  /** Of a cause and year: 1, 2, 3 …; odd ones are credits, even ones take back the one before. */
  turn: number;
  /** The decision on the cause that made it. */
  decisionSequence: number;
  year: number;
  centihours: number;
  /** Minutes of that year before any rule. */
  rawMinutes: number;
  validOn: string;
  unitCode: string;
}

/** A credit; any other posting is the reversal of one. */
export const isCredit = ({ turn }: Pick<Posting, 'turn'>): boolean => turn % 2 === 1;

/** A posting as it is shown, with what its cause says. */
export interface HourEntryRow extends Posting {
  decisionId: string;
  /** The credit that a reversal takes back. */
  reversesEntryId: string | null;
  recordedAt: Date;
  source: Source;
  category: string;
  /** Of the project; a claim has none. */
  level: string | null;
  modality: string;
  registrarCode: string;
  projectId: string | null;
}

/**
 * SQL that adds the postings in a JSON parameter, each with its `now`; the database refuses a
 * second live credit.
 */
export const insertEntries = (parameter: string): string =>
  `INSERT INTO hour_entry (id, teacher_id, cause_id, recorded_at, centihours, raw_minutes,
     valid_on, year, turn, decision_sequence, unit_code)
   SELECT id, "teacherId", "causeId", now, centihours, "rawMinutes", "validOn", year, turn,
     "decisionSequence", "unitCode"
   FROM jsonb_to_recordset(${parameter}::jsonb) AS e(id uuid, "teacherId" uuid, "causeId" uuid,
     centihours integer, "rawMinutes" integer, "validOn" date, year smallint, turn smallint,
     "decisionSequence" smallint, "unitCode" text, now timestamptz)`;

const POSTING = `e.id, e.teacher_id AS "teacherId", e.cause_id AS "causeId", e.turn,
  e.decision_sequence AS "decisionSequence", e.year, e.centihours,
  e.raw_minutes AS "rawMinutes", e.valid_on::text AS "validOn", e.unit_code AS "unitCode"`;

/** Every posting that was ever made on these causes. */
export async function postingsOfCauses(
  manager: EntityManager,
  causes: readonly { teacherId: string; causeId: string }[],
): Promise<Posting[]> {
  if (causes.length === 0) return [];
  return manager.query(
    `SELECT ${POSTING} FROM unnest($1::uuid[], $2::uuid[]) AS k(teacher_id, cause_id)
     JOIN hour_entry e ON e.teacher_id = k.teacher_id AND e.cause_id = k.cause_id`,
    [causes.map(({ teacherId }) => teacherId), causes.map(({ causeId }) => causeId)],
  );
}

/** Every posting that was ever made for these teachers. */
export async function postingsOfTeachers(
  manager: EntityManager,
  teacherIds: readonly string[],
): Promise<Posting[]> {
  return manager.query(`SELECT ${POSTING} FROM hour_entry e WHERE e.teacher_id = ANY($1::uuid[])`, [
    teacherIds,
  ]);
}

/** With her id as a parameter PostgreSQL looks into, and plans for, one part of each table. */
const columnsOf = (
  teacher: string,
): string => `${POSTING}, e.recorded_at AS "recordedAt", d.id AS "decisionId",
  CASE WHEN e.turn % 2 = 0 THEN
    (SELECT b.id FROM hour_entry b WHERE b.teacher_id = ${teacher} AND b.cause_id = e.cause_id
       AND b.year = e.year AND b.turn = e.turn - 1) END AS "reversesEntryId",
  c.source, c.category, c.level, c.modality, c.registrar_code AS "registrarCode",
  c.project_id AS "projectId"`;
const COLUMNS = columnsOf('e.teacher_id');

const OF_CAUSE = `
  JOIN cause c ON c.teacher_id = e.teacher_id AND c.id = e.cause_id
  JOIN recognition_decision d ON d.teacher_id = e.teacher_id AND d.cause_id = e.cause_id
    AND d.sequence = e.decision_sequence`;
const ENTRIES = `hour_entry e ${OF_CAUSE}`;

/** Postings by id, for a DataLoader. */
export const entriesById: Batch<string, HourEntryRow> = async (context, ids) => {
  const rows: HourEntryRow[] = await context.db.query(
    `SELECT ${COLUMNS} FROM ${ENTRIES} WHERE e.id = ANY($1::uuid[])`,
    [ids],
  );
  return inOrder(ids, rows, ({ id }) => id);
};

/** The postings that decisions made, for a DataLoader. */
export const entriesOfDecisions: Batch<string, HourEntryRow[]> = async (context, ids) => {
  const rows: HourEntryRow[] = await context.db.query(
    `SELECT ${COLUMNS} FROM ${ENTRIES} WHERE d.id = ANY($1::uuid[])
     ORDER BY e.turn % 2, e.year`,
    [ids],
  );
  return grouped(ids, rows, (row) => row.decisionId);
};

/** Every posting of a teacher's year, key `teacher:year`, for a DataLoader. */
export const entriesOfYears: Batch<string, HourEntryRow[]> = async (context, keys) => {
  const ofTeacher = ([teacherId, years]: [string, string[]]): Promise<HourEntryRow[]> =>
    context.db.query(
      keyed(`SELECT ${columnsOf('$1')} FROM ${ENTRIES}
       WHERE e.teacher_id = $1 AND e.year = ANY($2::smallint[])
       ORDER BY e.recorded_at, e.turn, e.id`),
      [teacherId, years],
    );
  const rows = await Promise.all([...byTeacher(keys)].map(ofTeacher));
  return grouped(keys, rows.flat(), ({ teacherId, year }) => `${teacherId}:${year}`);
};

/** A page of a teacher's postings, oldest first; with `until` those recorded by then. */
export async function entriesOfTeacher(
  context: Context,
  teacherId: string,
  { year, until }: { year: number | null; until: Date | null },
  page: Page,
): Promise<Connection<HourEntryRow>> {
  const rows: (HourEntryRow & { position: string })[] = await context.db.query(
    keyed(`SELECT ${columnsOf('$1')},
       to_char(e.recorded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS position
     FROM ${ENTRIES}
     WHERE e.teacher_id = $1 AND ($2::int IS NULL OR e.year = $2)
       AND ($6::timestamptz IS NULL OR e.recorded_at <= $6)
       AND ($3::timestamptz IS NULL OR (e.recorded_at, e.id) > ($3, $4::uuid))
     ORDER BY e.recorded_at, e.id LIMIT $5`),
    [
      ...[teacherId, year, page.after?.[0] ?? null, page.after?.[1] ?? null],
      ...[page.limit + 1, until],
    ],
  );
  return connectionOf(rows, page, (row) => [row.position, row.id]);
}

/** Hours of a teacher and year by source and level; key `teacher:year`. */
export interface SourceHours {
  key: string;
  source: Source;
  level: string | null;
  centihours: number;
}

/** Teachers whose sources are asked one by one: each question is planned for one part. */
const FEW = 3;

/** {@link SourceHours} for a DataLoader. */
export const hoursBySource: Batch<string, SourceHours[]> = async ({ db }, keys) => {
  const sums = (from: string, year: string) => `
    SELECT e.teacher_id || ':' || e.year AS key, c.source, c.level,
      sum(e.centihours)::int AS centihours
    FROM ${from} JOIN cause c ON c.teacher_id = e.teacher_id AND c.id = e.cause_id
    WHERE ${year}
    GROUP BY 1, 2, 3 HAVING sum(e.centihours) <> 0 ORDER BY 1, 3, 2`;
  const teachers = [...byTeacher(keys)];
  const ofOne = keyed(sums('hour_entry e', 'e.teacher_id = $1 AND e.year = ANY($2::smallint[])'));
  const ofMany = sums(
    `unnest($1::uuid[], $2::int[]) AS k(teacher_id, year) JOIN hour_entry e
       ON e.teacher_id = k.teacher_id`,
    'e.year = k.year',
  );
  const answers: SourceHours[][] =
    teachers.length <= FEW
      ? await Promise.all(teachers.map((teacher) => db.query<SourceHours[]>(ofOne, teacher)))
      : [await db.query<SourceHours[]>(ofMany, columnsOfKeys(keys))];
  return grouped(keys, answers.flat(), ({ key }) => key);
};

/** Hours that all participants of a project were credited and keep, for a DataLoader. */
export const creditedOfProjects: Batch<string, number> = async ({ db }, ids) => {
  const rows: { id: string; centihours: number }[] = await asSystem(db).query(
    `SELECT c.project_id AS id, sum(e.centihours)::int AS centihours
     FROM cause c JOIN hour_entry e ON e.teacher_id = c.teacher_id AND e.cause_id = c.id
     WHERE c.project_id = ANY($1::uuid[]) GROUP BY 1`,
    [ids],
  );
  const sums = new Map(rows.map(({ id, centihours }) => [id, centihours]));
  return ids.map((id) => sums.get(id) ?? 0);
};
