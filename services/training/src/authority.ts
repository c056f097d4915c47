import type { Tx } from '@yanxiu/messaging/transaction';
import { authorityModel, nearestGoverning } from '@yanxiu/registry/governance';
import { findAbove, type OrgUnit } from '@yanxiu/registry/org-unit';
import { requireOrgUnit } from '@yanxiu/registry/scope';
import { localDate } from '@yanxiu/subgraph/calendar';

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
