import type { EntityManager } from 'typeorm';
import { shortfallCleared, shortfallFound } from '@yanxiu/contracts/funding';
import type { Tx } from '@yanxiu/messaging/transaction';
import { findOrgUnit, within, type OrgUnit } from '@yanxiu/registry/org-unit';
import { ifAny, policiesOn } from '@yanxiu/registry/policy';
import { inOrder, load, requireActor, type Batch, type Context } from '@yanxiu/subgraph/context';
import { badInput } from '@yanxiu/subgraph/errors';
import { connectionOf, pageOf, type Connection, type PageArgs } from '@yanxiu/subgraph/pagination';
import { latestBase, splitKeys, yearKey } from '../base/queries.js';
import { statutoryRuleOf } from '../base/rules.js';
import { READERS, canSee, overseen } from '../unit/queries.js';
import { missingTo, requirementOf, type Requirement } from './rules.js';

/** The minimum of a unit for a year, as it stands now. */
export interface RequirementRow extends Requirement {
  unitCode: string;
  fiscalYear: number;
  fundingBaseId: string;
  budgetedFen: number;
  shortfallFen: number;
  computedAt: Date;
}

/** What a unit should have, has and has spent in a year. */
export interface ShortfallsView {
  unitCode: string;
  fiscalYear: number;
  requiredFen: number | null;
  budgetedFen: number;
  spentFen: number;
}

const COLUMNS = `r.unit_code AS "unitCode", r.fiscal_year AS "fiscalYear", r.rule, r.comparator,
  r.funding_base_id AS "fundingBaseId", r.base_fen::float8 AS "baseFen",
  r.basis_points AS "basisPoints", r.required_fen::float8 AS "requiredFen",
  r.budgeted_fen::float8 AS "budgetedFen", r.shortfall_fen::float8 AS "shortfallFen",
  r.policy_key AS "policyKey", r.policy_version AS "policyVersion", r.article,
  r.computed_at AS "computedAt"`;

/** One change at a time of what a unit declares and budgets for a year. */
export const lockYear = (manager: EntityManager, unitCode: string, year: number) =>
  manager.query('SELECT pg_advisory_xact_lock(hashtext($1))', [
    `funding.year:${yearKey(unitCode, year)}`,
  ]);

/** Computes the minimum anew and tells when the shortfall is another than before. */
export async function assess(tx: Tx, unit: OrgUnit, fiscalYear: number): Promise<void> {
  const { manager } = tx;
  const base = await latestBase(manager, unit.code, fiscalYear);
  if (!base) return;
  const policies = await policiesOn(manager, `${fiscalYear}-01-01`, unit.code);
  const requirement = ifAny(() => requirementOf(statutoryRuleOf(unit), base, policies));
  // Without its parameter there is no minimum yet; the parameter's arrival computes it.
  if (!requirement) return;
  const [before] = await requirementsOf(manager, [yearKey(unit.code, fiscalYear)]);
  const budgetedFen = await budgetedOf(manager, unit.code, fiscalYear);
  const shortfallFen = missingTo(requirement.requiredFen, budgetedFen);
  const row: RequirementRow = {
    ...requirement,
    unitCode: unit.code,
    fiscalYear,
    fundingBaseId: base.id,
    budgetedFen,
    shortfallFen,
    computedAt: tx.now,
  };
  await save(manager, row);
  await tell(tx, before?.shortfallFen ?? 0, row);
}

async function budgetedOf(manager: EntityManager, code: string, year: number): Promise<number> {
  const rows: { fen: number }[] = await manager.query(
    `SELECT -a.appropriation_fen::float8 AS fen FROM budget b
     JOIN account_balance a ON a.budget_id = b.id WHERE b.unit_code = $1 AND b.fiscal_year = $2`,
    [code, year],
  );
  return rows[0]?.fen ?? 0;
}

async function save(manager: EntityManager, row: RequirementRow): Promise<void> {
  await manager.query(
    `INSERT INTO statutory_requirement (unit_code, fiscal_year, rule, comparator, funding_base_id,
       base_fen, basis_points, required_fen, budgeted_fen, shortfall_fen, policy_key,
       policy_version, article, computed_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
     ON CONFLICT (unit_code, fiscal_year) DO UPDATE SET rule = excluded.rule,
       comparator = excluded.comparator, funding_base_id = excluded.funding_base_id,
       base_fen = excluded.base_fen, basis_points = excluded.basis_points,
       required_fen = excluded.required_fen, budgeted_fen = excluded.budgeted_fen,
       shortfall_fen = excluded.shortfall_fen, policy_key = excluded.policy_key,
       policy_version = excluded.policy_version, article = excluded.article,
       computed_at = excluded.computed_at`,
    [
      row.unitCode,
      row.fiscalYear,
      row.rule,
      row.comparator,
      row.fundingBaseId,
      row.baseFen,
      row.basisPoints,
      row.requiredFen,
      row.budgetedFen,
      row.shortfallFen,
      row.policyKey,
      row.policyVersion,
      row.article,
      row.computedAt,
    ],
  );
}

