import type { DataSource, EntityManager } from 'typeorm';
import { within } from '@yanxiu/registry/org-unit';
import { fits } from '@yanxiu/registry/policy-value';
import { requireOrgUnit } from '@yanxiu/registry/scope';
import type { Context } from '@yanxiu/subgraph/context';
import { enforce } from '@yanxiu/subgraph/decision';
import { DomainError } from '@yanxiu/subgraph/errors';
import { asSystem } from '@yanxiu/subgraph/scoped-database';
import { requirementIfAny, verdictOf } from '../compliance/rules.js';
import { parametersOf } from '../policy/queries.js';
import type { NewVersion, Parameters } from '../policy/rules.js';
import { reachesOf, touched } from '../recomputation/queries.js';
import { touchesOf } from '../recomputation/rules.js';
import { hoursOf, redecide } from '../recognition/decide.js';
import { postsSql } from '../teacher/queries.js';
import type { Post } from '../teacher/rules.js';
import { count, nothingCounted, simulable, type Counts, type SimulatedTeacher } from './rules.js';

export interface Simulated {
  changes: readonly NewVersion[];
  /** Code of the unit whose subtree is looked at. */
  scope: string;
  year: number;
}

/** What would come of publishing changes. */
export interface Simulation extends Simulated {
  counts: Counts;
  /** Who would change verdict, by id. */
  changed: SimulatedTeacher[];
  /** Decisions that would take the place of others. */
  changedDecisions: number;
}

/** Below the time for which the gateway waits for a service; teachers read together. */
const LIMITS = { budgetMs: 8_000, atOnce: 1_000 };
const MOST_RUNNING = 2;

/** In a transaction that the database lets write nothing, over one snapshot. */
export const readOnly = <R>(
  db: DataSource,
  work: (manager: EntityManager) => Promise<R>,
): Promise<R> =>
  db.transaction('REPEATABLE READ', async (manager) => {
    await manager.query('SET TRANSACTION READ ONLY');
    return work(manager);
  });

let running = 0;

/**
 * What publishing the changes now would make of the verdicts of a year, over all that is recorded;
 * by the rules that decide and recompute, and without writing. The figures count every teacher of
 * the units that the asker oversees, whoever she belongs to today.
 */
export async function simulate(
  context: Context,
  simulated: Simulated,
  { budgetMs, atOnce } = LIMITS,
): Promise<Simulation> {
  const { changes, scope } = simulated;
  await checkChanges(context.db.manager, changes);
  if (running >= MOST_RUNNING) throw busy();
  running += 1;
  try {
    const until = performance.now() + budgetMs;
    return await readOnly(asSystem(context.db), async (manager) => {
      const parameters = (await parametersOf(manager)).with(changes);
      const counts = nothingCounted();
      const changed: SimulatedTeacher[] = [];
      let [after, changedDecisions]: [string | null, number] = [null, 0];
      for (;;) {
        const some = await simulateSome(manager, simulated, { parameters, after, atOnce });
        for (const teacher of some.teachers) {
          count(counts, teacher);
          if (teacher.before !== teacher.after) changed.push(teacher);
        }
        changedDecisions += some.changedDecisions;
        after = some.teachers.at(-1)?.teacherId ?? null;
        if (some.teachers.length < atOnce) {
          return { ...simulated, counts, changed, changedDecisions };
        }
        if (performance.now() > until) throw tooLarge(scope, counts.all.teachers);
      }
    });
  } finally {
    running -= 1;
  }
}

/** Refuses what cannot be tried out. */
export async function checkChanges(
  manager: EntityManager,
  changes: readonly NewVersion[],
): Promise<void> {
  enforce(simulable(changes));
  for (const { key, value, scopeCode } of changes) {
    enforce(fits(key, value));
    if (scopeCode) await requireOrgUnit(manager, scopeCode);
  }
}

/** What the changes make of the next teachers of the unit, in the order of their ids. */
export async function simulateSome(
  manager: EntityManager,
  simulated: Simulated,
  { parameters, after, atOnce }: { parameters: Parameters; after: string | null; atOnce: number },
): Promise<{ teachers: SimulatedTeacher[]; changedDecisions: number }> {
  const rows = await read(manager, simulated, after, atOnce);
  return judged(manager, rows, { parameters, year: simulated.year });
}

