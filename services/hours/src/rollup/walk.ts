import type { DataSource } from 'typeorm';
import type { Environment } from '@yanxiu/messaging/environment';
import { withTx } from '@yanxiu/messaging/transaction';
import { localYear } from '@yanxiu/subgraph/calendar';
import { reassess } from '../compliance/queries.js';
import { ANNUAL } from '../compliance/rules.js';
import { parametersOf } from '../policy/queries.js';
import type { Parameters } from '../policy/rules.js';

const AT_ONCE = 500;
const KEYS = [...Object.values(ANNUAL), 'hours.proration', 'hours.cycle'];

/** A walk opens one more year, or what a parameter judges that nobody had published before. */
const nameOf = (year: number, parameters: Parameters): string =>
  [year, ...KEYS.filter((key) => parameters.valuesOf(key).length > 0)].join(' ');

/**
 * Keeps a verdict of every teacher for every year that has begun, once a year has begun or a
 * parameter is first known; how many teachers it went through. It goes on where it stopped.
 */
export async function openYears(db: DataSource, environment: Environment): Promise<number> {
  const now = environment.now();
  const name = nameOf(localYear(now), await parametersOf(db.manager));
  await db.query('INSERT INTO standing_walk (name) VALUES ($1) ON CONFLICT DO NOTHING', [name]);
  for (let total = 0; ;) {
    const walked = await db.transaction(async (manager) => {
      const walks: { after: string | null }[] = await manager.query(
        'SELECT after FROM standing_walk WHERE name = $1 AND NOT done FOR UPDATE SKIP LOCKED',
        [name],
      );
      const [walk] = walks;
      if (!walk) return 0;
      const rows: { id: string }[] = await manager.query(
        `SELECT id FROM teacher_copy WHERE $1::uuid IS NULL OR id > $1 ORDER BY id LIMIT $2
         FOR UPDATE`,
        [walk.after, AT_ONCE],
      );
      const ids = rows.map(({ id }) => id);
      const newId = environment.ids(`standings:${name}:${walk.after}`);
      const origin = { service: 'hours', now, newId, correlationId: newId() };
      await withTx(manager, origin, (tx) => reassess(manager, new Map(ids.map((id) => [id, tx]))));
      await manager.query('UPDATE standing_walk SET after = $2, done = $3 WHERE name = $1', [
        name,
        ids.at(-1) ?? walk.after,
        ids.length < AT_ONCE,
      ]);
      return ids.length;
    });
    total += walked;
    if (walked < AT_ONCE) return total;
  }
}
