import type { PolicyVersion } from '@yanxiu/registry/policy';
import { withinPath, type OrgUnit } from '@yanxiu/registry/org-unit';
import { load, inOrder, nowOf, type Batch, type Context } from '@yanxiu/subgraph/context';
import { localYear } from '@yanxiu/subgraph/calendar';
import { keyed, ranged } from '@yanxiu/subgraph/scoped-database';
import { connectionOf, type Connection, type Page } from '@yanxiu/subgraph/pagination';
import { ifAny } from '@yanxiu/registry/policy';
import { columnsOfKeys, currentUnitSql, narrowedTo, postsSql, today } from '../teacher/queries.js';
import { parametersOf } from '../policy/queries.js';
import { type Parameters } from '../policy/rules.js';
import { lastPost, monthsInService, type Post } from '../teacher/rules.js';
import {
  cycleOf,
  cycleRequirement,
  cycleVerdicts,
  requirementIfAny,
  verdictOf,
  type CycleParameter,
  type Verdict,
} from './rules.js';

/** A teacher's year as it is shown. */
export interface YearView {
  teacherId: string;
  year: number;
  centihours: number;
  required: number | null;
  verdict: Verdict;
  policyKey: string | null;
  policyVersion: number | null;
}

/** A teacher's cycle as it is shown. */
export interface CycleView {
  firstYear: number;
  lastYear: number;
  centihours: number;
  required: number | null;
  mode: string;
  annualVerdict: Verdict;
  totalVerdict: Verdict;
  verdict: Verdict;
  years: YearView[];
  policy: PolicyVersion;
}

/** A teacher's standing as it is listed. */
export interface ComplianceView {
  teacherId: string;
  unitCode: string;
  hours: YearView;
}

/** The kept row, or nulls and no hours where no posting has been made yet. */
interface StoredYear {
  teacherId: string;
  year: number;
  posts: Post[];
  centihours: number | null;
  required: number | null;
  verdict: Verdict | null;
  policyKey: string | null;
  policyVersion: number | null;
}

const STORED = `t.id AS "teacherId", ${postsSql()} AS posts, y.centihours,
  y.required_centihours AS required, y.verdict, y.policy_key AS "policyKey",
  y.policy_version AS "policyVersion"`;

/** What is kept, or for a year without postings what follows from posts and parameters. */
function viewOf(parameters: Parameters, row: StoredYear): YearView {
  const { teacherId, year, posts, verdict } = row;
  if (verdict) return { ...row, centihours: row.centihours ?? 0, verdict };
  const requirement = requirementIfAny(parameters, posts, year);
  return {
    teacherId,
    year,
    centihours: 0,
    required: requirement.centihours,
    verdict: verdictOf(0, requirement),
    policyKey: requirement.policy?.key ?? null,
    policyVersion: requirement.policy?.version ?? null,
  };
}

/** Teachers' years, key `teacher:year`, for a DataLoader; null for a teacher not known here. */
const yearViews: Batch<string, YearView> = async (context, keys) => {
  const rows: StoredYear[] = await context.db.query(
    keyed(`SELECT k.year, ${STORED}
     FROM unnest($1::uuid[], $2::int[]) AS k(teacher_id, year)
     JOIN teacher_copy t ON t.id = k.teacher_id
     LEFT JOIN yearly_compliance y ON y.teacher_id = k.teacher_id AND y.year = k.year`),
    columnsOfKeys(keys),
  );
  const parameters = await parametersOf(context.db.manager);
  const views = rows.map((row) => viewOf(parameters, row));
  return inOrder(keys, views, ({ teacherId, year }) => `${teacherId}:${year}`);
};

export const yearView = (
  context: Context,
  teacherId: string,
  year: number,
): Promise<YearView | null> => load(context, yearViews, `${teacherId}:${year}`);

const teacherPosts: Batch<string, Post[]> = async (context, ids) => {
  const rows: { id: string; posts: Post[] }[] = await context.db.query(
    keyed(`SELECT t.id, ${postsSql()} AS posts FROM teacher_copy t WHERE t.id = ANY($1::uuid[])`),
    [ids],
  );
  const byId = new Map(rows.map(({ id, posts }) => [id, posts]));
  return ids.map((id) => byId.get(id) ?? null);
};

