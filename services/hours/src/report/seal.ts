import type { DataSource, EntityManager } from 'typeorm';
import type { Environment } from '@yanxiu/messaging/environment';
import { addDays, localDate } from '@yanxiu/subgraph/calendar';
import { ANNUAL } from '../compliance/rules.js';
import { parametersOf } from '../policy/queries.js';
import { writeCells, type Years } from './cells.js';
import { touchedBetween } from './history.js';

/** Advisory lock of the one process that seals; it is held for a transaction. */
const LOCK = 7_206_002;

/** The one row of `report_seal`; nothing is sealed: `-infinity`. */
interface Seal {
  through: string;
  claimed: string;
  settledAfter: string | null;
  settled: boolean;
  firstYear: number;
  lastYear: number;
}

/** `WAITING`: what was begun before the day was claimed is to end first. */
export type Step = 'ADVANCED' | 'WAITING' | 'DONE';

const SEAL = `
  SELECT through::text, claimed::text, settled_after::text AS "settledAfter",
    coalesce(pg_snapshot_xmin(pg_current_snapshot()) >= settled_after, false) AS settled,
    first_year AS "firstYear", last_year AS "lastYear"
  FROM report_seal FOR UPDATE`;

/**
 * Takes one step towards reports that are kept up to yesterday. A day that is over is claimed
 * first: whatever is recorded of it from then on sets the claim back. When all that was under way
 * by then has ended, nothing of the day is missing, and its cells are written.
 */
export async function sealStep(db: DataSource, environment: Environment): Promise<Step> {
  const through = addDays(localDate(environment.now()), -1);
  return db.transaction(async (manager) => {
    const seal = await lead(manager);
    const years = await yearsThrough(manager, through);
    if (!seal || !years) return 'DONE';
    const kept = seal.firstYear === years[0] && seal.lastYear === years[1];
    if (seal.through >= through && kept) return 'DONE';
    if (seal.claimed < through) return claim(manager, through);
    if (seal.settledAfter === null) return settle(manager);
    if (!seal.settled) return 'WAITING';
    await write(manager, seal, years, through);
    return 'ADVANCED';
  });
}

/** Seals up to yesterday. For those who wait for it. */
export async function sealAll(db: DataSource, environment: Environment): Promise<void> {
  while ((await sealStep(db, environment)) !== 'DONE');
}

async function lead(manager: EntityManager): Promise<Seal | null> {
  const leaders: { leads: boolean }[] = await manager.query(
    'SELECT pg_try_advisory_xact_lock($1) AS leads',
    [LOCK],
  );
  if (!leaders[0]?.leads) return null;
  const seals: Seal[] = await manager.query(SEAL);
  return seals[0] ?? null;
}

/** The years that reports are kept for: from the first with a parameter; null: there is none. */
async function yearsThrough(manager: EntityManager, through: string): Promise<Years | null> {
  const first = (await parametersOf(manager)).firstYear(Object.values(ANNUAL));
  const last = Number(through.slice(0, 4));
  return first <= last ? [first, last] : null;
}

async function claim(manager: EntityManager, through: string): Promise<Step> {
  await manager.query('UPDATE report_seal SET claimed = $1, settled_after = NULL', [through]);
  return 'ADVANCED';
}

/** After the claim can be seen: who did not see it has begun by now. */
async function settle(manager: EntityManager): Promise<Step> {
  await manager.query(
    'UPDATE report_seal SET settled_after = pg_snapshot_xmax(pg_current_snapshot())',
  );
  return 'ADVANCED';
}

async function write(
  manager: EntityManager,
  seal: Seal,
  years: Years,
  through: string,
): Promise<void> {
  await manager.query('DELETE FROM report_cell WHERE known_on > $1', [seal.through]);
  const [first, last] = [seal.firstYear, seal.lastYear];
  const fresh = seal.through === '-infinity' || first !== years[0] || last > years[1];
  if (fresh) {
    await manager.query('DELETE FROM report_cell');
    await writeCells(manager, years, { after: null, through }, null);
  } else {
    const of = await touchedBetween(manager, seal.through, through);
    await writeCells(manager, [first, last], { after: seal.through, through }, of);
    if (last < years[1]) {
      await writeCells(manager, [last + 1, years[1]], { after: null, through }, null);
    }
  }
  await manager.query(
    `UPDATE report_seal SET through = $1, settled_after = NULL, first_year = $2, last_year = $3`,
    [through, ...years],
  );
}
