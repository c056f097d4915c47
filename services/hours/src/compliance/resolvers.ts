import { load, requireActor, type Context } from '@yanxiu/subgraph/context';
import { notFound } from '@yanxiu/subgraph/errors';
import { pageOf } from '@yanxiu/subgraph/pagination';
import type { PolicyVersion } from '@yanxiu/registry/policy';
import type { Resolvers } from '../generated/graphql.js';
import { entriesOfYears, hoursBySource } from '../ledger/queries.js';
import { policyVersions } from '../policy/queries.js';
import { canSee, overseenUnit } from '../teacher/queries.js';
import { isUuid } from '../teacher/rules.js';
import { checkedYear } from './queries.js';
import { missing, verdictWords } from './rules.js';
import { notOnTarget } from './target.js';
import { cycleView, standings, verdictView, yearView, type YearView } from './views.js';

const basisOf = (
  context: Context,
  { policyKey, policyVersion }: YearView,
): Promise<PolicyVersion | null> | null =>
  policyKey ? load(context, policyVersions, `${policyKey}@${policyVersion}`) : null;

export const resolvers: Resolvers = {
  Query: {
    async explainVerdict(_, { teacherId, year }, context) {
      requireActor(context);
      const seen = isUuid(teacherId) && (await canSee(context, teacherId));
      const view = seen ? await verdictView(context, teacherId, checkedYear(year)) : null;
      if (view) return view;
      throw notFound({ zh: '教师', en: 'teacher' }, teacherId);
    },
    async myHours(_, { year }, context) {
      const { teacher } = requireActor(context);
      return teacher ? yearView(context, teacher, checkedYear(year)) : null;
    },
    async compliances(_, { under, year, verdict, ...args }, context) {
      const unit = await overseenUnit(context, under);
      const filter = { under: unit, year: checkedYear(year), verdict: verdict ?? null };
      return standings(context, filter, pageOf(args, 'uuid'));
    },
    async notOnTarget(_, { under, year, ...args }, context) {
      const unit = await overseenUnit(context, under);
      const filter = { under: unit, year: checkedYear(year) };
      return notOnTarget(context, filter, pageOf(args, 'uuid'));
    },
  },
  Teacher: {
    hours: async ({ id }, { year }, context) =>
      (await canSee(context, id)) ? yearView(context, id, checkedYear(year)) : null,
    cycleHours: async ({ id }, { year }, context) =>
      (await canSee(context, id)) ? cycleView(context, id, checkedYear(year)) : null,
  },
  YearlyHours: {
    total: ({ centihours }) => centihours,
    missing: ({ required, centihours }) => missing(required, centihours),
    bySource: async ({ teacherId, year }, _, context) =>
      (await load(context, hoursBySource, `${teacherId}:${year}`)) ?? [],
    basis: (view, _, context) => basisOf(context, view),
  },
  VerdictExplanation: {
    text: ({ year, months }, _, { locale }) => verdictWords(year, months)[locale],
    hours: ({ year }) => year,
    monthsInService: ({ months }) => months,
    entries: async ({ year: { teacherId, year } }, _, context) =>
      (await load(context, entriesOfYears, `${teacherId}:${year}`)) ?? [],
  },
  SourceHours: { hours: ({ centihours }) => centihours },
  CycleHours: {
    total: ({ centihours }) => centihours,
    missing: ({ required, centihours }) => missing(required, centihours),
    basis: ({ policy }) => policy,
  },
  NotOnTarget: {
    teacher: ({ teacherId }) => ({ id: teacherId }),
    unit: ({ unitCode }) => ({ code: unitCode }),
    async hours({ teacherId, year }, _, context) {
      const view = await yearView(context, teacherId, year);
      if (view) return view;
      throw notFound({ zh: '教师', en: 'teacher' }, teacherId);
    },
    cycle: ({ teacherId, year }, _, context) => cycleView(context, teacherId, year),
  },
  Compliance: {
    teacher: ({ teacherId }) => ({ id: teacherId }),
    unit: ({ unitCode }) => ({ code: unitCode }),
  },
};
