import type { EntityManager } from 'typeorm';
import { complianceChanged } from '@yanxiu/contracts/hours';
import type { Tx } from '@yanxiu/messaging/transaction';
import { localDate } from '@yanxiu/subgraph/calendar';
import { orWait, parametersOf, STAMP } from '../policy/queries.js';
import type { Parameters } from '../policy/rules.js';
import { badInput } from '@yanxiu/subgraph/errors';
import { lastPost, type Post } from '../teacher/rules.js';
import { postsSql } from '../teacher/queries.js';
import { requirementOf, verdictOf, type Verdict } from './rules.js';

/** The kept verdict on a teacher's year. */
export interface YearRow {
  year: number;
  centihours: number;
  verdict: Verdict;
}

/** What a decision on a teacher needs to know of her, and the parameters. */
export interface TeacherState {
  teacherId: string;
  posts: Post[];
  years: YearRow[];
  parameters: Parameters;
}

/** SQL of a {@link TeacherState}'s columns; `t` is the teacher's row. */
export const STATE = `${postsSql()} AS posts,
  (SELECT coalesce(json_agg(json_build_object('year', y.year, 'centihours', y.centihours,
            'verdict', y.verdict)), '[]')
   FROM yearly_compliance y WHERE y.teacher_id = t.id) AS years, ${STAMP} AS stamp`;

/** Adds to the years' totals, judges them anew, and tells of each verdict that is another. */
export async function assess(
  tx: Tx,
  { teacherId, posts, years, parameters }: TeacherState,
  added: ReadonlyMap<number, number>,
): Promise<void> {
  const unitCode = (lastPost(posts, localDate(tx.now)) ?? posts.at(0))?.unitCode;
  for (const [year, change] of [...added].sort(([a], [b]) => a - b)) {
    const earlier = years.find((row) => row.year === year);
    const centihours = (earlier?.centihours ?? 0) + change;
    const requirement = orWait(() => requirementOf(parameters, posts, year));
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
  const rows: (Omit<TeacherState, 'parameters'> & { stamp: string | null })[] =
    await tx.manager.query(
      `SELECT t.id AS "teacherId", ${STATE} FROM teacher_copy t WHERE t.id = $1`,
      [teacherId],
    );
  for (const { stamp, ...state } of rows) {
    const parameters = await parametersOf(tx.manager, stamp);
    const years = state.years.filter(({ year }) => year >= fromYear);
    await assess(tx, { ...state, parameters }, new Map(years.map(({ year }) => [year, 0])));
  }
}

/** A year that a question may be about. */
export function checkedYear(year: number): number {
  if (year >= 2000 && year <= 2100) return year;
  throw badInput('年份须在 2000 与 2100 之间。', 'year must be from 2000 to 2100.');
}

/** Teachers with a kept verdict on `fromYear` or later. */
export async function teachersJudgedFrom(
  manager: EntityManager,
  fromYear: number,
): Promise<string[]> {
  const rows: { id: string }[] = await manager.query(
    `SELECT DISTINCT teacher_id AS id FROM yearly_compliance WHERE year >= $1
     ORDER BY teacher_id`,
    [fromYear],
  );
  return rows.map(({ id }) => id);
}