async function tell(tx: Tx, beforeFen: number, row: RequirementRow): Promise<void> {
  const { unitCode, fiscalYear, rule, requiredFen, budgetedFen, shortfallFen } = row;
  if (shortfallFen === beforeFen) return;
  const contract = shortfallFen > 0 ? shortfallFound : shortfallCleared;
  await tx.emit(contract, yearKey(unitCode, fiscalYear), {
    unitCode,
    fiscalYear,
    rule,
    requiredFen,
    budgetedFen,
    shortfallFen,
    at: tx.now.toISOString(),
  });
}

/** Computes every declared year anew, after a parameter of this key was published. */
export async function assessAll(tx: Tx): Promise<void> {
  const years: { code: string; year: number }[] = await tx.manager.query(
    `SELECT DISTINCT unit_code AS code, fiscal_year AS year FROM funding_base ORDER BY 1, 2`,
  );
  for (const { code, year } of years) {
    await lockYear(tx.manager, code, year);
    const unit = await findOrgUnit(tx.manager, code);
    if (unit) await assess(tx, unit, year);
  }
}

async function requirementsOf(
  manager: EntityManager,
  keys: readonly string[],
): Promise<RequirementRow[]> {
  return manager.query(
    `SELECT ${COLUMNS} FROM statutory_requirement r
     JOIN unnest($1::text[], $2::int[]) AS k (code, year)
       ON r.unit_code = k.code AND r.fiscal_year = k.year`,
    splitKeys(keys),
  );
}

const requirements: Batch<string, RequirementRow> = async ({ db }, keys) =>
  inOrder(keys, await requirementsOf(db.manager, keys), (row) =>
    yearKey(row.unitCode, row.fiscalYear),
  );

/** The minimum of a unit; null before it declared, or outside the actor's jurisdiction. */
export const requirement = async (
  context: Context,
  unitCode: string,
  fiscalYear: number,
): Promise<RequirementRow | null> =>
  (await canSee(context, unitCode))
    ? load(context, requirements, yearKey(unitCode, fiscalYear))
    : null;

const SHORTFALLS = `u.code AS "unitCode", r.required_fen::float8 AS "requiredFen",
  coalesce(-a.appropriation_fen, 0)::float8 AS "budgetedFen",
  coalesce(a.paid_fen, 0)::float8 AS "spentFen"`;

const JOINS = (year: string) => `
  LEFT JOIN statutory_requirement r ON r.unit_code = u.code AND r.fiscal_year = ${year}
  LEFT JOIN budget b ON b.unit_code = u.code AND b.fiscal_year = ${year}
  LEFT JOIN account_balance a ON a.budget_id = b.id`;

const shortfallsByYear: Batch<string, ShortfallsView> = async ({ db }, keys) => {
  const rows: ShortfallsView[] = await db.query(
    `SELECT ${SHORTFALLS}, k.year AS "fiscalYear"
     FROM unnest($1::text[], $2::int[]) AS k (code, year) JOIN org_unit u ON u.code = k.code
     ${JOINS('k.year')}`,
    splitKeys(keys),
  );
  return inOrder(keys, rows, (row) => yearKey(row.unitCode, row.fiscalYear));
};

/** The shortfalls of a unit; null outside the actor's jurisdiction. */
export const shortfallsOf = async (
  context: Context,
  unitCode: string,
  fiscalYear: number,
): Promise<ShortfallsView | null> =>
  (await canSee(context, unitCode))
    ? load(context, shortfallsByYear, yearKey(unitCode, fiscalYear))
    : null;

export interface ShortfallsFilter extends PageArgs {
  fiscalYear: number;
  tier?: string | null;
  under?: string | null;
  onlyShort?: boolean | null;
}

const TIERS: readonly string[] = ['PROVINCE', 'CITY', 'COUNTY', 'SCHOOL'];

/** The shortfalls of the units of a subtree, by unit code. */
export async function shortfalls(
  context: Context,
  filter: ShortfallsFilter,
): Promise<Connection<ShortfallsView>> {
  const actor = requireActor(context, ...READERS);
  const under = filter.under ?? actor.unit;
  await overseen(context, under);
  const tier = filter.tier ?? null;
  if (tier !== null && !TIERS.includes(tier)) {
    throw badInput(`tier 须为：${TIERS.join('、')}。`, `tier is one of ${TIERS.join(', ')}.`);
  }
  const page = pageOf(filter, 'text');
  const rows: ShortfallsView[] = await context.db.query(
    `SELECT ${SHORTFALLS}, $2::int AS "fiscalYear" FROM org_unit u ${JOINS('$2')}
     WHERE ${within('u.path', '$1')} AND ($3::text IS NULL OR u.tier = $3)
       AND ($4::text IS NULL OR u.code > $4) AND (NOT $5::boolean OR r.shortfall_fen > 0)
     ORDER BY u.code LIMIT $6`,
    [
      under,
      filter.fiscalYear,
      tier,
      page.after?.[0] ?? null,
      filter.onlyShort ?? false,
      page.limit + 1,
    ],
  );
  return connectionOf(rows, page, (row) => [row.unitCode]);
}
