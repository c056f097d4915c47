import { orgUnitMoved, orgUnitRegistered } from '@yanxiu/contracts/personnel';
import { on, type EventHandler } from '@yanxiu/messaging/handlers';
import type { Tx } from '@yanxiu/messaging/transaction';

/** Notes where the unit and all below it stand from now on. */
async function notePlaces({ manager, now }: Tx, code: string, validFrom: string): Promise<void> {
  await manager.query(
    `INSERT INTO org_unit_place (code, path, valid_from, recorded_at)
     SELECT u.code, u.path, $2, $3 FROM org_unit root
     JOIN org_unit u ON u.path >= root.path AND u.path < root.path || '/'
     WHERE root.code = $1 ORDER BY u.path`,
    [code, validFrom, now],
  );
}

/** Come after the handlers that change the tree. */
export const handlers: readonly EventHandler[] = [
  on(orgUnitRegistered, ({ data }, tx) => notePlaces(tx, data.code, data.validFrom)),
  on(orgUnitMoved, ({ data }, tx) => notePlaces(tx, data.code, data.validFrom)),
];
