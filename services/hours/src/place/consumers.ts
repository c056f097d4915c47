import { orgUnitMoved, orgUnitRegistered } from '@yanxiu/contracts/personnel';
import { on, type EventHandler } from '@yanxiu/messaging/handlers';
import type { Tx } from '@yanxiu/messaging/transaction';
import { within } from '@yanxiu/registry/org-unit';
import { reassess } from '../compliance/queries.js';
import { lockTeachers } from '../teacher/queries.js';

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

const AT_ONCE = 1_000;

/**
 * Judges all who ever belonged to the unit or below it by the parameters of its new place. Where
 * none holds in a part of the tree alone, places make no difference.
 */
async function judgeThere(tx: Tx, code: string): Promise<void> {
  const { manager } = tx;
  const rows: { id: string }[] = await manager.query(
    `SELECT DISTINCT teacher_id AS id FROM teacher_unit
     WHERE ${within('teacher_unit.path', '$1')}
       AND EXISTS (SELECT FROM policy WHERE scope_code IS NOT NULL)
     ORDER BY 1`,
    [code],
  );
  const ids = rows.map(({ id }) => id);
  await lockTeachers(manager, ids);
  for (let from = 0; from < ids.length; from += AT_ONCE) {
    const some = ids.slice(from, from + AT_ONCE);
    await reassess(manager, new Map(some.map((id) => [id, tx])));
  }
}

/** Come after the handlers that change the tree. */
export const handlers: readonly EventHandler[] = [
  on(orgUnitRegistered, ({ data }, tx) => notePlaces(tx, data.code, data.validFrom)),
  on(orgUnitMoved, async ({ data }, tx) => {
    await notePlaces(tx, data.code, data.validFrom);
    await judgeThere(tx, data.code);
  }),
];
