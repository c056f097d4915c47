import { withinPath, type OrgUnit } from '@yanxiu/registry/org-unit';
import type { PolicyVersion } from '@yanxiu/registry/policy';
import type { Context } from '@yanxiu/subgraph/context';
import { ranged } from '@yanxiu/subgraph/scoped-database';
import { connectionOf, type Connection, type Page } from '@yanxiu/subgraph/pagination';
import { ifAny } from '@yanxiu/registry/policy';
import { parametersOf } from '../policy/queries.js';
import { liveDecision } from '../recognition/queries.js';
import { currentUnitSql, narrowedTo, today } from '../teacher/queries.js';
import type { Sector } from '../teacher/rules.js';
import { daysOverdue, dueOn, type DueKind, type DueTraining } from './rules.js';

/** A teacher whose training is due or overdue. */
export interface DueTrainingView {
  teacherId: string;
  unitCode: string;
  kind: DueKind;
  since: string;
  due: string;
  daysOverdue: number;
  policy: PolicyVersion;
}

interface Candidate {
  teacherId: string;
  unitCode: string;
  path: string;
  sector: Sector;
  since: string;
  /** Categories of accepted training since then. */
  trained: string[];
}

const SINCE: Readonly<Record<DueKind, string>> = {
  INDUCTION: 't.hired_on',
  SUPERVISOR: '(SELECT s.since FROM supervisor_copy s WHERE s.teacher_id = t.id)',
};

/** Teachers of a subtree who have not had it yet, by teacher id. */
export async function dueTraining(
  context: Context,
  { under, kind }: { under: OrgUnit; kind: DueKind },
  page: Page,
): Promise<Connection<DueTrainingView>> {
  const on = today(context);
  const parameters = await parametersOf(context.db.manager);
  const first = parameters.firstYear(['hours.dueTraining']);
  const found: DueTrainingView[] = [];
  let after = page.after?.[0] ?? null;
  while (Number.isFinite(first)) {
    const rows = await candidates(context, { under, kind, on, first }, after, page.limit + 1);
    for (const { teacherId, unitCode, path, sector, since, trained } of rows) {
      // What was in force on the day on which it began to be due.
      const policy = ifAny(() =>
        parameters.on(since, path).get<DueTraining[]>('hours.dueTraining'),
      );
      const line = policy?.value.find(
        (each) => each.kind === kind && each.sectors.includes(sector),
      );
      if (!policy || !line || trained.some((each) => line.categories.includes(each))) continue;
      const due = dueOn(since, line);
      const overdue = daysOverdue(due, on);
      found.push({ teacherId, unitCode, kind, since, due, daysOverdue: overdue, policy });
    }
    after = rows.at(-1)?.teacherId ?? null;
    if (rows.length <= page.limit || found.length > page.limit) break;
  }
  return connectionOf(found.slice(0, page.limit + 1), page, ({ teacherId }) => [teacherId]);
}

function candidates(
  context: Context,
  { under, kind, on, first }: { under: OrgUnit; kind: DueKind; on: string; first: number },
  after: string | null,
  limit: number,
): Promise<Candidate[]> {
  return context.db.query(
    ranged(`SELECT t.id AS "teacherId", u.code AS "unitCode", u.path, t.sector,
       ${SINCE[kind]}::text AS since,
       (SELECT coalesce(json_agg(DISTINCT c.category), '[]') FROM cause c
        CROSS JOIN LATERAL ${liveDecision('c.teacher_id', 'c.id')} d
        WHERE c.teacher_id = t.id AND c.first_date >= ${SINCE[kind]} AND d.rule IS NULL) AS trained
     FROM teacher_copy t JOIN org_unit u ON u.code = ${currentUnitSql('$2')}
     WHERE ${withinPath('u.path', '$1')} AND ${narrowedTo(under, '$1')} AND ${SINCE[kind]} >= make_date($3, 1, 1)
       AND ${SINCE[kind]} <= $2 AND (t.retired_on IS NULL OR t.retired_on >= $2)
       AND ($4::uuid IS NULL OR t.id > $4)
     ORDER BY t.id LIMIT $5`),
    [under.path, on, first, after, limit],
  );
}
