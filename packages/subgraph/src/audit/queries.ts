import { requireActor, type Context } from '../context.js';
import { badInput } from '../errors.js';
import { connectionOf, pageOf, type Connection, type Page, type PageArgs } from '../pagination.js';

export interface AuditFilter {
  reads?: boolean | null;
  actor?: string | null;
  under?: string | null;
  action?: string | null;
  teacherId?: string | null;
  since?: Date | null;
  before?: Date | null;
}

export interface AuditEntry {
  id: string;
  service: string;
  at: Date;
  actor: string;
  role: string;
  unit: string;
  action: string;
  dataClass: string | null;
  subjectType: string | null;
  subjectIds: string[] | null;
  subjectCount: number | null;
  fingerprint: string | null;
  purpose: string | null;
  note: string | null;
  requestId: string;
  /** `at` in microseconds, for the cursor. */
  place: string;
}

const COLUMNS = `a.id, a.at, a.actor, a.role, a.unit, a.action, a.data_class AS "dataClass",
  a.subject_type AS "subjectType",
  coalesce(a.subject_ids::text[], CASE WHEN a.subject_id IS NOT NULL
    THEN ARRAY[a.subject_id] END) AS "subjectIds",
  a.subject_count AS "subjectCount", a.fingerprint, a.purpose, a.note,
  a.request_id AS "requestId",
  to_char(a.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS place`;

/** Acts on one teacher: among those whose data was read, or what a command acted on. */
const about = (parameter: string): string =>
  `(a.subject_ids @> ARRAY[${parameter}::uuid]
    OR (a.subject_type = 'Teacher' AND a.subject_id = ${parameter}::uuid::text))`;

/** `column` is a path within the subtree of the unit whose code is `parameter`. */
const subtree = (column: string, parameter: string): string =>
  `${column} >= (SELECT path FROM org_unit WHERE code = ${parameter})
   AND ${column} < (SELECT path || '/' FROM org_unit WHERE code = ${parameter})`;

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The audit log within the auditor's jurisdiction, the newest first. */
export async function auditEntries(
  context: Context,
  { filter, ...args }: PageArgs & { filter?: AuditFilter | null },
): Promise<Connection<AuditEntry>> {
  const actor = requireActor(context, 'AUDITOR');
  const page = pageOf(args, 'instant', 'uuid');
  const where = new Conditions();
  const unit = (code: string): void => {
    const parameter = where.value(code);
    where.add(
      `EXISTS (SELECT 1 FROM org_unit u WHERE u.code = a.unit AND ${subtree('u.path', parameter)})`,
    );
  };
  unit(actor.unit);
  const { reads, under, teacherId, since, before } = filter ?? {};
  if (under) unit(under);
  if (reads != null) where.add(`a.data_class IS ${reads ? 'NOT NULL' : 'NULL'}`);
  if (filter?.actor) where.add(`a.actor = ${where.value(filter.actor)}`);
  if (filter?.action) where.add(`a.action = ${where.value(filter.action)}`);
  if (since) where.add(`a.at >= ${where.value(since)}`);
  if (before) where.add(`a.at < ${where.value(before)}`);
  if (teacherId) {
    if (!UUID.test(teacherId)) throw badInput('教师编号无效。', 'teacherId is no teacher id.');
    where.add(about(where.value(teacherId.toLowerCase())));
  }
  return readPage(context, where, page);
}

/** Who read or changed the signed-in teacher's data, herself left out. */
export async function myDataAccesses(
  context: Context,
  args: PageArgs,
): Promise<Connection<AuditEntry>> {
  const { teacher, subject } = requireActor(context, 'TEACHER');
  const page = pageOf(args, 'instant', 'uuid');
  const where = new Conditions();
  if (teacher) where.add(about(where.value(teacher.toLowerCase())));
  else where.add('false');
  where.add(`a.actor <> ${where.value(subject)}`);
  return readPage(context, where, page);
}

/** Conditions joined by AND, with the values of their parameters. */
class Conditions {
  readonly texts: string[] = [];
  readonly values: unknown[] = [];

  value(value: unknown): string {
    this.values.push(value);
    return `$${this.values.length}`;
  }

  add(text: string): void {
    this.texts.push(text);
  }
}

async function readPage(
  { db, service }: Context,
  where: Conditions,
  page: Page,
): Promise<Connection<AuditEntry>> {
  const { limit, after } = page;
  if (after) {
    const [at, id] = after.map((value) => where.value(value));
    where.add(`(a.at, a.id) < (${at}::timestamptz, ${id}::uuid)`);
  }
  const rows: AuditEntry[] = await db.query(
    `SELECT ${COLUMNS} FROM audit a WHERE ${where.texts.join('\n AND ')}
     ORDER BY a.at DESC, a.id DESC LIMIT ${limit + 1}`,
    where.values,
  );
  const entries = rows.map((row) => ({ ...row, service }));
  return connectionOf(entries, page, ({ place, id }) => [place, id]);
}
