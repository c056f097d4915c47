import { acting, governed } from '@yanxiu/registry/scope';
import { command, type CommandInput } from '@yanxiu/subgraph/command';
import type { Context } from '@yanxiu/subgraph/context';
import { enforce, permit } from '@yanxiu/subgraph/decision';
import { checkChanges, type Simulated } from './queries.js';
import { may, nothingCounted, room } from './rules.js';

/** A run that has been noted. */
export interface Started {
  id: string;
}

/** Has changes tried out on a unit of any size; the job goes through its teachers. */
export const start = (context: Context, input: CommandInput & Simulated): Promise<Started> =>
  command(context, 'simulation.start', input, async (tx) => {
    const { manager, now } = tx;
    const { changes, scope, year } = input;
    const actor = await acting(tx);
    permit(may(actor, 'start', await governed(actor, tx, scope)));
    await checkChanges(manager, changes);
    const open: { count: number }[] = await manager.query(
      'SELECT count(*)::int AS count FROM simulation_run WHERE finished_at IS NULL',
    );
    enforce(room(open[0]?.count ?? 0));
    const id = tx.newId();
    await manager.query(
      `INSERT INTO simulation_run (id, changes, scope_code, year, requested_at, counts)
       VALUES ($1, $2, $3, $4, $5, $6)`,
      [id, JSON.stringify(changes), scope, year, now, JSON.stringify(nothingCounted())],
    );
    tx.subject('SimulationRun', id);
    return { id };
  });
