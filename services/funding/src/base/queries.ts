import type { EntityManager } from 'typeorm';
import { grouped, inOrder, load, type Batch, type Context } from '@yanxiu/subgraph/context';
import { canSee, visible } from '../unit/queries.js';
import type { Amounts } from './rules.js';

/** One version of a declaration. */
export interface FundingBaseRow extends Amounts {
  id: string;
  unitCode: string;
  fiscalYear: number;
  version: number;
  source: string;
  declaredByCode: string;
  declaredAt: Date;
}

// Amounts are safe integers (checked by the Money scalar): no precision is lost as float8.
const COLUMNS = `b.id, b.unit_code AS "unitCode", b.fiscal_year AS "fiscalYear", b.version,
  b.payroll_fen::float8 AS "payrollFen", b.teacher_payroll_fen::float8 AS "teacherPayrollFen",
  b.public_funds_fen::float8 AS "publicFundsFen", b.source,
  b.declared_by_code AS "declaredByCode", b.declared_at AS "declaredAt"`;

/** Key of a unit's fiscal year for loaders and events. */
export const yearKey = (unitCode: string, fiscalYear: number): string =>
  `${unitCode}:${fiscalYear}`;

/** Splits such keys into two parallel lists, for `unnest`. */
export const splitKeys = (keys: readonly string[]): [string[], number[]] => {
  const pairs = keys.map((key) => key.split(':'));
  return [pairs.map(([code = '']) => code), pairs.map(([, year]) => Number(year))];
};

/** The declaration that holds, inside a transaction. */
export async function latestBase(
  manager: EntityManager,
  unitCode: string,
  fiscalYear: number,
): Promise<FundingBaseRow | null> {
  const rows: FundingBaseRow[] = await manager.query(
    `SELECT ${COLUMNS} FROM funding_base b WHERE unit_code = $1 AND fiscal_year = $2
     ORDER BY version DESC LIMIT 1`,
    [unitCode, fiscalYear],
  );
  return rows[0] ?? null;
}

const versionsByYear: Batch<string, FundingBaseRow[]> = async ({ db }, keys) => {
  const rows: FundingBaseRow[] = await db.query(
    `SELECT ${COLUMNS} FROM funding_base b
     JOIN unnest($1::text[], $2::int[]) AS k (code, year)
       ON b.unit_code = k.code AND b.fiscal_year = k.year
     ORDER BY b.version`,
    splitKeys(keys),
  );
  return grouped(keys, rows, (row) => yearKey(row.unitCode, row.fiscalYear));
};

const basesById: Batch<string, FundingBaseRow> = async ({ db }, ids) => {
  const rows: FundingBaseRow[] = await db.query(
    `SELECT ${COLUMNS} FROM funding_base b WHERE id = ANY($1::uuid[])`,
    [ids],
  );
  return inOrder(ids, rows, (row) => row.id);
};

/** A version by id; null outside the actor's jurisdiction. */
export const baseById = async (context: Context, id: string): Promise<FundingBaseRow | null> =>
  visible(context, await load(context, basesById, id));

/** All versions for a year, oldest first; null outside the actor's jurisdiction. */
export const baseVersions = async (
  context: Context,
  unitCode: string,
  fiscalYear: number,
): Promise<FundingBaseRow[] | null> =>
  (await canSee(context, unitCode))
    ? load(context, versionsByYear, yearKey(unitCode, fiscalYear))
    : null;

/** The version that holds for a year; null without one, or outside the actor's jurisdiction. */
export const baseOf = async (
  context: Context,
  unitCode: string,
  fiscalYear: number,
): Promise<FundingBaseRow | null> =>
  (await baseVersions(context, unitCode, fiscalYear))?.at(-1) ?? null;
