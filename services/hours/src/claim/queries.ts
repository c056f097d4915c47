import type { EntityManager } from 'typeorm';
import { within } from '@yanxiu/registry/org-unit';
import { grouped, inOrder, type Batch, type Context } from '@yanxiu/subgraph/context';
import { connectionOf, type Connection, type Page } from '@yanxiu/subgraph/pagination';
import { postsSql } from '../teacher/queries.js';
import type { Post } from '../teacher/rules.js';
import type { ClaimSession, NewClaim } from './form.js';
import type { ClaimState, ClaimStatus } from './rules.js';

/** A claim (学时申报) as it is kept. */
export interface ClaimRow
  extends
    ClaimState,
    Pick<NewClaim, 'teacherId' | 'source' | 'category' | 'modality' | 'title' | 'projectId'> {
  id: string;
  sessions: ClaimSession[];
  firstDate: string;
  evidenceSha256: string;
  evidenceName: string;
  evidenceSize: number;
  relevance: string | null;
  approval: string | null;
  institutionCode: string | null;
  submittedAt: Date;
}

/** Who took the last step of a kind; an earlier one was undone by it. */
const actorOf = (...statuses: ClaimStatus[]): string =>
  `(SELECT s.actor FROM claim_step s WHERE s.claim_id = c.id
      AND s.status IN (${statuses.map((status) => `'${status}'`).join()})
    ORDER BY s.sequence LIMIT 1)`;

const COLUMNS = `c.id, c.teacher_id AS "teacherId", c.source, c.category, c.modality, c.title,
  c.project_id AS "projectId", c.sessions, c.first_date::text AS "firstDate",
  encode(c.evidence_sha256, 'hex') AS "evidenceSha256", c.evidence_name AS "evidenceName",
  c.evidence_size::float8 AS "evidenceSize", c.relevance, c.approval, c.unit_code AS "unitCode",
  c.registrar_code AS "registrarCode", c.institution_code AS "institutionCode", c.status,
  c.due_at AS "dueAt", c.submitted_at AS "submittedAt",
  ${actorOf('CHECKED')} AS "checkedBy", ${actorOf('ACCEPTED', 'REFUSED')} AS "decidedBy"`;

/** The claim, locked until the transaction ends. */
export async function lockClaim(manager: EntityManager, id: string): Promise<ClaimRow | null> {
  const locked: unknown[] = await manager.query('SELECT id FROM claim WHERE id = $1 FOR UPDATE', [
    id,
  ]);
  if (locked.length === 0) return null;
  // A statement of its own: it sees the steps that were committed while the lock was waited for.
  const rows: ClaimRow[] = await manager.query(`SELECT ${COLUMNS} FROM claim c WHERE c.id = $1`, [
    id,
  ]);
  return rows[0] ?? null;
}

/** Claims by id, for a DataLoader. */
export const claimsById: Batch<string, ClaimRow> = async (context, ids) => {
  const rows: ClaimRow[] = await context.db.query(
    `SELECT ${COLUMNS} FROM claim c WHERE c.id = ANY($1::uuid[])`,
    [ids],
  );
  return inOrder(ids, rows, ({ id }) => id);
};

/** One step that was taken on a claim. */
export interface ClaimStepRow {
  claimId: string;
  status: ClaimStatus;
  reason: string | null;
  unitCode: string;
  at: Date;
}

/** The steps of claims, first to last, for a DataLoader. */
export const stepsOfClaims: Batch<string, ClaimStepRow[]> = async (context, ids) => {
  const rows: ClaimStepRow[] = await context.db.query(
    `SELECT claim_id AS "claimId", status, reason, unit_code AS "unitCode", at FROM claim_step
     WHERE claim_id = ANY($1::uuid[]) ORDER BY claim_id, sequence`,
    [ids],
  );
  return grouped(ids, rows, ({ claimId }) => claimId);
};

/** A page of a teacher's claims, latest first. */
export async function claimsOfTeacher(
  context: Context,
  teacherId: string,
  page: Page,
): Promise<Connection<ClaimRow>> {
  const rows: ClaimRow[] = await context.db.query(
    `SELECT ${COLUMNS} FROM claim c
     WHERE c.teacher_id = $1 AND ($2::uuid IS NULL OR c.id < $2) ORDER BY c.id DESC LIMIT $3`,
    [teacherId, page.after?.[0] ?? null, page.limit + 1],
  );
  return connectionOf(rows, page, ({ id }) => [id]);
}

