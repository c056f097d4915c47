import pg from 'pg';
import { SYSTEM_SESSION } from '../scoped-database.js';
import { digestOf } from './compare.js';
import {
  RebuildFailed,
  conclude,
  standStill,
  type RebuildOptions,
  type RebuildResult,
  type TableResult,
} from './conclude.js';
import { Replay, markOf, type Marks, type Resolved } from './replay.js';
import { SHADOW, connectShadow, createShadow, dropShadow } from './shadow.js';
import { deriveAndCompare } from './derive.js';
import type { View } from './view.js';

const ONE_AT_A_TIME = 7_201_004;
/** So few messages may be left for the moment in which the view stands still. */
const TAIL = 200;
const ROUNDS = 20;

/**
 * Builds a view anew from the log beside the one that is in use, compares the two by digest, and
 * puts the new one in its place. The service goes on: what it reads never waits, what it takes
 * waits while the last events are compared.
 */
export async function rebuild(options: RebuildOptions): Promise<RebuildResult> {
  const owner = new pg.Client({ connectionString: options.ownerUrl, options: SYSTEM_SESSION });
  await owner.connect();
  try {
    const { rows } = await owner.query<{ mine: boolean }>(
      'SELECT pg_try_advisory_lock($1) AS mine',
      [ONE_AT_A_TIME],
    );
    if (!rows[0]?.mine) throw new RebuildFailed('another rebuild of this service runs');
    const { view } = options;
    const derived = 'derive' in view;
    await createShadow(
      owner,
      derived ? { tables: [...view.tables, ...(view.scratch ?? [])] } : view,
    );
    try {
      if (derived) return await deriveAndCompare({ ...options, view });
      return await buildAndCompare(owner, { ...options, view });
    } finally {
      await owner.query('ROLLBACK');
      await dropShadow(owner);
    }
  } finally {
    await owner.end();
  }
}

async function buildAndCompare(
  owner: pg.ClientBase,
  options: RebuildOptions & { view: View },
): Promise<RebuildResult> {
  const { service, view, transport, onProgress, checkOnly } = options;
  const shadow = await connectShadow(options.ownerUrl, options.entities);
  try {
    let total = 0;
    const progress = (done: number) => onProgress(done, Math.max(total, done));
    const replay = new Replay(shadow, transport, service, view, progress);
    const { topics } = replay.inbox;
    let events = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      const marks = await marksOf(owner, service, topics);
      total = [...marks.values()].reduce((sum, version) => sum + version, 0);
      const taken = await replay.upTo(marks, await resolvedOf(owner, service, topics));
      events += taken;
      if (taken <= TAIL) break;
    }
    // A check sees marks and rows at one instant; a change holds the writers of the view off.
    await owner.query(`BEGIN ISOLATION LEVEL ${checkOnly ? 'REPEATABLE READ' : 'READ COMMITTED'}`);
    if (!checkOnly) await standStill(owner, view);
    const marks = await marksOf(owner, service, topics);
    events += await replay.upTo(marks, await resolvedOf(owner, service, topics));
    const obstacles = await replay.obstacles();
    if (obstacles.length > 0) {
      throw new RebuildFailed(`these events cannot be taken again:\n${obstacles.join('\n')}`);
    }
    const tables = await compareTables(owner, options.ownerUrl, view);
    return await conclude(owner, options, events, tables);
  } finally {
    await shadow.destroy();
  }
}

/** The shadow is read on a connection of its own: a check's snapshot is older than its rows. */
async function compareTables(
  owner: pg.ClientBase,
  ownerUrl: string,
  view: View,
): Promise<TableResult[]> {
  const other = new pg.Client({ connectionString: ownerUrl, options: SYSTEM_SESSION });
  await other.connect();
  try {
    const tables: TableResult[] = [];
    for (const table of view.tables) {
      const live = await digestOf(owner, 'public', table);
      const shadow = await digestOf(other, SHADOW, table);
      tables.push({ table, live, shadow, change: null });
    }
    return tables;
  } finally {
    await other.end();
  }
}

async function marksOf(
  client: pg.ClientBase,
  consumer: string,
  topics: readonly string[],
): Promise<Marks> {
  const { rows } = await client.query<{ topic: string; key: string; version: number }>(
    'SELECT topic, key, version FROM public.inbox WHERE consumer = $1 AND topic = ANY($2)',
    [consumer, topics],
  );
  return new Map(rows.map(({ topic, key, version }) => [markOf(topic, key), version]));
}

/** Dead letters that took effect corrected, or not at all. */
async function resolvedOf(
  client: pg.ClientBase,
  consumer: string,
  topics: readonly string[],
): Promise<Resolved> {
  const { rows } = await client.query<{ place: string; value: string | null }>(
    `SELECT CASE WHEN version IS NULL THEN topic || '/' || partition || '@' || position
                 ELSE topic || '/' || key || '/' || version END AS place,
       corrected_value AS value
     FROM public.dead_letter
     WHERE consumer = $1 AND topic = ANY($2) AND (key IS NOT NULL OR version IS NULL)
       AND (resolution = 'DISCARDED' OR resolution = 'REDRIVEN' AND corrected_value IS NOT NULL)`,
    [consumer, topics],
  );
  return new Map(rows.map(({ place, value }) => [place, value]));
}
