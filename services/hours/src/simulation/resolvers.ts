import type { Context } from '@yanxiu/subgraph/context';
import { connectionOf, pageOf, type Connection, type Page } from '@yanxiu/subgraph/pagination';
import { checkedYear } from '../compliance/queries.js';
import type { Resolvers } from '../generated/graphql.js';
import { canSee, overseenUnit } from '../teacher/queries.js';
import { simulate } from './queries.js';
import type { SimulatedCount, SimulatedTeacher } from './rules.js';

const sorted = (counts: ReadonlyMap<string, SimulatedCount>) =>
  [...counts].sort(([a], [b]) => (a < b ? -1 : 1));

/** Teachers who would change verdict, as far as the actor may see them. */
async function changedTeachers(
  context: Context,
  changed: readonly SimulatedTeacher[],
  page: Page,
): Promise<Connection<SimulatedTeacher>> {
  const after = page.after?.[0];
  const rest = after ? changed.filter(({ teacherId }) => teacherId > after) : changed;
  const seen: SimulatedTeacher[] = [];
  for (let from = 0; from < rest.length && seen.length <= page.limit; from += page.limit + 1) {
    const some = rest.slice(from, from + page.limit + 1);
    const visible = await Promise.all(some.map(({ teacherId }) => canSee(context, teacherId)));
    seen.push(...some.filter((_, index) => visible[index]));
  }
  return connectionOf(seen.slice(0, page.limit + 1), page, ({ teacherId }) => [teacherId]);
}

export const resolvers: Resolvers = {
  Query: {
    async simulatePolicy(_, { changes, scope, year }, context) {
      const { code } = await overseenUnit(context, scope);
      const versions = changes.map(({ value, validTo, scopeCode, ...change }) => ({
        ...change,
        value: value ?? null,
        validTo: validTo ?? null,
        scopeCode: scopeCode ?? null,
      }));
      return simulate(context, { changes: versions, scope: code, year: checkedYear(year) });
    },
  },
  PolicySimulation: {
    unit: ({ scope }) => ({ code: scope }),
    all: ({ tally }) => tally.all,
    byArea: ({ tally }) => sorted(tally.areas).map(([code, count]) => ({ unit: { code }, count })),
    bySector: ({ tally }) => sorted(tally.sectors).map(([sector, count]) => ({ sector, count })),
    changedTeachers: ({ tally }, args, context) =>
      changedTeachers(context, tally.changed, pageOf(args, 'uuid')),
  },
  VerdictCounts: {
    met: ({ MET }) => MET,
    short: ({ SHORT }) => SHORT,
    notRegulated: ({ NOT_REGULATED }) => NOT_REGULATED,
    exempt: ({ EXEMPT }) => EXEMPT,
  },
  SimulatedTeacher: {
    teacher: ({ teacherId }) => ({ id: teacherId }),
    unit: ({ unitCode }) => ({ code: unitCode }),
    totalBefore: ({ centihoursBefore }) => centihoursBefore,
    totalAfter: ({ centihoursAfter }) => centihoursAfter,
  },
};
