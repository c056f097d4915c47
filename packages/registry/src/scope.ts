import type { EntityManager } from 'typeorm';
import type { Actor } from '@yanxiu/subgraph/actor';
import { localDate } from '@yanxiu/subgraph/calendar';
import type { CommandTx } from '@yanxiu/subgraph/command';
import { DomainError, forbidden } from '@yanxiu/subgraph/errors';
import { authorityModel, governs } from './governance.js';
import { findOrgUnit, type OrgUnit } from './org-unit.js';
import type { Acting, Governed } from './permission.js';

/** The unit that the actor acts for; FORBIDDEN when this service does not know it (yet). */
export async function actingUnit(manager: EntityManager, actor: Actor): Promise<OrgUnit> {
  const unit = await findOrgUnit(manager, actor.unit);
  if (unit) return unit;
  throw forbidden(
    `您的登录凭证中的单位 ${actor.unit} 不存在。`,
    `The unit of your token, ${actor.unit}, does not exist here.`,
  );
}

type Transaction = Pick<CommandTx, 'manager' | 'actor' | 'now'>;

/** Whoever gives a command, with her unit: for a slice's `may`. */
export const acting = async ({ manager, actor }: Transaction): Promise<Acting> => ({
  ...actor,
  place: await actingUnit(manager, actor),
});

/**
 * A unit by its code with whether hers governs it (governance.ts), which none does that is unknown
 * here: for a slice's `may`.
 */
export async function governed(
  { place }: Acting,
  { manager, now }: Omit<Transaction, 'actor'>,
  code: string,
): Promise<Governed> {
  const unit = await findOrgUnit(manager, code);
  if (!unit) return { code, governed: false };
  const model = await authorityModel(manager, unit, localDate(now));
  return { code, governed: governs(place, unit, model) };
}

/** The unit with this code; BAD_USER_INPUT when there is none. */
export async function requireOrgUnit(manager: EntityManager, code: string): Promise<OrgUnit> {
  const unit = await findOrgUnit(manager, code);
  if (unit) return unit;
  throw new DomainError('BAD_USER_INPUT', {
    zh: `单位代码 ${code} 不存在，请核对。`,
    en: `There is no unit with the code ${code}. Check the code.`,
  });
}
