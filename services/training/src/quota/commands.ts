import type { EntityManager } from 'typeorm';
import { quotaAllocated } from '@yanxiu/contracts/training';
import { policiesOn } from '@yanxiu/registry/policy';
import { acting, governed, requireOrgUnit } from '@yanxiu/registry/scope';
import { localDate } from '@yanxiu/subgraph/calendar';
import { command, type CommandInput } from '@yanxiu/subgraph/command';
import type { Context } from '@yanxiu/subgraph/context';
import { enforce, permit } from '@yanxiu/subgraph/decision';
import { badInput } from '@yanxiu/subgraph/errors';
import { deliveryOf, lockClass } from '../class/queries.js';
import { mayPrepare } from '../class/rules.js';
import type { TrainingClass } from '../class/entity.js';
import { Quota } from './entity.js';
import { may, splitQuota, tierGoverns } from './rules.js';

export interface AllocateQuotaInput extends CommandInput {
  id?: string;
  classId: string;
  unitCode: string;
  seats: number;
}

/**
 * Gives a unit seats of a class, or changes how many. They come from the quota of the nearest unit
 * above that has one, which that unit's officer splits; from the class's capacity when there is
 * none, which the organiser gives out.
 */
export async function allocateQuota(
  context: Context,
  input: AllocateQuotaInput,
): Promise<{ quotaId: string; classId: string; unitCode: string }> {
  return command(context, 'quota.allocate', input, async (tx) => {
    const { manager, actor } = tx;
    if (input.seats < 0) throw badInput('名额不得为负数。', 'seats must not be negative.');
    const { trainingClass, project } = await lockClass(manager, input.classId);
    const unit = await requireOrgUnit(manager, input.unitCode);
    const { classId, unitCode, seats } = input;
    const held = await manager.findOneBy(Quota, { classId, unitCode });
    const sourceCode = held ? held.sourceCode : await sourceOf(manager, classId, unitCode);
    permit(
      may(actor, 'allocate', {
        project: await deliveryOf(manager, actor, project),
        source: sourceCode === null ? null : await governed(await acting(tx), tx, sourceCode),
      }),
    );
    enforce(mayPrepare(project));
    const policies = await policiesOn(manager, localDate(tx.now), project.organiserCode);
    enforce(tierGoverns(unit.tier, project.sector, policies));
    const sourceFree = await lockSource(manager, trainingClass, sourceCode);
    const now = await lockHeld(manager, classId, unitCode);
    enforce(splitQuota({ seats, held: now, sourceFree }));
    const id = held?.id ?? input.id ?? tx.newId();
    if (sourceCode !== null) {
      await manager.increment(Quota, { classId, unitCode: sourceCode }, 'given', seats - now.seats);
    }
    if (held) await manager.update(Quota, { classId, unitCode }, { seats });
    else {
      const row = { id, classId, unitCode, sourceCode, seats, given: 0, used: 0 };
      await manager.insert(Quota, { ...row, allocatedAt: tx.now });
    }
    await tx.emit(quotaAllocated, project.id, {
      ...{ projectId: project.id, classId, at: tx.now.toISOString() },
      ...{ unitCode, sourceCode, seats },
    });
    tx.subject('Quota', id);
    return { quotaId: id, classId, unitCode };
  });
}

/** The nearest unit above that has a quota of the class. */
async function sourceOf(
  manager: EntityManager,
  classId: string,
  unitCode: string,
): Promise<string | null> {
  const rows: { code: string }[] = await manager.query(
    `SELECT q.unit_code AS code
     FROM org_unit u
     JOIN org_unit above ON u.path > above.path AND u.path < above.path || '/'
     JOIN quota q ON q.class_id = $1 AND q.unit_code = above.code
     WHERE u.code = $2
     ORDER BY length(above.path) DESC LIMIT 1`,
    [classId, unitCode],
  );
  return rows[0]?.code ?? null;
}

/** Seats that the source can still give; capacity is safe, as the class is locked. */
async function lockSource(
  manager: EntityManager,
  trainingClass: TrainingClass,
  sourceCode: string | null,
): Promise<number> {
  if (sourceCode === null) {
    const rows: { free: number }[] = await manager.query(
      `SELECT $2::int - coalesce(sum(seats), 0)::int AS free FROM quota
       WHERE class_id = $1 AND source_code IS NULL`,
      [trainingClass.id, trainingClass.capacity],
    );
    return rows[0]?.free ?? 0;
  }
  const { seats, given, used } = await lockHeld(manager, trainingClass.id, sourceCode);
  return seats - given - used;
}

async function lockHeld(
  manager: EntityManager,
  classId: string,
  unitCode: string,
): Promise<{ seats: number; given: number; used: number }> {
  const held = await manager.findOne(Quota, {
    where: { classId, unitCode },
    lock: { mode: 'pessimistic_write' },
  });
  return held ?? { seats: 0, given: 0, used: 0 };
}
