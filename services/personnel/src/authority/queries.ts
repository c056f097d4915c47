import { IsNull, type EntityManager } from 'typeorm';
import { findOrgUnit, within } from '@yanxiu/registry/org-unit';
import { actingUnit } from '@yanxiu/registry/scope';
import type { Role } from '@yanxiu/subgraph/actor';
import { localDate } from '@yanxiu/subgraph/calendar';
import { nowOf, requireActor, type Context } from '@yanxiu/subgraph/context';
import { notFound, unauthenticated } from '@yanxiu/subgraph/errors';
import { asSystem } from '@yanxiu/subgraph/scoped-database';
import { connectionOf, pageOf, type Connection, type PageArgs } from '@yanxiu/subgraph/pagination';
import { isTeacherId } from '../teacher/queries.js';
import { RoleAssignment } from './entity.js';
import { may, READERS } from './rules.js';

const IN_FORCE = `a.ended_at IS NULL AND a.valid_from <= :today
  AND (a.valid_to IS NULL OR a.valid_to >= :today)`;

export interface AssignmentFilter extends PageArgs {
  under?: string | null;
  role?: Role | null;
  inForce?: boolean | null;
}

/** Roles held in a subtree of the jurisdiction, by unit and account. */
export async function roleAssignments(
  context: Context,
  filter: AssignmentFilter,
): Promise<Connection<RoleAssignment>> {
  const { manager } = context.db;
  const actor = requireActor(context, ...READERS);
  const page = pageOf(filter, 'uuid');
  const unit = await findOrgUnit(manager, filter.under ?? actor.unit);
  if (!unit || !may({ ...actor, place: await actingUnit(manager, actor) }, 'read', unit).accepted) {
    throw notFound({ zh: '单位', en: 'unit' }, filter.under ?? actor.unit);
  }
  const query = manager
    .createQueryBuilder(RoleAssignment, 'a')
    .innerJoin('org_unit', 'u', 'u.code = a.unit_code')
    .where(within('u.path', ':under'), { under: unit.code });
  if (filter.role) query.andWhere('a.role = :role', { role: filter.role });
  if (filter.inForce) query.andWhere(IN_FORCE, { today: localDate(nowOf(context)) });
  if (page.after) query.andWhere('a.id > :after', { after: page.after[0] });
  const rows = await query
    .orderBy('a.id')
    .limit(page.limit + 1)
    .getMany();
  return connectionOf(rows, page, ({ id }) => [id]);
}

/** The roles in force of the account that asks, whichever it acts in; and if it acts in none. */
export async function myAssignments(context: Context): Promise<RoleAssignment[]> {
  const { subject } = context;
  if (subject === null) throw unauthenticated();
  // Her own, whichever unit they are for.
  return asSystem(context.db)
    .manager.createQueryBuilder(RoleAssignment, 'a')
    .where('a.subject = :subject', { subject })
    .andWhere(IN_FORCE, { today: localDate(nowOf(context)) })
    .orderBy('a.id')
    .getMany();
}

/** The assignment that a command has just written. */
export const assignmentById = ({ db }: Context, id: string): Promise<RoleAssignment> =>
  db.manager.findOneByOrFail(RoleAssignment, { id });

/** The assignment, locked; null when there is none. */
export const lockAssignment = async (
  manager: EntityManager,
  id: string,
): Promise<RoleAssignment | null> =>
  isTeacherId(id)
    ? manager.findOne(RoleAssignment, { where: { id }, lock: { mode: 'pessimistic_write' } })
    : null;

/** What an account holds of a role at a unit and was not ended, whenever it begins or ended. */
export const openAssignments = (
  manager: EntityManager,
  held: Pick<RoleAssignment, 'subject' | 'role' | 'unitCode'>,
): Promise<RoleAssignment[]> => manager.findBy(RoleAssignment, { ...held, endedAt: IsNull() });

/** Codes of the units that have accredited an institution, as training has told. */
export async function accreditorsOf(manager: EntityManager, code: string): Promise<string[]> {
  const rows: { unitCode: string }[] = await manager.query(
    `SELECT a.unit_code AS "unitCode" FROM institution_copy i
     JOIN institution_accreditor a ON a.institution_id = i.id WHERE i.code = $1`,
    [code],
  );
  return rows.map(({ unitCode }) => unitCode);
}

/** Unit of a teacher's post on a date; null without one. */
export async function presentUnitOf(
  manager: EntityManager,
  teacherId: string,
  date: string,
): Promise<string | null> {
  const rows: { unitCode: string }[] = await manager.query(
    `SELECT unit_code AS "unitCode" FROM post
     WHERE teacher_id = $1 AND from_on <= $2 AND (to_on IS NULL OR to_on >= $2)`,
    [teacherId, date],
  );
  return rows[0]?.unitCode ?? null;
}
