import type { EntityManager } from 'typeorm';
import { findOrgUnit, superiorOf, type OrgUnit } from '@yanxiu/registry/org-unit';
import { actingUnit } from '@yanxiu/registry/scope';
import type { Actor } from '@yanxiu/subgraph/actor';
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
 * The unit above in matters of training: the parent in the tree, but a vocational school under a
 * county reports to the city (A21). Null for the province.
 */
export async function trainingSuperior(
  manager: EntityManager,
  unitCode: string,
): Promise<OrgUnit | null> {
  const unit = await findOrgUnit(manager, unitCode);
  const above = await superiorOf(manager, unitCode);
  if (unit?.sector === 'VOCATIONAL' && above?.tier === 'COUNTY') {
    return superiorOf(manager, above.code);
  }
  return above;
}
