import type { EntityManager } from 'typeorm';
import { complianceChanged } from '@yanxiu/contracts/hours';
import type { Tx } from '@yanxiu/messaging/transaction';
import { PolicyMissing, policiesOn } from '@yanxiu/registry/policy';
import { NotYetKnown } from '@yanxiu/messaging/handlers';
import { localDate } from '@yanxiu/subgraph/calendar';
import { lastUnit, type Post } from '../teacher/rules.js';
import { postsSql } from '../teacher/queries.js';
import { annualRequirement, verdictOf, type Requirement, type Verdict } from './rules.js';

/** The kept verdict on a teacher's year. */
export interface YearRow {
  year: number;
  centihours: number;
  required: number | null;
  verdict: Verdict;
}

/** What a decision on a teacher needs to know of her: posts and the kept verdicts. */
export interface TeacherState {
  teacherId: string;
  posts: Post[];
  years: YearRow[];
}

/** The teacher's posts and verdicts; to be read under her row lock. */
export async function teacherState(
  manager: EntityManager,
  teacherId: string,
): Promise<TeacherState> {
  const rows: { posts: Post[]; years: YearRow[] }[] = await manager.query(
    `SELECT ${postsSql()} AS posts,
       (SELECT coalesce(json_agg(json_build_object('year', y.year, 'centihours', y.centihours,
                 'required', y.required_centihours, 'verdict', y.verdict)), '[]')
        FROM yearly_compliance y WHERE y.teacher_id = t.id) AS years
     FROM teacher_copy t WHERE t.id = $1`,
    [teacherId],
  );
  return { teacherId, posts: rows[0]?.posts ?? [], years: rows[0]?.years ?? [] };
}

/** The requirement of a year by the parameters in force at its end, for the unit served then. */
export async function requirementOf(
  manager: EntityManager,
  posts: readonly Post[],
  year: number,
): Promise<Requirement> {
  const end = `${year}-12-31`;
  const policies = await policiesOn(manager, end, lastUnit(posts, end));
  return annualRequirement(posts, year, policies);
}

/** Adds to the years' totals, judges them anew, and tells of each verdict that is another. */
export async function assess(
  tx: Tx,
  { teacherId, posts, years }: TeacherState,
  added: ReadonlyMap<number, number>,
): Promise<void> {
  const unitCode = lastUnit(posts, localDate(tx.now)) ?? posts.at(0)?.unitCode;
  for (const [year, change] of [...added].sort(([a], [b]) => a - b)) {
    const earlier = years.find((row) => row.year === year);
    const centihours = (earlier?.centihours ?? 0) + change;
    const requirement = await requirementOf(tx.manager, posts, year).catch(waitForPolicy);
    const verdict = verdictOf(centihours, requirement);
    await tx.manager.query(
      `INSERT INTO yearly_compliance (teacher_id, year, centihours, required_centihours, verdict,
                                      policy_key, policy_version, changed_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
       ON CONFLICT (teacher_id, year) DO UPDATE SET centihours = excluded.centihours,
         required_centihours = excluded.required_centihours, verdict = excluded.verdict,
         policy_key = excluded.policy_key, policy_version = excluded.policy_version,
         changed_at = excluded.changed_at`,
      [
        teacherId,
        year,
        centihours,
        requirement.centihours,
        verdict,
        requirement.policy?.key ?? null,
        requirement.policy?.version ?? null,
        tx.now,
      ],
    );
    if (earlier?.verdict === verdict || !unitCode) continue;
    await tx.emit(complianceChanged, teacherId, {
      teacherId,
      unitCode,
      year,
      verdict,
      centihours,
      requiredCentihours: requirement.centihours,
      at: tx.now.toISOString(),
    });
  }
}

/** Judges the kept years from `fromYear` on anew, after a change of posts. */
export async function reassess(tx: Tx, teacherId: string, fromYear: number): Promise<void> {
  const state = await teacherState(tx.manager, teacherId);
  const years = state.years.filter(({ year }) => year >= fromYear);
  await assess(tx, state, new Map(years.map(({ year }) => [year, 0])));
}

/** A parameter that has not arrived yet is waited for, as any reference. */
export function waitForPolicy(error: unknown): never {
  if (error instanceof PolicyMissing) throw new NotYetKnown(error.message);
  throw error;
}
