import type { Actor } from '@yanxiu/subgraph/actor';
import { accepted, denied, type Permission } from '@yanxiu/subgraph/decision';
import { all, inRole } from '@yanxiu/subgraph/permission';

/** Money is each unit's own: whoever acts on it acts for that unit, and not for one above it. */
export const forUnitItself = (
  actor: Pick<Actor, 'unit'>,
  { unitCode }: { unitCode: string },
): Permission =>
  actor.unit === unitCode
    ? accepted()
    : denied(
        `此操作须由单位 ${unitCode} 自己的财务人员办理；您代表的单位是 ${actor.unit}。`,
        `This takes someone of unit ${unitCode} itself; you act for ${actor.unit}.`,
      );

/** The unit's own finance officer. */
export const financeOf = (actor: Actor, of: { unitCode: string }): Permission =>
  all(inRole(actor, 'FINANCE'), forUnitItself(actor, of));
