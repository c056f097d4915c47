import { In, type EntityManager } from 'typeorm';
import { quotaUsed } from '@yanxiu/contracts/training';
import type { Tx } from '@yanxiu/messaging/transaction';
import { grouped, inOrder, type Batch, type Context } from '@yanxiu/subgraph/context';
import { isUuid } from '../columns.js';
import { visibleClassById } from '../class/queries.js';
import { Quota } from './entity.js';

export interface Seats {
  unitCode: string;
  seats: number;
  given: number;
  used: number;
}

/** Locks the quota rows of the units in the order of their codes. */
export const lockQuotas = (
  manager: EntityManager,
  classId: string,
  unitCodes: readonly string[],
): Promise<Seats[]> =>
  manager.query(
    `SELECT unit_code AS "unitCode", seats, given, used FROM quota
     WHERE class_id = $1 AND unit_code = ANY($2) ORDER BY unit_code FOR UPDATE`,
    [classId, unitCodes],
  );

/** Takes (or, when negative, gives back) seats of several units of a class, and tells of it. */
export async function takeSeats(
  { manager, now, emitAll }: Tx,
  { projectId, classId }: { projectId: string; classId: string },
  taken: ReadonlyMap<string, number>,
): Promise<void> {
  // Locked up to the commit: of one unit the counts are told in their order.
  const [rows] = (await manager.query(
    `UPDATE quota SET used = used + t.seats
     FROM unnest($2::text[], $3::int[]) AS t (unit_code, seats)
     WHERE quota.class_id = $1 AND quota.unit_code = t.unit_code
     RETURNING quota.unit_code AS "unitCode", used`,
    [classId, [...taken.keys()], [...taken.values()]],
  )) as [{ unitCode: string; used: number }[], number];
  const told = { projectId, classId, at: now.toISOString() };
  await emitAll(
    quotaUsed,
    rows.map((row) => ({ key: projectId, data: { ...told, ...row } })),
  );
}

/** Quotas of classes by unit. */
export const quotasOfClass: Batch<string, Quota[]> = async ({ db }, keys) =>
  grouped(
    keys,
    await db.manager.find(Quota, {
      where: { classId: In([...keys]) },
      order: { unitCode: 'ASC' },
    }),
    ({ classId }) => classId,
  );

/** The quota that a command has just written. */
export const requireQuota = ({ db }: Context, classId: string, unitCode: string): Promise<Quota> =>
  db.manager.findOneByOrFail(Quota, { classId, unitCode });

/** Quotas by id, null for those of classes that the caller may not see. */
export const visibleQuotaById: Batch<string, Quota> = async (context, keys) => {
  const quotas = await context.db.manager.findBy(Quota, { id: In(keys.filter(isUuid)) });
  const classes = await visibleClassById(context, [...new Set(quotas.map((q) => q.classId))]);
  const visible = new Set(classes.flatMap((found) => (found ? [found.id] : [])));
  const seen = quotas.filter(({ classId }) => visible.has(classId));
  return inOrder(keys, seen, ({ id }) => id);
};
