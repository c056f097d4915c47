import type { EntityManager } from 'typeorm';
import type { DerivedView } from '@yanxiu/subgraph/rebuild/view';
import { standingsOf } from '../compliance/standing.js';
import { keepStandings } from '../compliance/store.js';
import { parametersOf } from '../policy/queries.js';
import { postsSql } from '../teacher/queries.js';
import type { Post } from '../teacher/rules.js';
import { cellsOf, foldWithin } from './fold.js';

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
async function deriveStandings(
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
    const kept = rows.map(({ teacherId, posts, hours, through }) => {
      const facts = { posts, parameters, hours: new Map(hours), through: through ?? 0 };
      return { teacherId, ...standingsOf(facts), posted: [...facts.hours.keys()] };
    });
    await keepStandings(manager, kept, new Date());
    done += rows.length;
    onProgress(done, total);
    after = rows.at(-1)?.teacherId ?? null;
    if (rows.length < AT_ONCE) return done;
  }
}

const KINDS = [
  ['YEAR', 'yearly_compliance', 'year', 'verdict', 'centihours'],
  ['CYCLE', 'cycle_compliance', 'first_year', 'verdict', 'centihours'],
  ['CYCLE_ANNUAL', 'cycle_compliance', 'first_year', 'annual_verdict', '0'],
  ['CYCLE_TOTAL', 'cycle_compliance', 'first_year', 'total_verdict', '0'],
] as const;

/** The cells by counting rows, not by what was noted when they changed. */
async function deriveCells(manager: EntityManager): Promise<void> {
  for (const [kind, table, year, verdict, hours] of KINDS) {
    await manager.query(
      `INSERT INTO compliance_rollup
         (kind, year, dimension, unit_code, value, verdict, teachers, centihours)
       WITH row AS (
         SELECT '${kind}' AS kind, ${year} AS year, unit_code, sector, stage, subject,
           ${verdict} AS verdict, count(*) AS teachers, sum(${hours}) AS centihours
         FROM ${table} GROUP BY 2, 3, 4, 5, 6, 7
       ), cell AS (${cellsOf('row')})
       SELECT kind, year, dimension, unit_code, value, verdict, sum(teachers), sum(centihours)
       FROM cell GROUP BY 1, 2, 3, 4, 5, 6`,
    );
  }
}

/** What follows from posts, ledger and parameters, and can be made anew from them. */
export const DERIVED: readonly DerivedView[] = [
  {
    name: 'standings',
    tables: ['yearly_compliance', 'cycle_compliance', 'compliance_rollup'],
    scratch: ['compliance_delta'],
    still: ['compliance_rollup'],
    comparedBy: { yearly_compliance: { changed_at: (column) => `${column} IS NULL` } },
    async settle(manager) {
      while ((await foldWithin(manager, 20_000)) > 0);
    },
    async derive(manager, onProgress) {
      const teachers = await deriveStandings(manager, onProgress);
      await deriveCells(manager);
      return teachers;
    },
  },
];
