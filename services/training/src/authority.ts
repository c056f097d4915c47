import type { EntityManager } from 'typeorm';
import type { Tx } from '@yanxiu/messaging/transaction';
import { authorityModel, nearestGoverning } from '@yanxiu/registry/governance';
import { findAbove, type OrgUnit } from '@yanxiu/registry/org-unit';
import { actingUnit, requireOrgUnit } from '@yanxiu/registry/scope';
import type { Actor } from '@yanxiu/subgraph/actor';
import { localDate } from '@yanxiu/subgraph/calendar';
import { requireActor } from '@yanxiu/subgraph/context';
import { forbidden } from '@yanxiu/subgraph/errors';

/** Refuses whoever is no OFFICER of exactly this unit, nor a COORDINATOR of this school. */
export async function requireActingFor(
  manager: EntityManager,
  actor: Actor,
  unitCode: string,
): Promise<OrgUnit> {
  requireActor({ actor }, 'OFFICER', 'COORDINATOR');
  const unit = await actingUnit(manager, actor);
  if (unit.code !== unitCode) {
    throw forbidden(
      `此操作由单位 ${unitCode} 办理；您代表的单位是 ${unit.code}。`,
      `This is for unit ${unitCode} to do; you act for ${unit.code}.`,
    );
  }
  if (actor.role === 'COORDINATOR' && unit.tier !== 'SCHOOL') {
    throw forbidden(
      '学校培训管理员只能代表学校办理。',
      'A coordinator acts for a school; this takes an officer.',
    );
  }
  return unit;
}

/**
 * The unit above in matters of training: the nearest that governs the sector, so the city for a
 * vocational school in a county (A21), the province for a university. Null for the province.
 */
export async function trainingSuperior(
  { manager, now }: Pick<Tx, 'manager' | 'now'>,
  unitCode: string,
): Promise<OrgUnit | null> {
  const unit = await requireOrgUnit(manager, unitCode);
  const above = await findAbove(manager, unit);
  return nearestGoverning(unit, above, await authorityModel(manager, unit, localDate(now)));
}
