import type { EntityManager } from 'typeorm';
import { complianceChanged } from '@yanxiu/contracts/hours';
import type { Tx } from '@yanxiu/messaging/transaction';
import { localDate } from '@yanxiu/subgraph/calendar';
import { orWait, parametersOf, STAMP } from '../policy/queries.js';
import type { Parameters } from '../policy/rules.js';
import { badInput } from '@yanxiu/subgraph/errors';
import { lastPost, type Post } from '../teacher/rules.js';
import { postsSql } from '../teacher/queries.js';
import { judge, type JudgedYear, type YearRow } from './rules.js';

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
  teacher: TeacherState,
  added: ReadonlyMap<number, number>,
): Promise<void> {
  await keep(tx, [{ ...teacher, judged: orWait(() => judge(teacher, added)) }]);
}

/** Years of a teacher that are to be kept as they were judged. */
export type JudgedTeacher = Pick<TeacherState, 'teacherId' | 'posts'> & {
  judged: readonly JudgedYear[];
};

/** Keeps what was judged, of many teachers at once, and tells of each verdict that is another. */
export async function keep(tx: Tx, teachers: readonly JudgedTeacher[]): Promise<void> {
  const rows = teachers.flatMap(({ teacherId, judged }) =>
    judged.map(({ requirement, ...year }) => ({
      ...year,
      teacherId,
      required: requirement.centihours,
      policyKey: requirement.policy?.key ?? null,
      policyVersion: requirement.policy?.version ?? null,
    })),
  );
  if (rows.length === 0) return;
  await tx.manager.query(
    `INSERT INTO yearly_compliance (teacher_id, year, centihours, required_centihours, verdict,
                                    policy_key, policy_version, changed_at)
     SELECT "teacherId", year, centihours, required, verdict, "policyKey", "policyVersion", $2
     FROM jsonb_to_recordset($1::jsonb) AS y("teacherId" uuid, year integer, centihours integer,
       required integer, verdict text, "policyKey" text, "policyVersion" integer)
     ON CONFLICT (teacher_id, year) DO UPDATE SET centihours = excluded.centihours,
       required_centihours = excluded.required_centihours, verdict = excluded.verdict,
       policy_key = excluded.policy_key, policy_version = excluded.policy_version,
       changed_at = excluded.changed_at`,
    [JSON.stringify(rows), tx.now],
  );
  await tx.emitAll(
    complianceChanged,
    teachers.flatMap(({ teacherId, posts, judged }) => {
      const unitCode = (lastPost(posts, localDate(tx.now)) ?? posts.at(0))?.unitCode;
      if (!unitCode) return [];
      return judged
        .filter(({ before, verdict }) => before !== verdict)
        .map(({ year, verdict, centihours, requirement }) => ({
          key: teacherId,
          data: {
            teacherId,
            unitCode,
            year,
            verdict,
            centihours,
            requiredCentihours: requirement.centihours,
            at: tx.now.toISOString(),
          },
        }));
    }),
  );
}

/** Judges the kept years from `fromYear` on anew, after a change of posts or of a parameter. */
export async function reassess(tx: Tx, teacherId: string, fromYear: number): Promise<void> {
  for (const state of await statesOf(tx.manager, [teacherId])) {
    const years = state.years.filter(({ year }) => year >= fromYear);
    await assess(tx, state, new Map(years.map(({ year }) => [year, 0])));
  }
}

/** What decisions on these teachers need to know of them. */
export async function statesOf(
  manager: EntityManager,
  teacherIds: readonly string[],
): Promise<TeacherState[]> {
  type Row = Omit<TeacherState, 'parameters'> & { stamp: string | null };
  const rows: Row[] = await manager.query(
    `SELECT t.id AS "teacherId", ${STATE} FROM teacher_copy t WHERE t.id = ANY($1::uuid[])`,
    [teacherIds],
  );
  if (rows.length === 0) return [];
  const parameters = await parametersOf(manager, rows[0]?.stamp);
  return rows.map(({ stamp: _, ...state }) => ({ ...state, parameters }));
}

/** A year that a question may be about. */
export function checkedYear(year: number): number {
  if (year >= 2000 && year <= 2100) return year;
  throw badInput('年份须在 2000 与 2100 之间。', 'year must be from 2000 to 2100.');
}
