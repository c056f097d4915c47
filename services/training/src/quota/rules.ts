import { over, type Governed } from '@yanxiu/registry/permission';
import type { Actor } from '@yanxiu/subgraph/actor';
import { accepted, refused, type Decision, type Permission } from '@yanxiu/subgraph/decision';
import { all, inRole, rights } from '@yanxiu/subgraph/permission';
import { asOrganiser, type Delivery } from '../class/rules.js';
import type { PolicySet } from '@yanxiu/registry/policy';
import type { Tier } from '@yanxiu/registry/org-unit';

/** Where seats come from: the quota of a unit above, or (null) the class, the organiser's. */
interface Seats {
  project: Delivery;
  source: Governed | null;
}

/** Who may give seats of a class. */
export const may = rights({
  allocate: (actor: Actor, { project, source }: Seats): Permission =>
    all(
      inRole(actor, 'OFFICER', 'COORDINATOR'),
      source ? over(actor, source) : asOrganiser(actor, project),
    ),
});

/** Level of project that names a tier in the policy `training.tiers`. */
const LEVEL_OF_TIER: Readonly<Record<Tier, string>> = {
  PROVINCE: 'PROVINCIAL',
  CITY: 'CITY',
  COUNTY: 'COUNTY',
  SCHOOL: 'SCHOOL',
};

export interface Split {
  /** Seats asked for. */
  seats: number;
  /** What the unit has now; zeros when nothing. */
  held: { seats: number; given: number; used: number };
  /** Seats that its source has neither given on nor used; what the unit holds is not among them. */
  sourceFree: number;
}

/** Σ children ≤ own, and Σ at the top ≤ capacity; what is given on or used cannot be taken back. */
export function splitQuota({ seats, held, sourceFree }: Split): Decision {
  const bound = held.given + held.used;
  if (seats < bound) {
    return refused(
      'QUOTA-SPLIT',
      `该单位已分配或使用 ${bound} 个名额，不能减至 ${seats} 个。`,
      `The unit has given on or used ${bound} seats; its quota cannot fall to ${seats}.`,
      { seats, bound },
    );
  }
  if (seats - held.seats > sourceFree) {
    return refused(
      'QUOTA-SPLIT',
      `上级可分配名额为 ${sourceFree + held.seats} 个，不足 ${seats} 个。`,
      `Only ${sourceFree + held.seats} seats are left to give, not ${seats}.`,
      { seats, available: sourceFree + held.seats },
    );
  }
  return accepted();
}

/** A tier that does not govern the sector takes no part in its training (§3.1, §3.2). */
export function tierGoverns(tier: Tier, sector: string, policies: PolicySet): Decision {
  const tiers = policies.value<Record<string, string[]>>('training.tiers')[sector] ?? [];
  if (tiers.includes(LEVEL_OF_TIER[tier])) return accepted();
  return refused(
    'PROJECT-TIER',
    `${sector} 类教育的培训不经 ${tier} 一级组织。`,
    `Training of the sector ${sector} is not organised at the tier ${tier}.`,
    { sector, tier },
  );
}
