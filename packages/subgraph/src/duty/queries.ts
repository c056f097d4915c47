import {
  findDeadLetter,
  listDeadLetters,
  type DeadLetter,
  type PlacedDeadLetter,
} from '@yanxiu/messaging/dead-letters';
import type { Context } from '../context.js';
import { connectionOf, pageOf, type Connection, type PageArgs } from '../pagination.js';

export const isUuid = (text: string): boolean =>
  /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);

export interface Oldest {
  count: number;
  oldestAt: Date | null;
}

/** Events that wait to be published. */
export async function outboxStatus({ db }: Context): Promise<Oldest> {
  const rows: Oldest[] = await db.query(
    `SELECT count(*)::int AS count, min(recorded_at) AS "oldestAt" FROM outbox
     WHERE published_at IS NULL`,
  );
  return rows[0] ?? { count: 0, oldestAt: null };
}

/** Events set aside by the service's consumer. */
export async function heldStatus({ db, service }: Context): Promise<Oldest> {
  const rows: Oldest[] = await db.query(
    `SELECT count(*)::int AS count, min(held_at) AS "oldestAt" FROM inbox_held
     WHERE consumer = $1`,
    [service],
  );
  return rows[0] ?? { count: 0, oldestAt: null };
}

export const findLetter = ({ db }: Context, id: string): Promise<DeadLetter | null> =>
  isUuid(id) ? findDeadLetter(db.manager, id) : Promise.resolve(null);

/** Dead letters, the newest first. */
export async function pageOfLetters(
  { db }: Context,
  args: PageArgs & { open?: boolean | null },
): Promise<Connection<PlacedDeadLetter>> {
  const page = pageOf(args, 'instant', 'uuid');
  const rows = await listDeadLetters(db.manager, {
    open: args.open ?? true,
    limit: page.limit + 1,
    after: page.after,
  });
  return connectionOf(rows, page, ({ place, id }) => [place, id]);
}
