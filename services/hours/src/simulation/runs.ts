import { within } from '@yanxiu/registry/org-unit';
import type { Role } from '@yanxiu/subgraph/actor';
import { inOrder, requireActor, type Batch, type Context } from '@yanxiu/subgraph/context';
import { connectionOf, type Connection, type Page } from '@yanxiu/subgraph/pagination';
import type { NewVersion } from '../policy/rules.js';
import type { Simulated } from './queries.js';
import type { Counts } from './rules.js';

/** A simulation that is gone through in the background, as it is kept. */
export interface Run extends Simulated {
  id: string;
  changes: NewVersion[];
  requestedAt: Date;
  startedAt: Date | null;
  /** Null: not counted yet. */
  total: number | null;
  done: number;
  counts: Counts;
  changedDecisions: number;
  finishedAt: Date | null;
}

/** SQL of a {@link Run}'s columns; `r` is its row. */
export const RUN = `r.id, r.changes, r.scope_code AS scope, r.year,
  r.requested_at AS "requestedAt", r.started_at AS "startedAt", r.total, r.done, r.counts,
  r.changed_decisions AS "changedDecisions", r.finished_at AS "finishedAt"`;

/** Who reads what was tried out. */
export const READERS: readonly Role[] = ['OFFICER', 'COORDINATOR', 'AUDITOR', 'ANALYST'];

/** SQL that holds for a run of a unit in the subtree of the unit whose code is `unit`. */
const ofSubtree = (unit: string): string =>
  `EXISTS (SELECT FROM org_unit u WHERE u.code = r.scope_code AND ${within('u.path', unit)})`;

/** Runs within the actor's jurisdiction by id, for a DataLoader. */
export const runsById: Batch<string, Run> = async (context, ids) => {
  const rows: Run[] = await context.db.query(
    `SELECT ${RUN} FROM simulation_run r WHERE r.id = ANY($1::uuid[]) AND ${ofSubtree('$2')}`,
    [ids, requireActor(context).unit],
  );
  return inOrder(ids, rows, ({ id }) => id);
};

/** Runs within the actor's jurisdiction, newest first. */
export async function runs(context: Context, page: Page): Promise<Connection<Run>> {
  const actor = requireActor(context, ...READERS);
  const rows: Run[] = await context.db.query(
    `SELECT ${RUN} FROM simulation_run r
     WHERE ($2::uuid IS NULL OR r.id < $2) AND ${ofSubtree('$1')}
     ORDER BY r.id DESC LIMIT $3`,
    [actor.unit, page.after?.[0] ?? null, page.limit + 1],
  );
  return connectionOf(rows, page, ({ id }) => [id]);
}
