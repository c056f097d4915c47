import type { EntityManager } from 'typeorm';
import type { DerivedView } from '@yanxiu/subgraph/rebuild/view';
import { deriveStandings } from '../compliance/queries.js';
import { cellsOf, foldWithin } from './fold.js';

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
