import type { Actor } from '@yanxiu/subgraph/actor';
import { accepted, denied, type Permission } from '@yanxiu/subgraph/decision';
import type { OrgUnit, Tier } from './org-unit.js';

/**
 * Whoever acts, with the unit that she acts for: the first argument of the one function `may` that
 * each slice has in its `rules.ts`.
 */
export interface Acting extends Actor {
  readonly place: Pick<OrgUnit, 'code' | 'tier' | 'sector' | 'path'>;
}

/** A unit that something belongs to, and whether the actor's unit governs it (governance.ts). */
export interface Governed {
  readonly code: string;
  readonly governed: boolean;
}

/** The education departments; a school acts for itself alone. */
export const DEPARTMENTS: readonly Tier[] = ['PROVINCE', 'CITY', 'COUNTY'];

/** Whether her unit is of one of the tiers. */
export const ofTier = ({ place }: Pick<Acting, 'place'>, tiers: readonly Tier[]): Permission =>
  tiers.includes(place.tier)
    ? accepted()
    : denied(
        `此操作须由以下层级办理：${tiers.join('、')}；您所在层级为 ${place.tier}。`,
        `This takes a unit of tier ${tiers.join(', ')}; yours is ${place.tier}.`,
      );

/** Whether her unit governs what she acts on. */
export const over = ({ unit }: Pick<Actor, 'unit'>, { code, governed }: Governed): Permission =>
  governed
    ? accepted()
    : denied(
        `单位 ${code} 不在您的管辖范围（${unit}）内。`,
        `Unit ${code} is outside your jurisdiction (${unit}).`,
      );
