import pg from 'pg';
import { rebuild } from '@yanxiu/subgraph/rebuild/rebuild';
import { SYSTEM_SESSION } from '@yanxiu/subgraph/scoped-database';
import { service } from '../../services/hours/src/subgraph.js';
import { VALUES } from '../../services/hours/src/testing/policies.js';
import { copyInto } from './copy.js';
import { units, type Size } from './rows.js';

export const connect = async (url: string): Promise<pg.Client> => {
  const client = new pg.Client({ connectionString: url, options: SYSTEM_SESSION });
  await client.connect();
  return client;
};

/** The tree and the parameters. */
export async function loadRegistry(ownerUrl: string, size: Size): Promise<void> {
  const client = await connect(ownerUrl);
  await copyInto(
    client,
    'org_unit (code, name, tier, sector, stage, parent_code, path, valid_from)',
    units(size),
  );
  await client.query(
    `INSERT INTO org_unit_place (code, path, valid_from, recorded_at)
     SELECT code, path, valid_from, '2021-01-01' FROM org_unit`,
  );
  for (const [key, value] of Object.entries(VALUES)) {
    await client.query(
      `INSERT INTO policy VALUES ($1, 1, $2, 'test', '2021-01-01', NULL, NULL, '{}', '-', '-', '-',
         '2021-01-01')`,
      [key, JSON.stringify(value)],
    );
  }
  await client.end();
}

/** As a database is that has run for some time. */
export async function vacuum(url: string): Promise<void> {
  const client = await connect(url);
  await client.query('VACUUM (ANALYZE)');
  await client.end();
}

export interface Recomputed {
  teachersPerSecond: number;
  seconds: number;
  peakMiB: number;
  rows: number;
}

/** Makes all verdicts and their counts anew from posts, ledger and parameters. */
export async function recompute(ownerUrl: string, checkOnly: boolean): Promise<Recomputed> {
  const view = service.views?.find(({ name }) => name === 'standings');
  if (!view) throw new Error('hours has no view "standings"');
  let [peak, teachersSeen] = [0, 0];
  const started = performance.now();
  const { tables, same } = await rebuild({
    ...{ service: 'hours', ownerUrl, entities: [], view, checkOnly },
    transport: { read: () => Promise.reject(new Error('not from the log')) },
    onProgress: (done) => {
      teachersSeen = done;
      peak = Math.max(peak, process.memoryUsage().rss);
    },
    onChange: () => Promise.resolve(),
  });
  if (checkOnly && !same) throw new Error(`verdicts differ: ${JSON.stringify(tables)}`);
  const seconds = (performance.now() - started) / 1_000;
  return {
    seconds,
    teachersPerSecond: teachersSeen / seconds,
    peakMiB: peak / 2 ** 20,
    rows: tables.reduce((sum, { shadow }) => sum + shadow.rows, 0),
  };
}

/** Bytes with all indexes: of an entry, and of an entry with its cause, session, date, decision. */
export async function bytesPerEntry(url: string, entries: number): Promise<[number, number]> {
  const client = await connect(url);
  const { rows } = await client.query<{ name: string; bytes: number }>(
    `SELECT c.relname AS name, sum(pg_total_relation_size(t.relid))::float8 AS bytes
     FROM pg_class c CROSS JOIN LATERAL pg_partition_tree(c.oid) t
     WHERE c.relkind = 'p' AND t.isleaf GROUP BY 1`,
  );
  await client.end();
  const all = rows.reduce((sum, { bytes }) => sum + bytes, 0);
  const own = rows.find(({ name }) => name === 'hour_entry')?.bytes ?? 0;
  return [own / entries, all / entries];
}
