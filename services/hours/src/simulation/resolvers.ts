import { load, requireActor, type Context } from '@yanxiu/subgraph/context';
import { notFound } from '@yanxiu/subgraph/errors';
import { connectionOf, pageOf, type Connection, type Page } from '@yanxiu/subgraph/pagination';
import { checkedYear } from '../compliance/queries.js';
import type { Resolvers, SimulatedPolicyInput } from '../generated/graphql.js';
import { canSee, overseenUnit } from '../teacher/queries.js';
import { isUuid } from '../teacher/rules.js';
import { start } from './commands.js';
import { simulate } from './queries.js';
import type { Counts, SimulatedCount, SimulatedTeacher } from './rules.js';
import { READERS, runs, runsById } from './runs.js';

const RUN = { zh: '试算', en: 'simulation' };

const sorted = (counts: Readonly<Record<string, SimulatedCount>>) =>
  Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1));

const areasOf = ({ areas }: Counts) =>
  sorted(areas).map(([code, count]) => ({ unit: { code }, count }));
const sectorsOf = ({ sectors }: Counts) =>
  sorted(sectors).map(([sector, count]) => ({ sector, count }));

/** Changes as they are asked for, all that is left out said. */
const versionsOf = (changes: readonly SimulatedPolicyInput[]) =>
  changes.map(({ value, validTo, scopeCode, ...change }) => ({
    ...change,
    value: (value ?? null) as unknown,
    validTo: validTo ?? null,
    scopeCode: scopeCode ?? null,
  }));

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
  Mutation: {
    startSimulation: (_, { input: { changes, year, ...rest } }, context) =>
      start(context, { ...rest, changes: versionsOf(changes), year: checkedYear(year) }),
  },
  StartSimulationPayload: {
    async run({ id }, _, context) {
      const run = await load(context, runsById, id);
      if (run) return run;
      throw notFound(RUN, id);
    },
  },
  Query: {
    async simulatePolicy(_, { changes, scope, year }, context) {
      const { code } = await overseenUnit(context, scope);
      const simulated = { changes: versionsOf(changes), scope: code, year: checkedYear(year) };
      return simulate(context, simulated);
    },
    simulationRun: async (_, { id }, context) => {
      requireActor(context, ...READERS);
      const run = isUuid(id) ? await load(context, runsById, id) : null;
      if (run) return run;
      throw notFound(RUN, id);
    },
    simulationRuns: (_, args, context) => runs(context, pageOf(args, 'uuid')),
  },
  PolicySimulation: {
    unit: ({ scope }) => ({ code: scope }),
    all: ({ counts }) => counts.all,
    byArea: ({ counts }) => areasOf(counts),
    bySector: ({ counts }) => sectorsOf(counts),
    changedTeachers: ({ changed }, args, context) =>
      changedTeachers(context, changed, pageOf(args, 'uuid')),
  },
  SimulationRun: {
    unit: ({ scope }) => ({ code: scope }),
    state: ({ startedAt, finishedAt }) => (finishedAt ? 'DONE' : startedAt ? 'RUNNING' : 'WAITING'),
    all: ({ counts }) => counts.all,
    byArea: ({ counts }) => areasOf(counts),
    bySector: ({ counts }) => sectorsOf(counts),
  },
  SimulatedChange: { scope: ({ scopeCode }) => (scopeCode ? { code: scopeCode } : null) },
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
