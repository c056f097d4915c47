import { withinPath, type OrgUnit } from '@yanxiu/registry/org-unit';
import type { Context } from '@yanxiu/subgraph/context';
import { ranged } from '@yanxiu/subgraph/scoped-database';
import { connectionOf, type Connection, type Page } from '@yanxiu/subgraph/pagination';
import { currentUnitSql, narrowedTo, postsSql, today } from '../teacher/queries.js';
import type { Post } from '../teacher/rules.js';
import { behind, type Pace } from './pace.js';

/** A teacher not on target, as she is listed. */
export interface NotOnTargetView extends Pace {
  teacherId: string;
  unitCode: string;
  year: number;
}

interface ShortYear {
  teacherId: string;
  unitCode: string;
  posts: Post[];
  required: number | null;
  centihours: number;
}

/** Teachers of a subtree who are not on target today, by teacher id. */
export async function notOnTarget(
  context: Context,
  { under, year }: { under: OrgUnit; year: number },
  page: Page,
): Promise<Connection<NotOnTargetView>> {
  const on = today(context);
  const found: NotOnTargetView[] = [];
  let after = page.after?.[0] ?? null;
  for (;;) {
    const rows = await shortYears(context, { under, year, on }, after, page.limit + 1);
    for (const { teacherId, unitCode, posts, ...hours } of rows) {
      const pace = behind(posts, { year, ...hours }, on);
      if (pace) found.push({ teacherId, unitCode, year, ...pace });
    }
    after = rows.at(-1)?.teacherId ?? null;
    if (rows.length <= page.limit || found.length > page.limit) break;
  }
  return connectionOf(found.slice(0, page.limit + 1), page, ({ teacherId }) => [teacherId]);
}

function shortYears(
  context: Context,
  { under, year, on }: { under: OrgUnit; year: number; on: string },
  after: string | null,
  limit: number,
): Promise<ShortYear[]> {
  return context.db.query(
    ranged(`SELECT t.id AS "teacherId", u.code AS "unitCode", ${postsSql()} AS posts, y.centihours,
       y.required_centihours AS required
     FROM yearly_compliance y JOIN teacher_copy t ON t.id = y.teacher_id
     JOIN org_unit u ON u.code = ${currentUnitSql('$2')}
     WHERE y.year = $3 AND y.verdict = 'SHORT' AND ${withinPath('u.path', '$1')}
       AND ${narrowedTo(under, '$1')}
       AND (t.retired_on IS NULL OR t.retired_on >= $2)
       AND ($4::uuid IS NULL OR t.id > $4)
     ORDER BY t.id LIMIT $5`),
    [under.path, on, year, after, limit],
  );
}