/** How many teachers a simulation looks at. */
export async function countSimulated(
  manager: EntityManager,
  { scope, year }: Pick<Simulated, 'scope' | 'year'>,
): Promise<number> {
  const rows: { count: number }[] = await manager.query(
    `SELECT count(*)::int AS count FROM yearly_compliance y JOIN org_unit u ON u.code = y.unit_code
     WHERE y.year = $1 AND ${within('u.path', '$2')}`,
    [year, scope],
  );
  return rows[0]?.count ?? 0;
}

interface Row extends Pick<
  SimulatedTeacher,
  | 'teacherId'
  | 'unitCode'
  | 'areaCode'
  | 'sector'
  | 'before'
  | 'centihoursBefore'
  | 'requiredBefore'
> {
  posts: Post[];
  /** Something recorded of her is decided or judged anew. */
  touched: boolean;
  /** Her causes are decided anew. */
  redecided: boolean;
}

function read(
  manager: EntityManager,
  { changes, scope, year }: Simulated,
  after: string | null,
  limit: number,
): Promise<Row[]> {
  const deciding = changes.filter(({ key }) => touchesOf(key).decisions);
  return manager.query(
    `SELECT t.id AS "teacherId", y.unit_code AS "unitCode", y.sector, y.verdict AS before,
       CASE WHEN u.tier = 'SCHOOL' THEN u.parent_code ELSE u.code END AS "areaCode",
       y.centihours AS "centihoursBefore", y.required_centihours AS "requiredBefore",
       ${postsSql()} AS posts, ${touched('$1')} AS touched, ${touched('$2')} AS redecided
     FROM yearly_compliance y
     JOIN org_unit u ON u.code = y.unit_code
     JOIN teacher_copy t ON t.id = y.teacher_id
     WHERE y.year = $3 AND ${within('u.path', '$4')} AND ($5::uuid IS NULL OR t.id > $5)
     ORDER BY t.id LIMIT $6`,
    [reachesOf(changes), reachesOf(deciding), year, scope, after, limit],
  );
}

/** The years of these teachers by other parameters. */
async function judged(
  manager: EntityManager,
  rows: readonly Row[],
  { parameters, year }: { parameters: Parameters; year: number },
): Promise<{ teachers: SimulatedTeacher[]; changedDecisions: number }> {
  const newId = () => 'simulated';
  const changes = await redecide(
    manager,
    rows.filter(({ redecided }) => redecided),
    { parameters, newId },
  );
  const teachers = rows.map(({ posts, touched: isTouched, redecided: _, ...row }) => {
    const { before, centihoursBefore, requiredBefore } = row;
    if (!isTouched) {
      return {
        ...row,
        after: before,
        centihoursAfter: centihoursBefore,
        requiredAfter: requiredBefore,
      };
    }
    const added = hoursOf(changes.get(row.teacherId) ?? []).get(year) ?? 0;
    const centihoursAfter = centihoursBefore + added;
    const requirement = requirementIfAny(parameters, posts, year);
    const requiredAfter = requirement.centihours;
    return {
      ...row,
      after: verdictOf(centihoursAfter, requirement),
      centihoursAfter,
      requiredAfter,
    };
  });
  return { teachers, changedDecisions: [...changes.values()].flat().length };
}

const tooLarge = (scope: string, done: number) =>
  new DomainError(
    'LIMIT_EXCEEDED',
    {
      zh: `单位 ${scope} 教师过多，在限时内只试算了 ${done} 人；请按市、县分别试算，或用 startSimulation 在后台试算。`,
      en: `Unit ${scope} has too many teachers: ${done} were tried in time. Ask for each city or county, or have it gone through by startSimulation.`,
    },
    { rule: 'SIMULATION-SIZE' },
  );

const busy = () =>
  new DomainError(
    'UNAVAILABLE',
    {
      zh: '正在进行的试算较多，请稍后再试。',
      en: 'Other simulations are under way. Try again in a few seconds.',
    },
    { rule: 'SIMULATION-BUSY' },
  );
