import type { Tier } from '@yanxiu/registry/org-unit';
import type { Acting } from '@yanxiu/registry/permission';
import { ROLES, type Role } from '@yanxiu/subgraph/actor';
import type { Permission } from '@yanxiu/subgraph/decision';

const PLACES: Readonly<Record<Tier, Acting['place']>> = {
  PROVINCE: { code: '140000', tier: 'PROVINCE', sector: null, path: '140000' },
  CITY: { code: '140400', tier: 'CITY', sector: null, path: '140000.140400' },
  COUNTY: { code: '140403', tier: 'COUNTY', sector: null, path: '140000.140400.140403' },
  SCHOOL: {
    ...{ code: '1404030001', tier: 'SCHOOL', sector: 'BASIC' },
    path: '140000.140400.140403.1404030001',
  },
};

/** Someone in a role, for the unit of a tier in one line of the tree, for tests of rights. */
export const acting = (role: Role, tier: Tier, more: Partial<Acting> = {}): Acting => ({
  ...{ subject: `${role}@${tier}`, role, unit: PLACES[tier].code, place: PLACES[tier] },
  ...more,
});

/** Of all roles at all tiers, those whom a right is given to, as `ROLE@TIER`. */
export const whoMay = (
  right: (actor: Acting) => Permission,
  more: Partial<Acting> = {},
): string[] =>
  ROLES.flatMap((role) =>
    (Object.keys(PLACES) as Tier[])
      .filter((tier) => right(acting(role, tier, more)).accepted)
      .map((tier) => `${role}@${tier}`),
  );

/** The role at every tier, or at those given, as {@link whoMay} names it. */
export const at = (role: Role, ...tiers: readonly Tier[]): string[] =>
  (tiers.length > 0 ? tiers : (Object.keys(PLACES) as Tier[])).map((tier) => `${role}@${tier}`);
