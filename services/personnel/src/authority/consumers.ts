import { institutionAccredited, institutionRegistered } from '@yanxiu/contracts/training';
import { on, type EventHandler } from '@yanxiu/messaging/handlers';

/** Keeps who has accredited an institution: its staff are named there. */
export const handlers: readonly EventHandler[] = [
  on(institutionRegistered, async ({ data }, { manager }) => {
    await manager.query('INSERT INTO institution_copy (id, code) VALUES ($1, $2)', [
      data.institutionId,
      data.code,
    ]);
  }),
  on(institutionAccredited, async ({ data }, { manager }) => {
    await manager.query(
      `INSERT INTO institution_accreditor (institution_id, unit_code) VALUES ($1, $2)
       ON CONFLICT DO NOTHING`,
      [data.institutionId, data.byUnitCode],
    );
  }),
];
