import type { DatabaseName } from '@yanxiu/cli/provision';
import { SERVICES } from '@yanxiu/contracts/topic-access';
import pg from 'pg';
import type { World } from './world.js';

/** What the services have on record of the story's project, without ids and instants. */
export interface Ledgers {
  hours: object[];
  money: object[];
}

/** Of one service: events that wait to be published, are held, or could not be taken. */
export interface OpenEvents {
  waiting: number;
  held: number;
  dead: number;
}

const sql = async <T extends object>(
  world: World,
  name: DatabaseName,
  text: string,
): Promise<T[]> => {
  const client = new pg.Client({ connectionString: await world.system.databaseUrl(name) });
  await client.connect();
  try {
    return (await client.query<T>(text, text.includes('$1') ? [world.plot.projectId] : [])).rows;
  } finally {
    await client.end();
  }
};

const HOURS = `SELECT e.valid_on::text, e.centihours, e.raw_minutes, count(*)::int
  FROM hour_entry e JOIN cause c ON c.teacher_id = e.teacher_id AND c.id = e.cause_id
  WHERE c.project_id = $1 GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`;
const MONEY = `SELECT e.kind, l.account, l.amount_fen::text
  FROM journal_entry e JOIN journal_line l ON l.entry_id = e.id
  WHERE e.project_id = $1 ORDER BY 1, 2, 3`;
const OPEN = `SELECT
  (SELECT count(*)::int FROM outbox WHERE published_at IS NULL) AS waiting,
  (SELECT count(*)::int FROM inbox_held) AS held,
  (SELECT count(*)::int FROM dead_letter) AS dead`;

/** By service, in the order of the graph. */
export async function openEvents(world: World): Promise<OpenEvents[]> {
  const open: OpenEvents[] = [];
  for (const service of SERVICES) open.push(...(await sql<OpenEvents>(world, service, OPEN)));
  return open;
}

/** Both ledgers as they are in the databases, past all resolvers. */
export async function ledgers(world: World): Promise<Ledgers> {
  return { hours: await sql(world, 'hours', HOURS), money: await sql(world, 'funding', MONEY) };
}

/** As {@link ledgers} once every event has been taken and none was too much for its consumer. */
export async function settledLedgers(world: World): Promise<Ledgers> {
  await world.eventually(
    () => openEvents(world),
    (open) => open.every(({ waiting, held, dead }) => waiting + held + dead === 0),
    'no event to wait',
  );
  return ledgers(world);
}