/** A teacher's year with what explains it; null for a teacher not known here. */
export interface VerdictView {
  year: YearView;
  months: number;
}

export async function verdictView(
  context: Context,
  teacherId: string,
  year: number,
): Promise<VerdictView | null> {
  const [posts, view] = await Promise.all([
    load(context, teacherPosts, teacherId),
    yearView(context, teacherId, year),
  ]);
  return posts && view && { year: view, months: monthsInService(posts, year).length };
}

/** The cycle that `year` lies in, by the parameters in force in that year. */
export async function cycleView(
  context: Context,
  teacherId: string,
  year: number,
): Promise<CycleView | null> {
  const posts = await load(context, teacherPosts, teacherId);
  if (!posts) return null;
  const end = `${year}-12-31`;
  const parameters = await parametersOf(context.db.manager);
  const policies = parameters.on(end, lastPost(posts, end)?.path ?? null);
  const policy = ifAny(() => policies.get<CycleParameter>('hours.cycle'));
  if (!policy) return null;
  const [firstYear, lastYear] = cycleOf(year, policy.value);
  const until = Math.min(lastYear, localYear(nowOf(context)));
  const begun = Array.from({ length: Math.max(0, until - firstYear + 1) }, (_, i) => firstYear + i);
  const views = await Promise.all(begun.map((each) => yearView(context, teacherId, each)));
  const years = views.filter((view) => view !== null);
  const centihours = years.reduce((sum, view) => sum + view.centihours, 0);
  const requirement = cycleRequirement(posts, [firstYear, lastYear], policy.value);
  const verdicts = cycleVerdicts(
    policy.value.mode,
    years.map(({ verdict }) => verdict),
    verdictOf(centihours, requirement),
  );
  return {
    firstYear,
    lastYear,
    centihours,
    required: requirement.centihours,
    mode: policy.value.mode,
    annualVerdict: verdicts.annual,
    totalVerdict: verdicts.total,
    verdict: verdicts.verdict,
    years,
    policy,
  };
}

/** Standings of the teachers of a subtree, by teacher id. */
export async function standings(
  context: Context,
  filter: { under: OrgUnit; year: number; verdict: Verdict | null },
  page: Page,
): Promise<Connection<ComplianceView>> {
  const parameters = await parametersOf(context.db.manager);
  const found: ComplianceView[] = [];
  let after = page.after?.[0] ?? null;
  for (;;) {
    const rows = await standingRows(context, filter, after, page.limit + 1);
    for (const row of rows) {
      const hours = viewOf(parameters, row);
      const { teacherId, unitCode } = row;
      if (filter.verdict === null || hours.verdict === filter.verdict) {
        found.push({ teacherId, unitCode, hours });
      }
    }
    after = rows.at(-1)?.teacherId ?? null;
    if (rows.length <= page.limit || found.length > page.limit) break;
  }
  return connectionOf(found.slice(0, page.limit + 1), page, ({ teacherId }) => [teacherId]);
}

function standingRows(
  context: Context,
  { under, year, verdict }: { under: OrgUnit; year: number; verdict: Verdict | null },
  after: string | null,
  limit: number,
): Promise<(StoredYear & { unitCode: string })[]> {
  // A year without postings has no row: its verdict is worked out by the caller.
  return context.db.query(
    ranged(`SELECT u.code AS "unitCode", $3::int AS year, ${STORED}
     FROM teacher_copy t
     JOIN org_unit u ON u.code = ${currentUnitSql('$2')}
     LEFT JOIN yearly_compliance y ON y.teacher_id = t.id AND y.year = $3
     WHERE ${withinPath('u.path', '$1')} AND ${narrowedTo(under, '$1')}
       AND ($4::uuid IS NULL OR t.id > $4)
       AND ($5::text IS NULL OR y.verdict IS NULL OR y.verdict = $5)
     ORDER BY t.id LIMIT $6`),
    [under.path, today(context), year, after, verdict, limit],
  );
}