/** Claims of a subtree that wait in a state, the most urgent first. */
export async function waitingClaims(
  context: Context,
  { under, status }: { under: string; status: ClaimStatus },
  page: Page,
): Promise<Connection<ClaimRow>> {
  const rows: (ClaimRow & { position: string })[] = await context.db.query(
    `SELECT ${COLUMNS},
       to_char(c.due_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS position
     FROM claim c JOIN org_unit u ON u.code = c.unit_code
     WHERE c.status = $2 AND c.due_at IS NOT NULL AND ${within('u.path', '$1')}
       AND ($3::timestamptz IS NULL OR (c.due_at, c.id) > ($3, $4::uuid))
     ORDER BY c.due_at, c.id LIMIT $5`,
    [under, status, page.after?.[0] ?? null, page.after?.[1] ?? null, page.limit + 1],
  );
  return connectionOf(rows, page, (row) => [row.position, row.id]);
}

/** What is known of the teachers, projects and cities that claims name. */
export interface Known {
  posts: ReadonlyMap<string, Post[]>;
  /** Codes of the institutions that deliver each known project. */
  deliverers: ReadonlyMap<string, readonly string[]>;
  cities: ReadonlySet<string>;
  /** Claims by {@link onceKey}, with their {@link contentKey}. */
  claimed: ReadonlyMap<string, string>;
}

/** What may be claimed once. */
export const onceKey = (teacherId: string, sha256: string, firstDate: string): string =>
  `${teacherId} ${sha256.toLowerCase()} ${firstDate}`;

/** The same for two claims that say the same. */
export const contentKey = ({
  source,
  category,
  title,
  sessions,
}: Pick<NewClaim, 'source' | 'category' | 'title' | 'sessions'>): string =>
  JSON.stringify([
    ...[source, category, title],
    ...sessions.map(({ date, startTime, minutes }) => [date, startTime, minutes]),
  ]);

/** Reads all that a list of claims is judged by. */
export async function knownOf(
  manager: EntityManager,
  claims: readonly Pick<NewClaim, 'teacherId' | 'projectId'>[],
): Promise<Known> {
  const teacherIds = [...new Set(claims.map(({ teacherId }) => teacherId))];
  const projectIds = [...new Set(claims.flatMap(({ projectId }) => projectId ?? []))];
  const teachers: { id: string; posts: Post[] }[] = await manager.query(
    `SELECT t.id, ${postsSql()} AS posts FROM teacher_copy t WHERE t.id = ANY($1::uuid[])`,
    [teacherIds],
  );
  const projects: { id: string; codes: string[] }[] = await manager.query(
    `SELECT p.id, ARRAY(SELECT i.code FROM institution_copy i
                        WHERE i.id = ANY(p.deliverer_ids)) AS codes
     FROM project_copy p WHERE p.id = ANY($1::uuid[])`,
    [projectIds],
  );
  const cities: { code: string }[] = await manager.query(
    "SELECT code FROM org_unit WHERE tier = 'CITY'",
  );
  type Claimed = Pick<ClaimRow, 'teacherId' | 'source' | 'category' | 'title' | 'sessions'> & {
    sha256: string;
    firstDate: string;
  };
  const claimed: Claimed[] = await manager.query(
    `SELECT teacher_id AS "teacherId", encode(evidence_sha256, 'hex') AS sha256,
       first_date::text AS "firstDate", source, category, title, sessions
     FROM claim WHERE teacher_id = ANY($1::uuid[]) AND status <> 'RETURNED'`,
    [teacherIds],
  );
  return {
    posts: new Map(teachers.map(({ id, posts }) => [id, posts])),
    deliverers: new Map(projects.map(({ id, codes }) => [id, codes])),
    cities: new Set(cities.map(({ code }) => code)),
    claimed: new Map(
      claimed.map((row) => [onceKey(row.teacherId, row.sha256, row.firstDate), contentKey(row)]),
    ),
  };
}
