import pg from 'pg';
import { rebuild } from '@yanxiu/subgraph/rebuild/rebuild';
import { SYSTEM_SESSION } from '@yanxiu/subgraph/scoped-database';
import { service } from '../../services/hours/src/subgraph.js';
import { VALUES } from '../../services/hours/src/testing/policies.js';
import { copyInto } from './copy.js';
import { LEDGER, ledgerLines, posts, teachers, units, type Size } from './rows.js';

/** Rows of one table sent at once: the server holds what it has to check after each. */
const AT_ONCE = 50_000;

const connect = async (url: string): Promise<pg.Client> => {
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

/** Copies teachers `from` up to `to` with all their causes; as they were posted, year by year. */
export async function loadLedger(
  url: string,
  [from, to]: readonly [number, number],
  size: Size,
  checks: 'checked' | 'unchecked',
): Promise<number> {
  const client = await connect(url);
  // References are checked by triggers, which a superuser may leave out of a load.
  if (checks === 'unchecked') await client.query('SET session_replication_role = replica');
  await copyInto(
    client,
    'teacher_copy (id, sector, stage, hired_on, retired_on, subject)',
    teachers(from, to, size),
  );
  await copyInto(
    client,
    'teacher_post (teacher_id, unit_code, sector, stage, valid_from, recorded_at)',
    posts(from, to, size),
  );
  if (checks === 'unchecked') await fillUnits(client);
  const started = performance.now();
  for (let k = 0; k < size.each; k += 1) {
    for (let at = from; at < to; at += AT_ONCE) {
      const range = [at, Math.min(to, at + AT_ONCE)] as const;
      await client.query('BEGIN');
      for (const [table, line] of Object.entries(LEDGER)) {
        await copyInto(client, table, ledgerLines(line, range, k, size));
      }
      await client.query('COMMIT');
    }
    if ((k + 1) % 5 === 0) console.error(`  ${(k + 1) * (to - from)} entries`);
  }
  const seconds = (performance.now() - started) / 1_000;
  await client.end();
  return ((to - from) * size.each) / seconds;
}

/** What the trigger on posts keeps. */
const fillUnits = (client: pg.Client) =>
  client.query(
    `INSERT INTO teacher_unit (teacher_id, unit_code, kept_until)
     SELECT teacher_id, unit_code, NULL FROM teacher_post ON CONFLICT DO NOTHING`,
  );

/** Seconds in which one question checks the references of all that was loaded without checks. */
export async function checkReferences(url: string): Promise<number> {
  const client = await connect(url);
  const started = performance.now();
  const { rows } = await client.query<{ dangling: number }>(
    `SELECT count(*)::int AS dangling FROM hour_entry e
     LEFT JOIN recognition_decision d ON (d.teacher_id, d.cause_id, d.sequence)
       = (e.teacher_id, e.cause_id, e.decision_sequence)
     LEFT JOIN cause c ON (c.teacher_id, c.id) = (e.teacher_id, e.cause_id)
     LEFT JOIN teacher_copy t ON t.id = e.teacher_id
     WHERE d.id IS NULL OR c.id IS NULL OR t.id IS NULL`,
  );
  if (rows[0]?.dangling !== 0) throw new Error('references dangle');
  const seconds = (performance.now() - started) / 1_000;
  await client.query('VACUUM (ANALYZE)');
  await client.end();
  return seconds;
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
