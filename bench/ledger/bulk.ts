import type pg from 'pg';
import { copyInto } from './copy.js';
import { connect } from './load.js';
import { places, posts, teacherId, teachers, variants, VARIANTS, type Size } from './rows.js';
import { Schema } from './schema.js';

/** As many as the machine has cores to serve them with. */
const CONNECTIONS = 2;
const PARTS = 16;
const partOf = (part: number): string => `p${String(part).padStart(2, '0')}`;

/** Teachers from one up to another. */
type Range = readonly [from: number, to: number];

/** Seconds of a load, by what they went to. */
export interface Loaded {
  entries: number;
  rows: number;
  indexes: number;
  checks: number;
}

export const perSecond = ({ entries, rows, indexes, checks }: Loaded): number =>
  entries / (rows + indexes + checks);

/** An id of the n-th teacher: `c` is the day that it is of, `t` the teacher. */
const id = (kind: string): string => `(c.${kind} || t.number)::uuid`;

/** Columns of each table and what they are, in the order in which tables refer; `v` the minutes. */
const LEDGER: Readonly<Record<string, readonly [columns: string, values: string]>> = {
  cause: [
    `teacher_id, id, enrolment_id, project_id, recorded_at, first_date, dates, sessions, source,
     category, level, modality, registrar_code, unit_code`,
    `t.id, ${id('cause')}, ${id('enrolment')}, (c.project || t.class)::uuid, c.recorded_at,
     c.date, c.dates, ARRAY[
       (${id('first')}, c.starts_at, c.starts_at + interval '6 hours', v.minutes / 2,
        v.minutes / 2, 'FACE_TO_FACE')::attended_session,
       (${id('second')}, c.starts_at + interval '1 day', c.starts_at + interval '30 hours',
        v.minutes - v.minutes / 2, v.minutes - v.minutes / 2, 'FACE_TO_FACE')::attended_session],
     'PARTICIPATION', 'SUBJECT', 'COUNTY', 'FACE_TO_FACE', t.county_code, t.unit_code`,
  ],
  recognition_decision: [
    `teacher_id, cause_id, id, decided_at, planned_minutes, attended_minutes, credited_minutes,
     sequence, rule, trace`,
    `t.id, ${id('cause')}, ${id('decision')}, c.recorded_at, v.minutes, v.minutes, v.minutes, 1,
     NULL, v.trace`,
  ],
  hour_entry: [
    `id, teacher_id, cause_id, recorded_at, centihours, raw_minutes, valid_on, year, turn,
     decision_sequence, unit_code`,
    `${id('entry')}, t.id, ${id('cause')}, c.recorded_at, v.centihours, v.minutes, c.date + 1,
     c.year, 1, 1, t.unit_code`,
  ],
};

/** One for each table. Teachers come in order, each with her days: keys grow at their end. */
const fillsOf = (part: number): string[] =>
  Object.entries(LEDGER).map(
    ([table, [columns, values]]) =>
      `INSERT INTO ${table}_${partOf(part)} (${columns}) SELECT ${values}
       FROM (SELECT t.*, day.k FROM mine t CROSS JOIN load.day
             WHERE t.place >= $1 AND t.place < $2 ORDER BY t.place, day.k) t
       JOIN load.day c ON c.k = t.k
       JOIN load.variant v ON v.k = t.k AND v.r = (t.n * 7 + t.k * 13) % ${VARIANTS}`,
  );

/** Days with what their causes come to; of them and of teachers the server makes the rows. */
const STAGING: readonly [table: string, fill: string, rows: (size: Size) => unknown[]][] = [
  [
    `load.day (k integer, date date, dates date[], year smallint, recorded_at timestamptz,
       starts_at timestamptz, cause text, enrolment text, decision text, entry text, first text,
       second text, project text)`,
    `INSERT INTO load.day
     SELECT k, date, ARRAY[date, date + 1], year, instant,
       date::timestamp AT TIME ZONE 'UTC' + interval '1 hour', prefixes[1], prefixes[2],
       prefixes[3], prefixes[4], prefixes[5], prefixes[6], prefixes[7]
     FROM jsonb_to_recordset($1::jsonb)
       AS d(k integer, date date, year integer, instant timestamptz, prefixes text[])`,
    places,
  ],
  [
    'load.variant (k integer, r integer, minutes integer, centihours integer, trace json)',
    `INSERT INTO load.variant SELECT * FROM json_to_recordset($1::json)
       AS v(k integer, r integer, minutes integer, centihours integer, trace json)`,
    variants,
  ],
];

async function stage(client: pg.Client, size: Size): Promise<void> {
  await client.query('DROP SCHEMA IF EXISTS load CASCADE; CREATE SCHEMA load');
  for (const [table, fill, rows] of STAGING) {
    await client.query(`CREATE UNLOGGED TABLE ${table}`);
    await client.query(fill, [JSON.stringify(rows(size))]);
  }
  await client.query('ANALYZE load.day, load.variant');
}

