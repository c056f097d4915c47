import type { EntityManager } from 'typeorm';
import type { AuthorityModel } from '@yanxiu/registry/governance';
import { within } from '@yanxiu/registry/org-unit';
import { policiesOn } from '@yanxiu/registry/policy';
import type { Role } from '@yanxiu/subgraph/actor';
import { localDate } from '@yanxiu/subgraph/calendar';
import { nowOf, requireActor, type Context } from '@yanxiu/subgraph/context';
import { connectionOf, pageOf, type Connection, type PageArgs } from '@yanxiu/subgraph/pagination';
import { isUuid } from '../columns.js';
import { AnnualPlan, type PlanStatus } from './entity.js';

/** Who reads what a unit owes and files. */
export const READERS: Role[] = ['OFFICER', 'COORDINATOR', 'FINANCE', 'AUDITOR', 'ANALYST'];

/** What a unit owes in a year under §4.1. */
export interface PlanDuty {
  unitCode: string;
  superiorCode: string | null;
  year: number;
  planFiled: boolean;
  studyRecorded: boolean;
}

/** The plan of a unit for a year, whoever asks; null when there is none. */
export async function findPlan(
  manager: EntityManager,
  unitCode: string,
  year: number,
): Promise<AnnualPlan | null> {
  return manager.findOneBy(AnnualPlan, { unitCode, year });
}

/** Plans in the subtree of `unit`, as a query to narrow down. */
const plansWithin = (context: Context, unit: string) =>
  context.db.manager
    .createQueryBuilder(AnnualPlan, 'p')
    .innerJoin('org_unit', 'u', 'u.code = p.unitCode')
    .where(within('u.path', ':unit'), { unit });

/** The plan of a unit for a year within the actor's jurisdiction. */
export async function annualPlan(
  context: Context,
  unitCode: string,
  year: number,
): Promise<AnnualPlan | null> {
  const { unit } = requireActor(context, ...READERS);
  return plansWithin(context, unit)
    .andWhere('p.unitCode = :unitCode AND p.year = :year', { unitCode, year })
    .getOne();
}

/** The plan with this id within the actor's jurisdiction. */
export async function annualPlanById(context: Context, id: string): Promise<AnnualPlan | null> {
  const { unit } = requireActor(context, ...READERS);
  if (!isUuid(id)) return null;
  return plansWithin(context, unit).andWhere('p.id = :id', { id }).getOne();
}

export interface PlanFilter extends PageArgs {
  under?: string | null;
  year?: number | null;
  status?: PlanStatus | null;
}

/** Plans within the actor's jurisdiction, by year (latest first) and unit. */
export async function annualPlans(
  context: Context,
  filter: PlanFilter,
): Promise<Connection<AnnualPlan>> {
  const { unit } = requireActor(context, ...READERS);
  const page = pageOf(filter, 'integer', 'text');
  const query = plansWithin(context, unit);
  if (filter.under) query.andWhere(within('u.path', ':under'), { under: filter.under });
  if (filter.year) query.andWhere('p.year = :year', { year: filter.year });
  if (filter.status) query.andWhere('p.status = :status', { status: filter.status });
  if (page.after) {
    const [year, code] = page.after;
    query.andWhere('(-p.year, p.unitCode) > (-CAST(:afterYear AS integer), :afterCode)', {
      afterYear: year,
      afterCode: code,
    });
  }
  const rows = await query
    .orderBy('p.year', 'DESC')
    .addOrderBy('p.unitCode', 'ASC')
    .limit(page.limit + 1)
    .getMany();
  return connectionOf(rows, page, (plan) => [String(plan.year), plan.unitCode]);
}

/** Units in the actor's jurisdiction that still owe a plan or a study for the year. */
export async function unitsWithoutPlan(
  context: Context,
  args: PageArgs & { year: number; under?: string | null },
): Promise<Connection<PlanDuty>> {
  const { unit } = requireActor(context, ...READERS);
  const page = pageOf(args, 'text');
  const policies = await policiesOn(context.db.manager, localDate(nowOf(context)), unit);
  const model = JSON.stringify(policies.value<AuthorityModel>('governance.authority'));
  const rows: PlanDuty[] = await context.db.query(
    `SELECT * FROM (
       SELECT u.code AS "unitCode", $1::integer AS year,
              -- The nearest of those above that governs the sector (A21).
              (SELECT a.code FROM org_unit a
               WHERE a.code = ANY (string_to_array(u.path, '.')) AND a.code <> u.code
                 AND (u.sector IS NULL OR $6::jsonb -> u.sector ? a.tier)
               ORDER BY a.path DESC LIMIT 1) AS "superiorCode",
              EXISTS (SELECT 1 FROM annual_plan p WHERE p.unit_code = u.code AND p.year = $1
                      AND p.status IN ('FILED', 'ACCEPTED')) AS "planFiled",
              EXISTS (SELECT 1 FROM study_record s
                      WHERE s.unit_code = u.code AND s.year = $1) AS "studyRecorded"
       FROM org_unit u
       WHERE ${within('u.path', '$2')} AND ${within('u.path', '$3')}
         AND ($4::text IS NULL OR u.code > $4)
     ) duty
     WHERE NOT ("planFiled" AND "studyRecorded")
     ORDER BY "unitCode" LIMIT $5`,
    [args.year, unit, args.under ?? unit, page.after?.[0] ?? null, page.limit + 1, model],
  );
  return connectionOf(rows, page, (duty) => [duty.unitCode]);
}
