import type { EntityManager } from 'typeorm';
import { complianceChanged } from '@yanxiu/contracts/hours';
import type { Tx } from '@yanxiu/messaging/transaction';
import { localDate, localYear } from '@yanxiu/subgraph/calendar';
import { orWait } from '@yanxiu/registry/policy';
import { parametersOf, STAMP } from '../policy/queries.js';
import type { Parameters } from '../policy/rules.js';
import { badInput } from '@yanxiu/subgraph/errors';
import { lastPost, type Post } from '../teacher/rules.js';
import { postsSql } from '../teacher/queries.js';
import { judge, type JudgedYear, type YearRow } from './rules.js';
import { standingsOf, touchedStandings } from './standing.js';
import { keepStandings, keepTouched } from './store.js';

/** What a decision on a teacher needs to know of her, and the parameters. */
export interface TeacherState {
  teacherId: string;
  posts: Post[];
  /** All kept verdicts on years. */
  years: YearRow[];
  parameters: Parameters;
}

/** SQL of a {@link TeacherState}'s columns; `t` is the teacher's row. */
export const STATE = `${postsSql()} AS posts,
  (SELECT coalesce(json_agg(json_build_object('year', y.year, 'centihours', y.centihours,
            'verdict', y.verdict, 'posted', y.changed_at IS NOT NULL)), '[]')
   FROM yearly_compliance y WHERE y.teacher_id = t.id) AS years,
  ${STAMP} AS stamp`;

/** Years of a teacher that are to be kept as they were judged, and told of. */
export interface JudgedTeacher {
  tx: Tx;
  teacher: TeacherState;
  judged: readonly JudgedYear[];
}

/**
 * Adds to the totals of years, judges them anew with the cycles that they lie in, and tells of each
 * verdict that is another. What is kept of her other years stays: a version that judges them
 * otherwise is the recomputation's to apply, which tells of it.
 */
export async function assess(
  manager: EntityManager,
  teachers: readonly (Omit<JudgedTeacher, 'judged'> & { added: ReadonlyMap<number, number> })[],
): Promise<void> {
  const judged = teachers.map(({ tx, teacher, added }) => {
    return { tx, teacher, judged: orWait(() => judge(teacher, added)) };
  });
  await keepTouched(
    manager,
    judged.map(({ tx: { now }, teacher, judged }) => touchedOf(teacher, judged, now)),
  );
  for (const each of judged) await tell(each);
}

/**
 * Keeps what was judged of teachers, which is every year that anything was posted in, with all
 * their other years and cycles, and tells of each verdict that is another.
 */
export async function keep(
  manager: EntityManager,
  teachers: readonly JudgedTeacher[],
): Promise<void> {
  const kept = teachers.map(({ tx: { now }, teacher, judged }) => {
    const { teacherId, posts, parameters } = teacher;
    const hours = new Map(judged.map(({ year, centihours }) => [year, centihours]));
    const standings = standingsOf({ posts, hours, parameters, through: localYear(now) });
    return { teacherId, ...standings, posted: [...hours.keys()], now };
  });
  await keepStandings(manager, kept);
  for (const each of teachers) await tell(each);
}

/**
 * As {@link assess}, of what was posted long ago, by the last posting of each teacher; nothing is
 * told. Throws PolicyMissing where no parameter is in force.
 */
export async function settle(
  manager: EntityManager,
  teachers: readonly { teacher: TeacherState; added: ReadonlyMap<number, number>; now: Date }[],
): Promise<void> {
  await keepTouched(
    manager,
    teachers.map(({ teacher, added, now }) => touchedOf(teacher, judge(teacher, added), now)),
  );
}

function touchedOf(teacher: TeacherState, judged: readonly JudgedYear[], now: Date) {
  const { teacherId, posts, parameters, years: kept } = teacher;
  const facts = { posts, parameters, kept, through: localYear(now) };
  const posted = judged.map(({ year }) => year);
  return { teacherId, ...touchedStandings(judged, facts), posted, now };
}

async function tell({ tx, teacher, judged }: JudgedTeacher): Promise<void> {
  const changed = judged.filter(({ before, verdict }) => before !== verdict);
  if (changed.length === 0) return;
  const { teacherId, posts } = teacher;
  const unitCode = (lastPost(posts, localDate(tx.now)) ?? posts.at(0))?.unitCode;
  if (!unitCode) return;
  await tx.emitAll(
    complianceChanged,
    changed.map(({ year, verdict, centihours, requirement }) => ({
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
    })),
  );
}

/**
 * Keeps the verdicts of teachers on all years that have begun, whether or not anything was posted,
 * and tells of each that is another than was told. The caller holds the row locks of the teachers.
 */
export async function reassess(
  manager: EntityManager,
  teachers: ReadonlyMap<string, Tx>,
): Promise<void> {
  const states = await statesOf(manager, [...teachers.keys()]);
  const judged = states.flatMap((teacher) => {
    const tx = teachers.get(teacher.teacherId);
    const posted = teacher.years.filter((year) => year.posted);
    const added = new Map(posted.map(({ year }) => [year, 0]));
    return tx ? [{ tx, teacher, judged: orWait(() => judge(teacher, added)) }] : [];
  });
  await keep(manager, judged);
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

const AT_ONCE = 1_000;

interface Recorded {
  teacherId: string;
  posts: Post[];
  /** Sums of the ledger by year. */
  hours: [year: number, centihours: number][];
  /** The last year with a kept verdict. */
  through: number | null;
}

/** Posts and ledger alone; of the kept verdicts only which year was opened last. */
const RECORDED = `
  SELECT t.id AS "teacherId", ${postsSql()} AS posts,
    (SELECT coalesce(json_agg(json_build_array(e.year, e.sum)), '[]') FROM (
       SELECT year, sum(centihours)::int AS sum FROM hour_entry
       WHERE teacher_id = t.id GROUP BY year) e) AS hours,
    (SELECT max(year) FROM public.yearly_compliance WHERE teacher_id = t.id) AS through
  FROM teacher_copy t WHERE $1::uuid IS NULL OR t.id > $1 ORDER BY t.id LIMIT $2`;

/** Verdicts of all teachers by their posts, the ledger and the parameters. */
export async function deriveStandings(
  manager: EntityManager,
  onProgress: (done: number, total: number) => void,
): Promise<number> {
  const parameters = await parametersOf(manager);
  const counts: { count: number }[] = await manager.query(
    'SELECT count(*)::int AS count FROM teacher_copy',
  );
  const total = counts[0]?.count ?? 0;
  let [done, after]: [number, string | null] = [0, null];
  for (;;) {
    const rows: Recorded[] = await manager.query(RECORDED, [after, AT_ONCE]);
    const now = new Date();
    const kept = rows.map(({ teacherId, posts, hours, through }) => {
      const facts = { posts, parameters, hours: new Map(hours), through: through ?? 0 };
      return { teacherId, ...standingsOf(facts), posted: [...facts.hours.keys()], now };
    });
    await keepStandings(manager, kept);
    // The tables were new and empty: without figures they are read from end to end for each batch.
    if (done === 0) await manager.query('ANALYZE yearly_compliance, cycle_compliance');
    done += rows.length;
    onProgress(done, total);
    after = rows.at(-1)?.teacherId ?? null;
    if (rows.length < AT_ONCE) return done;
  }
}
