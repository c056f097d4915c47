import { In, type EntityManager } from 'typeorm';
import type { Tx } from '@yanxiu/messaging/transaction';
import { inOrder, type Batch, type Context } from '@yanxiu/subgraph/context';
import { connectionOf, pageOf, type Connection, type PageArgs } from '@yanxiu/subgraph/pagination';
import { isUuid } from '../columns.js';
import { takeSeats } from '../quota/queries.js';
import { participantScope } from '../teacher/queries.js';
import { Nomination } from './entity.js';
import type { Candidate } from './rules.js';

/** The teachers with their place in the tree and the quota that a seat would come from. */
export async function findCandidates(
  manager: EntityManager,
  classId: string,
  nominatorCode: string,
  teacherIds: readonly string[],
): Promise<Map<string, Candidate>> {
  const rows: Candidate[] = await manager.query(
    `SELECT t.id AS "teacherId", t.unit_code AS "unitCode", t.sector, t.stage, t.subject, t.ladder,
            t.roles, t.hired_on::text AS "hiredOn", t.retired_on::text AS "retiredOn",
            (u.path >= n.path AND u.path < n.path || '/') AS within,
            q.unit_code AS "quotaUnitCode"
     FROM teacher_copy t
     JOIN org_unit u ON u.code = t.unit_code
     JOIN org_unit n ON n.code = $3
     LEFT JOIN LATERAL (
       SELECT quota.unit_code FROM quota JOIN org_unit qu ON qu.code = quota.unit_code
       WHERE quota.class_id = $2 AND u.path >= qu.path AND u.path < qu.path || '/'
       ORDER BY length(qu.path) DESC LIMIT 1) q ON true
     WHERE t.id = ANY($1::uuid[])`,
    [teacherIds.filter(isUuid), classId, nominatorCode],
  );
  return new Map(rows.map((row) => [row.teacherId, row]));
}

/** Those of the teachers who are nominated for or enrolled in the project. */
export async function findNominated(
  manager: EntityManager,
  projectId: string,
  teacherIds: readonly string[],
): Promise<Set<string>> {
  const rows: { teacherId: string }[] = await manager.query(
    `SELECT teacher_id AS "teacherId" FROM nomination
     WHERE project_id = $1 AND teacher_id = ANY($2::uuid[]) AND status <> 'WITHDRAWN'`,
    [projectId, teacherIds.filter(isUuid)],
  );
  return new Set(rows.map((row) => row.teacherId));
}

/** A nomination that waits for confirmation, with the teacher's unit on this day. */
export interface WaitingNomination {
  nominationId: string;
  teacherId: string;
  unitCode: string;
}

/** Locks the nominations of a class that wait: those asked for, or all. */
export const lockWaiting = (
  manager: EntityManager,
  classId: string,
  asked: readonly string[] | null,
): Promise<WaitingNomination[]> =>
  manager.query(
    `SELECT n.id AS "nominationId", n.teacher_id AS "teacherId", t.unit_code AS "unitCode"
     FROM nomination n JOIN teacher_copy t ON t.id = n.teacher_id
     WHERE n.class_id = $1 AND n.status = 'NOMINATED'
       AND ($2::uuid[] IS NULL OR n.id = ANY($2::uuid[]))
     ORDER BY n.id FOR UPDATE OF n`,
    [classId, asked && asked.filter(isUuid)],
  );

/** Marks nominations as confirmed. */
export async function confirmNominations(
  manager: EntityManager,
  ids: readonly string[],
): Promise<void> {
  await manager.update(Nomination, { id: In([...ids]) }, { status: 'CONFIRMED' });
}

/** Marks a nomination as withdrawn and gives its seat back. */
export async function releaseNomination(tx: Tx, id: string): Promise<void> {
  const { manager, now } = tx;
  const nomination = await manager.findOneByOrFail(Nomination, { id });
  await manager.update(Nomination, id, { status: 'WITHDRAWN', withdrawnAt: now });
  await takeSeats(tx, nomination, new Map([[nomination.quotaUnitCode, -1]]));
}

/** Nominations of a class that the caller may see, latest first. */
export async function listNominations(
  { db, actor }: Context,
  classId: string,
  args: PageArgs,
): Promise<Connection<Nomination>> {
  const page = pageOf(args, 'uuid');
  const scope = participantScope(actor);
  const last = page.after?.[0] ?? null;
  if (!scope) return connectionOf<Nomination>([], page, () => []);
  const rows: { id: string }[] = await db.query(
    `SELECT r.id FROM nomination r
     WHERE r.class_id = $2 AND ($3::uuid IS NULL OR r.id < $3) AND ${scope.where}
     ORDER BY r.id DESC LIMIT $4`,
    [scope.value, classId, last, page.limit + 1],
  );
  const nominations = await db.manager.findBy(Nomination, { id: In(rows.map((row) => row.id)) });
  nominations.sort((a, b) => (a.id < b.id ? 1 : -1));
  return connectionOf(nominations, page, (nomination) => [nomination.id]);
}

/** Nominations by id, null for those that the caller may not see. */
export const nominationById: Batch<string, Nomination> = async ({ db, actor }, keys) => {
  const scope = participantScope(actor);
  if (!scope) return keys.map(() => null);
  const rows: { id: string }[] = await db.query(
    `SELECT r.id FROM nomination r WHERE r.id = ANY($2::uuid[]) AND ${scope.where}`,
    [scope.value, keys.filter(isUuid)],
  );
  const nominations = await db.manager.findBy(Nomination, { id: In(rows.map((row) => row.id)) });
  return inOrder(keys, nominations, ({ id }) => id);
};

/** The nomination that a command has just changed. */
export const requireNomination = ({ db }: Context, id: string): Promise<Nomination> =>
  db.manager.findOneByOrFail(Nomination, { id });
