import type { EntityManager } from 'typeorm';
import type { Verdict } from '../compliance/rules.js';
import { placesOf } from '../place/queries.js';
import { parametersOf } from '../policy/queries.js';
import { histories } from './history.js';
import { Reckoning, type Gain, type KnownSpan } from './steps.js';
import type { AsOf } from './times.js';

/** First and last year with reports. */
export type Years = readonly [first: number, last: number];

const ROWS_AT_ONCE = 10_000;

/** Cells of a report before they are written: like gains of all teachers are one. */
class Sums {
  readonly #cells = new Map<string, Gain>();

  add(gain: Gain): void {
    const { unitCode, year, knownOn, validFrom, verdict } = gain;
    const name = `${unitCode} ${year} ${knownOn} ${validFrom} ${verdict}`;
    const cell = this.#cells.get(name);
    if (cell) {
      cell.teachers += gain.teachers;
      cell.centihours += gain.centihours;
    } else this.#cells.set(name, gain);
  }

  async write(manager: EntityManager): Promise<void> {
    const cells = [...this.#cells.values()].filter(
      ({ teachers, centihours }) => teachers !== 0 || centihours !== 0,
    );
    for (let from = 0; from < cells.length; from += ROWS_AT_ONCE) {
      await manager.query(
        `INSERT INTO report_cell
           (unit_code, year, known_on, valid_from, verdict, teachers, centihours)
         SELECT "unitCode", year, "knownOn", "validFrom", verdict, teachers, centihours
         FROM jsonb_to_recordset($1::jsonb) AS c("unitCode" text, year smallint, "knownOn" date,
           "validFrom" date, verdict text, teachers integer, centihours bigint)`,
        [JSON.stringify(cells.slice(from, from + ROWS_AT_ONCE))],
      );
    }
  }
}

/**
 * Writes what reports of these years gain by what was recorded in a span of days, of all teachers
 * or of those named; returns how many it went through. A school has no cells: its report is worked
 * out anew.
 */
export async function writeCells(
  manager: EntityManager,
  years: Years,
  span: KnownSpan,
  of: readonly string[] | null,
  onProgress: (done: number) => void = () => undefined,
): Promise<number> {
  const units: { code: string }[] = await manager.query(
    `SELECT code FROM org_unit WHERE tier <> 'SCHOOL'`,
  );
  const counted = new Set(units.map(({ code }) => code));
  const places = await placesOf(manager);
  const reckoning = new Reckoning(places, await parametersOf(manager), counted);
  const sums = new Sums();
  let done = 0;
  for await (const history of histories(manager, years, of)) {
    for (let year = years[0]; year <= years[1]; year += 1) {
      for (const gain of reckoning.gains(history, year, span)) sums.add(gain);
    }
    done += 1;
    if (done % 1_000 === 0) onProgress(done);
  }
  await sums.write(manager);
  return done;
}

/**
 * What a report gains by what was recorded of teachers in a span of days: what its cells will say
 * when they are made.
 */
export async function gainedBy(
  manager: EntityManager,
  { unitCode, year, validAt }: Asked,
  span: KnownSpan,
  of: readonly string[],
): Promise<Counted[]> {
  const places = await placesOf(manager, of);
  const reckoning = new Reckoning(places, await parametersOf(manager), new Set([unitCode]));
  const sums = new Map<Verdict, Counted>();
  for await (const history of histories(manager, [year, year], of)) {
    for (const { validFrom, verdict, teachers, centihours } of reckoning.gains(
      history,
      year,
      span,
    )) {
      if (validFrom > validAt) continue;
      const sum = sums.get(verdict) ?? { verdict, teachers: 0, centihours: 0 };
      sums.set(verdict, sum);
      sum.teachers += teachers;
      sum.centihours += centihours;
    }
  }
  return [...sums.values()];
}

/** Which report is asked for. */
export type Asked = AsOf & { unitCode: string; year: number };

/** What a report counts, by verdict. */
export interface Counted {
  /** Null: nobody. */
  verdict: Verdict | null;
  teachers: number;
  centihours: number;
}

/** SQL of the last day of knowledge up to which cells of a unit ($1) and year ($2) are kept. */
const KEPT = `
  SELECT through FROM report_seal
  WHERE through > '-infinity' AND $2::int BETWEEN first_year AND last_year
    AND EXISTS (SELECT FROM org_unit WHERE code = $1 AND tier <> 'SCHOOL')`;

/** The last day of knowledge for which a unit's reports of a year are kept; null: none are. */
export async function keptThrough(
  manager: EntityManager,
  unitCode: string,
  year: number,
): Promise<string | null> {
  const rows: { through: string }[] = await manager.query(`SELECT through::text FROM (${KEPT}) k`, [
    unitCode,
    year,
  ]);
  return rows[0]?.through ?? null;
}

/** A unit's report as the sum of its cells; null where none are kept for the day of knowledge. */
export async function countedInCells(
  manager: EntityManager,
  { unitCode, year, validAt, knownAt }: Asked,
): Promise<Counted[] | null> {
  const rows: Counted[] = await manager.query(
    `WITH kept AS (${KEPT} AND through >= $4::date)
     SELECT c.verdict, coalesce(sum(c.teachers), 0)::int AS teachers,
       coalesce(sum(c.centihours), 0)::float8 AS centihours
     FROM kept LEFT JOIN report_cell c
       ON c.unit_code = $1 AND c.year = $2 AND c.valid_from <= $3 AND c.known_on <= $4
     GROUP BY 1`,
    [unitCode, year, validAt, knownAt],
  );
  return rows.length === 0 ? null : rows;
}
