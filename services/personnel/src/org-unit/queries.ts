import { In, type EntityManager } from 'typeorm';
import { within } from '@yanxiu/registry/org-unit';
import { policiesOn } from '@yanxiu/registry/policy';
import { localDate } from '@yanxiu/subgraph/calendar';
import {
  inOrder,
  load,
  nowOf,
  requireActor,
  type Batch,
  type Context,
} from '@yanxiu/subgraph/context';
import { notFound } from '@yanxiu/subgraph/errors';
import { connectionOf, pageOf, type Connection, type PageArgs } from '@yanxiu/subgraph/pagination';
import { OrgUnit, type Sector, type Tier } from './entity.js';

export type Authority = 'GUIDE' | 'COORDINATE' | 'IMPLEMENT';

/** One unit's part in a school's training. */
export interface Governing {
  unit: OrgUnit;
  authority: Authority;
}

const unitsByCode: Batch<string, OrgUnit> = async ({ db }, codes) =>
  inOrder(codes, await db.manager.findBy(OrgUnit, { code: In([...codes]) }), (u) => u.code);

const unitsById: Batch<string, OrgUnit> = async ({ db }, ids) =>
  inOrder(ids, await db.manager.findBy(OrgUnit, { id: In([...ids]) }), (unit) => unit.id);

/** The unit with this code, batched; the tree holds no personal data and is not scoped. */
export const unitByCode = (context: Context, code: string) => load(context, unitsByCode, code);

/** The unit with this id, batched. */
export const unitById = (context: Context, id: string) => load(context, unitsById, id);

/** A unit that a command has made sure of, as its transaction sees it. */
export const knownUnit = (manager: EntityManager, code: string): Promise<OrgUnit> =>
  manager.findOneByOrFail(OrgUnit, { code });

const UNIT = { zh: '单位', en: 'unit' };

/** The unit, when it exists on the date. */
export async function orgUnit(context: Context, code: string, on: string | null): Promise<OrgUnit> {
  requireActor(context);
  const unit = await unitByCode(context, code);
  if (unit && unit.validFrom <= (on ?? localDate(nowOf(context)))) return unit;
  throw notFound(UNIT, code);
}

export interface OrgUnitFilter extends PageArgs {
  under?: string | null;
  tier?: Tier | null;
  sector?: Sector | null;
}

/** A subtree in the order of the tree. */
export async function orgUnits(
  context: Context,
  filter: OrgUnitFilter,
): Promise<Connection<OrgUnit>> {
  const actor = requireActor(context);
  const page = pageOf(filter, 'text');
  const under = filter.under ?? actor.unit;
  if (!(await unitByCode(context, under))) throw notFound(UNIT, under);
  const query = context.db.manager
    .createQueryBuilder(OrgUnit, 'u')
    .where(within('u.path', ':under'), { under });
  if (filter.tier) query.andWhere('u.tier = :tier', { tier: filter.tier });
  if (filter.sector) query.andWhere('u.sector = :sector', { sector: filter.sector });
  if (page.after) query.andWhere('u.path > :after', { after: page.after[0] });
  const rows = await query
    .orderBy('u.path')
    .limit(page.limit + 1)
    .getMany();
  return connectionOf(rows, page, (unit) => [unit.path]);
}

/** The units directly below, by code. */
export async function children(
  context: Context,
  parent: OrgUnit,
  filter: PageArgs & { tier?: Tier | null },
): Promise<Connection<OrgUnit>> {
  const page = pageOf(filter, 'text');
  const query = context.db.manager
    .createQueryBuilder(OrgUnit, 'u')
    .where('u.parent_code = :code', { code: parent.code });
  if (filter.tier) query.andWhere('u.tier = :tier', { tier: filter.tier });
  if (page.after) query.andWhere('u.code > :after', { after: page.after[0] });
  const rows = await query
    .orderBy('u.code')
    .limit(page.limit + 1)
    .getMany();
  return connectionOf(rows, page, (unit) => [unit.code]);
}

/** Codes of the units above on a date, from the root down. */
const ancestorCodes: Batch<string, string[]> = async ({ db }, keys) => {
  const pairs = keys.map((key) => key.split(' '));
  const rows: { key: string; codes: string[] }[] = await db.query(
    `WITH RECURSIVE asked AS (
       SELECT DISTINCT code, day FROM unnest($1::text[], $2::date[]) AS a (code, day)
     ), up AS (
       SELECT code, day, code AS at, 0 AS height FROM asked
       UNION ALL
       SELECT up.code, up.day, p.parent_code, up.height + 1
       FROM up CROSS JOIN LATERAL (
         SELECT parent_code FROM org_unit_parent
         WHERE code = up.at AND valid_from <= up.day ORDER BY valid_from DESC LIMIT 1) p
     )
     SELECT code || ' ' || day::text AS key, array_agg(at ORDER BY height DESC) AS codes
     FROM up WHERE height > 0 GROUP BY code, day`,
    [pairs.map(([code]) => code), pairs.map(([, day]) => day)],
  );
  const byKey = new Map(rows.map((row) => [row.key, row.codes]));
  return keys.map((key) => byKey.get(key) ?? []);
};

/** The units above on a date (default: today), from the root down. */
export async function ancestors(
  context: Context,
  unit: OrgUnit,
  on: string | null,
): Promise<OrgUnit[]> {
  const codes = on
    ? ((await load(context, ancestorCodes, `${unit.code} ${on}`)) ?? [])
    : unit.path.split('.').slice(0, -1);
  const units = await Promise.all(codes.map((code) => unitByCode(context, code)));
  return units.filter((found) => found !== null);
}

/** The unit directly above on a date (default: today). */
export async function parent(
  context: Context,
  unit: OrgUnit,
  on: string | null,
): Promise<OrgUnit | null> {
  if (on) return (await ancestors(context, unit, on)).at(-1) ?? null;
  return unit.parentCode ? unitByCode(context, unit.parentCode) : null;
}

/** Who governs a school's training on a date: the authority model of its sector (R17, R50, R64). */
export async function governance(
  context: Context,
  school: OrgUnit,
  on: string | null,
): Promise<Governing[]> {
  if (!school.sector) return [];
  const date = on ?? localDate(nowOf(context));
  const policies = await policiesOn(context.db.manager, date, school.code);
  const model =
    policies.value<Record<Sector, Partial<Record<Tier, Authority>>>>('governance.authority')[
      school.sector
    ];
  return [...(await ancestors(context, school, on)), school].flatMap((unit) => {
    const authority = model[unit.tier];
    return authority ? [{ unit, authority }] : [];
  });
}
