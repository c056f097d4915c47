import type { EntityManager } from 'typeorm';
import type { OrgUnit, Sector, Tier } from './org-unit.js';
import { policiesOn } from './policy.js';

/** Policy `governance.authority`: the part that each tier has in a sector (R17, R50, R64). */
export type AuthorityModel = Readonly<
  Record<Sector, Readonly<Partial<Record<Tier, 'GUIDE' | 'COORDINATE' | 'IMPLEMENT'>>>>
>;

type Unit = Pick<OrgUnit, 'code' | 'tier' | 'sector' | 'path'>;

const NO_SECTOR: AuthorityModel = { BASIC: {}, VOCATIONAL: {}, HIGHER: {} };

/** The model in force for a unit on a date; a body of the administration needs none. */
export const authorityModel = async (
  manager: EntityManager,
  { code, sector }: Pick<Unit, 'code' | 'sector'>,
  date: string,
): Promise<AuthorityModel> =>
  sector === null
    ? NO_SECTOR
    : (await policiesOn(manager, date, code)).value<AuthorityModel>('governance.authority');

/** Who may read: the unit itself and whatever lies below it in the tree. */
export const contains = (unit: Pick<Unit, 'path'>, other: Pick<Unit, 'path'>): boolean =>
  other.path === unit.path || other.path.startsWith(`${unit.path}.`);

/**
 * Who may act: of the units that contain it, the unit itself and those whose tier has a part in
 * its sector. No county governs a vocational school (A21), no city a university.
 */
export const governs = (unit: Unit, other: Unit, model: AuthorityModel): boolean =>
  contains(unit, other) &&
  (other.sector === null || unit.code === other.code || unit.tier in model[other.sector]);

/** The nearest of the units above, from the root down, that governs the unit; null at the root. */
export const nearestGoverning = <U extends Unit>(
  unit: Unit,
  above: readonly U[],
  model: AuthorityModel,
): U | null => above.findLast((each) => governs(each, unit, model)) ?? null;