/** Teachers of a part who are loaded now. */
const MINE = `
  INSERT INTO mine
  SELECT row_number() OVER (ORDER BY t.id), t.id, t.number, lpad(to_hex(t.n / 40 * 64), 12, '0'),
    p.unit_code, left(p.unit_code, 6), t.n
  FROM (SELECT id, right(id::text, 12) AS number,
          ('x' || right(id::text, 12))::bit(48)::bigint::integer AS n FROM teacher_copy) t
  JOIN teacher_post p ON p.teacher_id = t.id
  WHERE t.id >= $1 AND t.id < $2
    AND satisfies_hash_partition('cause'::regclass, ${PARTS}, $3::integer, t.id)
  ORDER BY t.id`;

/** Teachers of one statement. */
const AT_ONCE = 1_000;

/** Teacher by teacher, as an archive of them is sorted. */
async function fillPart(
  client: pg.Client,
  part: number,
  [from, to]: readonly [string, string],
): Promise<void> {
  await client.query(
    `CREATE TEMP TABLE mine (place integer, id uuid, number text, class text, unit_code text,
       county_code text, n integer)`,
  );
  const { rowCount } = await client.query(MINE, [from, to, part]);
  await client.query('ANALYZE mine');
  const fills = fillsOf(part);
  for (let place = 1; place <= (rowCount ?? 0); place += AT_ONCE) {
    for (const fill of fills) await client.query(fill, [place, place + AT_ONCE]);
  }
  await client.query('DROP TABLE mine');
}

/** Teachers with their posts, and what the trigger on posts keeps. */
async function loadTeachers(client: pg.Client, [from, to]: Range, size: Size): Promise<void> {
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
  await client.query(
    `INSERT INTO teacher_unit (teacher_id, unit_code, kept_until)
     SELECT teacher_id, unit_code, NULL FROM teacher_post ON CONFLICT DO NOTHING`,
  );
  await client.query('ANALYZE teacher_copy, teacher_post');
}

const secondsOf = async (work: () => Promise<unknown>): Promise<number> => {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1_000;
};

/** Does pieces of work on all connections at once, each as soon as one is free. */
async function share<T>(
  clients: readonly pg.Client[],
  pieces: readonly T[],
  work: (client: pg.Client, piece: T) => Promise<unknown>,
): Promise<void> {
  const waiting = [...pieces];
  await Promise.all(
    clients.map(async (client) => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        await work(client, next);
      }
    }),
  );
}

/**
 * Loads teachers `from` up to `to` with all their causes. `checked` has each
 * reference checked as it comes. Otherwise a superuser leaves out the triggers that check them and
 * the indexes that no key hangs on, makes those indexes afterwards and asks once for every
 * reference; in the end the schema has to be what it was.
 */
export async function loadLedger(
  url: string,
  [from, to]: Range,
  size: Size,
  checks: 'checked' | 'unchecked',
): Promise<Loaded> {
  const clients = await Promise.all(Array.from({ length: CONNECTIONS }, () => connect(url)));
  try {
    return await loadOn(clients, [from, to], size, checks);
  } finally {
    await Promise.all(clients.map((client) => client.end()));
  }
}

async function loadOn(
  clients: readonly pg.Client[],
  [from, to]: Range,
  size: Size,
  checks: 'checked' | 'unchecked',
): Promise<Loaded> {
  const [first] = clients as readonly [pg.Client];
  for (const client of clients) {
    // The load is whole when it has ended: nothing is acknowledged before.
    await client.query("SET synchronous_commit = off; SET work_mem = '128MB'");
    // As many indexes are made at once as there are cores: one process each.
    await client.query('SET max_parallel_maintenance_workers = 0');
    if (checks === 'unchecked') await client.query('SET session_replication_role = replica');
  }
  await loadTeachers(first, [from, to], size);
  await stage(first, size);
  const schema = await Schema.of(first, Object.keys(LEDGER));
  const bounds = [teacherId(from), teacherId(to)] as const;
  const parts = Array.from({ length: PARTS }, (_, part) => part);
  if (checks === 'unchecked') await schema.dropIndexes(first);
  const loaded = { entries: (to - from) * size.each, rows: 0, indexes: 0, checks: 0 };
  loaded.rows = await secondsOf(() =>
    share(clients, parts, (client, part) => fillPart(client, part, bounds)),
  );
  if (checks === 'unchecked') {
    loaded.indexes = await secondsOf(async () => {
      await share(clients, schema.leafIndexes, (client, text) => client.query(text));
      await schema.attachIndexes(first);
    });
    loaded.checks = await secondsOf(() =>
      share(clients, schema.danglingQuestions(), async (client, text) => {
        const { rows } = await client.query<{ dangling: boolean }>(text);
        if (rows[0]?.dangling) throw new Error(`references dangle: ${text}`);
      }),
    );
  }
  await schema.mustBeAsItWas(first);
  await first.query('DROP SCHEMA load CASCADE');
  return loaded;
}
