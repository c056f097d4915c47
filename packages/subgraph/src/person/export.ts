import { randomUUID } from 'node:crypto';
import type { DataSource, EntityManager } from 'typeorm';
import { nowOf, requireActor, type Context } from '../context.js';
import { badInput, forbidden, notFound } from '../errors.js';
import { asSystem } from '../scoped-database.js';
import { requirePlainNote } from './note.js';

/** A table that holds rows about a person. */
export interface PersonTable {
  table: string;
  /** Which rows, as SQL over `t` with the teacher's id as `$1`. */
  where: string;
  /** Columns that are not shown as they are: sealed, or technical. */
  omit?: readonly string[];
  /**
   * What takes the place of sealed columns, from the whole row: to the person herself in full, to
   * an officer who asks on her behalf with what identifies her masked.
   */
  open?: (row: Record<string, unknown>, herself: boolean) => Record<string, unknown>;
}

/** What a service holds about persons. */
export interface PersonalTables {
  tables: readonly PersonTable[];
  /**
   * Whether the officer of the request answers for this teacher; a service that does not know
   * leaves it out and tells the person alone.
   */
  oversees?(context: Context, teacherId: string): Promise<boolean>;
}

/** Columns that tie a row to a person. */
const PERSON_COLUMNS = ['teacher_id', 'enrolment_id'];

/**
 * Tables with a column for a person that `held` does not name; empty when a person is told of all.
 * `untold` names those that say nothing of her, each with the reason.
 */
export async function personalGaps(
  manager: EntityManager,
  held: PersonalTables,
  untold: Readonly<Record<string, string>> = {},
): Promise<string[]> {
  const rows: { name: string }[] = await manager.query(
    `SELECT DISTINCT c.relname AS name
     FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
     WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
       AND NOT c.relispartition AND a.attname = ANY($1::text[]) ORDER BY 1`,
    [PERSON_COLUMNS],
  );
  const told = new Set([...held.tables.map(({ table }) => table), ...Object.keys(untold)]);
  return rows.map(({ name }) => name).filter((name) => !told.has(name));
}

export interface PersonalData {
  service: string;
  teacherId: string;
  takenAt: Date;
  sections: { name: string; rows: Record<string, unknown>[] }[];
}

interface ExportArgs {
  teacherId?: string | null;
  purpose?: string | null;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * Everything that this service holds about a person; the audit row is written first. Who may have
 * it is decided before, so that every row is seen.
 */
export async function personalData(
  context: Context,
  held: PersonalTables,
  args: ExportArgs,
): Promise<PersonalData> {
  const teacherId = await requireEntitled(context, held, args);
  await recordExport(context, teacherId, args.purpose ?? null);
  const herself = requireActor(context).role === 'TEACHER';
  const sections: PersonalData['sections'] = [];
  for (const table of held.tables) {
    sections.push({
      name: table.table,
      rows: await rowsOf(asSystem(context.db), table, teacherId, herself),
    });
  }
  return { service: context.service, teacherId, takenAt: nowOf(context), sections };
}

/** The teacher whose data the actor may take: herself, or one whom an officer answers for. */
async function requireEntitled(
  context: Context,
  { oversees }: PersonalTables,
  { teacherId, purpose }: ExportArgs,
): Promise<string> {
  const actor = requireActor(context, 'TEACHER', 'OFFICER');
  const asked = (teacherId ?? actor.teacher ?? '').toLowerCase();
  const missing = () => notFound({ zh: '教师', en: 'teacher' }, asked);
  if (!UUID.test(asked)) throw missing();
  if (actor.role === 'TEACHER') {
    if (asked !== actor.teacher?.toLowerCase()) throw missing();
    return asked;
  }
  if (!purpose?.trim()) {
    throw badInput(
      '请填写代为查询的目的（purpose）。',
      'Say in purpose why you ask on her behalf.',
    );
  }
  requirePlainNote(purpose);
  if (!oversees) {
    throw forbidden(
      `${context.service} 不掌握人员所属单位，其个人信息仅向本人提供。`,
      `${context.service} does not know a person's unit and tells her alone what it holds.`,
    );
  }
  if (!(await oversees(context, asked))) throw missing();
  return asked;
}

async function recordExport(
  context: Context,
  teacherId: string,
  purpose: string | null,
): Promise<void> {
  const actor = requireActor(context);
  await context.db.query(
    `INSERT INTO audit (id, at, actor, role, unit, action, subject_type, subject_id, request_id,
                        data_class, subject_ids, subject_count, purpose)
     VALUES ($1, $2, $3, $4, $5, 'personal.export', 'Teacher', $6::text, $7,
             'IDENTITY', ARRAY[$6::uuid], 1, $8)`,
    [
      ...[randomUUID(), nowOf(context), actor.subject, actor.role, actor.unit],
      ...[teacherId, context.requestId, purpose],
    ],
  );
}

async function rowsOf(
  db: DataSource,
  { table, where, omit = [], open }: PersonTable,
  teacherId: string,
  herself: boolean,
): Promise<Record<string, unknown>[]> {
  const found: { row: Record<string, unknown> }[] = await db.query(
    `SELECT to_jsonb(t) AS row FROM ${table} t WHERE ${where}`,
    [teacherId],
  );
  return found.map(({ row }) => ({
    ...Object.fromEntries(Object.entries(row).filter(([column]) => !omit.includes(column))),
    ...open?.(row, herself),
  }));
}

type Field<A> = (parent: unknown, args: A, context: Context) => unknown;

/** Resolvers of what a service tells a person about herself. */
export function personResolvers(service: string, held: PersonalTables): object {
  const data: Field<ExportArgs> = (_parent, args, context) => personalData(context, held, args);
  return { Query: { [`${service}PersonalData`]: data } };
}
