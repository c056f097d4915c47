import { In, type EntityManager } from 'typeorm';
import { inOrder, load, type Batch, type Context } from '@yanxiu/subgraph/context';
import { connectionOf, pageOf, type Connection, type PageArgs } from '@yanxiu/subgraph/pagination';
import { notFound } from '@yanxiu/subgraph/errors';
import { isUuid } from '../columns.js';
import { participantScope } from '../teacher/queries.js';
import { Enrolment } from './entity.js';

/** A confirmed participant of a class, at the unit of today. */
export interface Participant {
  enrolmentId: string;
  teacherId: string;
  unitCode: string;
  /** The city that the unit lies in. */
  cityCode: string | null;
}

/** Who takes part in a class and has not finished it yet. */
export const findParticipants = (manager: EntityManager, classId: string): Promise<Participant[]> =>
  manager.query(
    `SELECT e.id AS "enrolmentId", e.teacher_id AS "teacherId", t.unit_code AS "unitCode",
            (SELECT city.code FROM org_unit city
             WHERE city.tier = 'CITY' AND u.path >= city.path AND u.path < city.path || '/'
            ) AS "cityCode"
     FROM enrolment e
     JOIN teacher_copy t ON t.id = e.teacher_id
     JOIN org_unit u ON u.code = t.unit_code
     WHERE e.class_id = $1 AND e.status = 'CONFIRMED'
     ORDER BY e.id`,
    [classId],
  );

/** Marks the participants of a class as finished. */
export async function completeEnrolments(manager: EntityManager, classId: string): Promise<void> {
  await manager.update(Enrolment, { classId, status: 'CONFIRMED' }, { status: 'COMPLETED' });
}

/** How far hours has decided on a project's enrolments; those withdrawn do not count. */
export async function enrolmentProgress(
  manager: EntityManager,
  projectId: string,
): Promise<{ confirmed: number; decided: number; creditedCentihours: number }> {
  const rows: { confirmed: number; decided: number; creditedCentihours: number }[] =
    await manager.query(
      `SELECT count(*)::int AS confirmed,
              (count(*) FILTER (WHERE status IN ('CREDITED', 'REFUSED')))::int AS decided,
              coalesce(sum(credited_centihours), 0)::int AS "creditedCentihours"
       FROM enrolment WHERE project_id = $1 AND status <> 'WITHDRAWN'`,
      [projectId],
    );
  return rows[0] ?? { confirmed: 0, decided: 0, creditedCentihours: 0 };
}

/** Those of the projects of which no enrolment waits for its decision. */
export async function allDecided(
  manager: EntityManager,
  projectIds: readonly string[],
): Promise<string[]> {
  if (projectIds.length === 0) return [];
  const rows: { id: string }[] = await manager.query(
    `SELECT p.id FROM unnest($1::uuid[]) AS p(id) WHERE NOT EXISTS (
       SELECT FROM enrolment e WHERE e.project_id = p.id
         AND e.status NOT IN ('CREDITED', 'REFUSED', 'WITHDRAWN'))
     ORDER BY 1`,
    [projectIds],
  );
  return rows.map(({ id }) => id);
}

/** What a list of enrolments belongs to. */
export type EnrolmentOwner = 'project_id' | 'class_id' | 'teacher_id';

/** Enrolments that the caller may see, latest first. */
export async function listEnrolments(
  { db, actor }: Context,
  owner: EnrolmentOwner,
  id: string,
  args: PageArgs,
): Promise<Connection<Enrolment>> {
  const page = pageOf(args, 'uuid');
  const scope = participantScope(actor);
  const last = page.after?.[0] ?? null;
  if (!scope || !isUuid(id)) return connectionOf<Enrolment>([], page, () => []);
  const rows: { id: string }[] = await db.query(
    `SELECT r.id FROM enrolment r
     WHERE r.${owner} = $2 AND ($3::uuid IS NULL OR r.id < $3) AND ${scope.where}
     ORDER BY r.id DESC LIMIT $4`,
    [scope.value, id, last, page.limit + 1],
  );
  const enrolments = await db.manager.findBy(Enrolment, { id: In(rows.map((row) => row.id)) });
  enrolments.sort((a, b) => (a.id < b.id ? 1 : -1));
  return connectionOf(enrolments, page, (enrolment) => [enrolment.id]);
}

/** Enrolments by id, null for those that the caller may not see. */
export const enrolmentById: Batch<string, Enrolment> = async ({ db, actor }, keys) => {
  const scope = participantScope(actor);
  if (!scope) return keys.map(() => null);
  const rows: { id: string }[] = await db.query(
    `SELECT r.id FROM enrolment r WHERE r.id = ANY($2::uuid[]) AND ${scope.where}`,
    [scope.value, keys.filter(isUuid)],
  );
  const enrolments = await db.manager.findBy(Enrolment, { id: In(rows.map((row) => row.id)) });
  return inOrder(keys, enrolments, ({ id }) => id);
};

/** The enrolment that another row points to. */
export async function requireEnrolment(context: Context, id: string): Promise<Enrolment> {
  const enrolment = await load(context, enrolmentById, id);
  if (!enrolment) throw notFound({ zh: '学员', en: 'enrolment' }, id);
  return enrolment;
}
