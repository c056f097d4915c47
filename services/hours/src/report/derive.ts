import type { EntityManager } from 'typeorm';
import type { DerivedView } from '@yanxiu/subgraph/rebuild/view';
import { writeCells } from './cells.js';

/** For which days of knowledge and years cells are kept. */
async function sealed(
  manager: EntityManager,
): Promise<{ through: string; firstYear: number; lastYear: number } | null> {
  const rows: { through: string; firstYear: number; lastYear: number }[] = await manager.query(
    `SELECT through::text, first_year AS "firstYear", last_year AS "lastYear"
     FROM public.report_seal WHERE through > '-infinity'`,
  );
  return rows[0] ?? null;
}

/** Reports of past days, made anew from all that was ever recorded of every teacher. */
export const DERIVED: readonly DerivedView[] = [
  {
    name: 'reports',
    tables: ['report_cell'],
    // Cells of days that were set back are no part of any answer.
    async settle(manager) {
      await manager.query(
        `DELETE FROM report_cell c USING report_seal s
         WHERE c.known_on > s.through OR c.year NOT BETWEEN s.first_year AND s.last_year`,
      );
    },
    async derive(manager, onProgress) {
      const seal = await sealed(manager);
      if (!seal) return 0;
      const counts: { count: number }[] = await manager.query(
        'SELECT count(*)::int AS count FROM teacher_copy',
      );
      const total = counts[0]?.count ?? 0;
      const { through, firstYear, lastYear } = seal;
      return writeCells(manager, [firstYear, lastYear], { after: null, through }, null, (done) =>
        onProgress(done, total),
      );
    },
  },
];
