import type { EntityManager } from 'typeorm';
import type { Connection, Page } from '@yanxiu/subgraph/pagination';
import { connectionOf } from '@yanxiu/subgraph/pagination';
import { grouped, inOrder, type Batch, type Context } from '@yanxiu/subgraph/context';
import { asSystem } from '@yanxiu/subgraph/scoped-database';

/** One immutable posting of hours (学时); a reversal names the credit that it takes back. */
export interface HourEntryRow {
  id: string;
  teacherId: string;
  causeId: string;
  decisionId: string;
  kind: 'CREDIT' | 'REVERSAL';
  reversesEntryId: string | null;
  /** Of a credit: the reversal after which the year is credited again. */
  followsEntryId: string | null;
  year: number;
  centihours: number;
  validOn: string;
  recordedAt: Date;
  unitCode: string;
  projectId: string;
  level: string;
  modality: string;
}

/** A posting to make. */
export type NewEntry = Omit<HourEntryRow, 'recordedAt'>;

/** Adds postings in one statement; the database refuses a second live credit. */
export async function post(
  manager: EntityManager,
  entries: readonly NewEntry[],
  recordedAt: Date,
): Promise<void> {
  if (entries.length === 0) return;
  await manager.query(
    `INSERT INTO hour_entry (id, teacher_id, cause_id, decision_id, kind, reverses_entry_id,
       follows_entry_id, year, centihours, valid_on, recorded_at, unit_code, project_id, level,
       modality)
     SELECT id, "teacherId", "causeId", "decisionId", kind, "reversesEntryId",
       "followsEntryId", year, centihours, "validOn", $2, "unitCode", "projectId", level, modality
     FROM jsonb_to_recordset($1::jsonb) AS e(id uuid, "teacherId" uuid, "causeId" uuid,
       "decisionId" uuid, kind text, "reversesEntryId" uuid, "followsEntryId" uuid, year integer,
       centihours integer, "validOn" date, "unitCode" text, "projectId" uuid, level text,
       modality text)`,
    [JSON.stringify(entries), recordedAt],
  );
}

const COLUMNS = `e.id, e.teacher_id AS "teacherId", e.cause_id AS "causeId",
  e.decision_id AS "decisionId", e.kind, e.reverses_entry_id AS "reversesEntryId",
  e.follows_entry_id AS "followsEntryId", e.year,
  e.centihours, e.valid_on::text AS "validOn", e.recorded_at AS "recordedAt",
  e.unit_code AS "unitCode", e.project_id AS "projectId", e.level, e.modality`;

/** Every posting that was ever made on these causes. */
export async function entriesOfCauses(
  manager: EntityManager,
  causeIds: readonly string[],
): Promise<HourEntryRow[]> {
  return manager.query(`SELECT ${COLUMNS} FROM hour_entry e WHERE e.cause_id = ANY($1::uuid[])`, [
    causeIds,
  ]);
}

/** Postings by id, for a DataLoader. */
export const entriesById: Batch<string, HourEntryRow> = async (context, ids) => {
  const rows: HourEntryRow[] = await context.db.query(
    `SELECT ${COLUMNS} FROM hour_entry e WHERE e.id = ANY($1::uuid[])`,
    [ids],
  );
  return inOrder(ids, rows, ({ id }) => id);
};

/** The postings that decisions made, for a DataLoader. */
export const entriesOfDecisions: Batch<string, HourEntryRow[]> = async (context, ids) => {
  const rows: HourEntryRow[] = await context.db.query(
    `SELECT ${COLUMNS} FROM hour_entry e WHERE e.decision_id = ANY($1::uuid[])
     ORDER BY e.kind DESC, e.year`,
    [ids],
  );
  return grouped(ids, rows, (row) => row.decisionId);
};

/** A page of a teacher's postings, oldest first. */
export async function entriesOfTeacher(
  context: Context,
  teacherId: string,
  year: number | null,
  page: Page,
): Promise<Connection<HourEntryRow>> {
  const rows: (HourEntryRow & { position: string })[] = await context.db.query(
    `SELECT ${COLUMNS},
       to_char(e.recorded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS position
     FROM hour_entry e
     WHERE e.teacher_id = $1 AND ($2::int IS NULL OR e.year = $2)
       AND ($3::timestamptz IS NULL OR (e.recorded_at, e.id) > ($3, $4::uuid))
     ORDER BY e.recorded_at, e.id LIMIT $5`,
    [teacherId, year, page.after?.[0] ?? null, page.after?.[1] ?? null, page.limit + 1],
  );
  return connectionOf(rows, page, (row) => [row.position, row.id]);
}

/** Hours of a teacher and year by the level of the projects; key `teacher:year`. */
export interface SourceHours {
  key: string;
  level: string;
  centihours: number;
}

/** {@link SourceHours} for a DataLoader. */
export const hoursBySource: Batch<string, SourceHours[]> = async (context, keys) => {
  const rows: SourceHours[] = await context.db.query(
    `SELECT e.teacher_id || ':' || e.year AS key, e.level, sum(e.centihours)::int AS centihours
     FROM unnest($1::text[]) AS k(key)
     JOIN hour_entry e ON e.teacher_id = split_part(k.key, ':', 1)::uuid
       AND e.year = split_part(k.key, ':', 2)::int
     GROUP BY 1, 2 HAVING sum(e.centihours) <> 0 ORDER BY 1, 2`,
    [keys],
  );
  return grouped(keys, rows, ({ key }) => key);
};

/** Hours that all participants of a project were credited and keep, for a DataLoader. */
export const creditedOfProjects: Batch<string, number> = async ({ db }, ids) => {
  const rows: { id: string; centihours: number }[] = await asSystem(db).query(
    `SELECT project_id AS id, sum(centihours)::int AS centihours FROM hour_entry
     WHERE project_id = ANY($1::uuid[]) GROUP BY 1`,
    [ids],
  );
  const sums = new Map(rows.map(({ id, centihours }) => [id, centihours]));
  return ids.map((id) => sums.get(id) ?? 0);
};
