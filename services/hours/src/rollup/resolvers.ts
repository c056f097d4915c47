import { pageOf } from '@yanxiu/subgraph/pagination';
import { checkedYear } from '../compliance/queries.js';
import type { Resolvers } from '../generated/graphql.js';
import { overseenUnit } from '../teacher/queries.js';
import { unitSummaries } from './queries.js';

export const resolvers: Resolvers = {
  Query: {
    async complianceSummary(_, { under, tier, year, of, by, ...args }, context) {
      const { code } = await overseenUnit(context, under);
      const filter = { under: code, tier, year: checkedYear(year), kind: of, dimension: by };
      return unitSummaries(context, filter, pageOf(args, 'text'));
    },
  },
  UnitSummary: { unit: ({ unitCode }) => ({ code: unitCode }) },
  VerdictCount: {
    value: ({ value }) => value || null,
    total: ({ centihours }) => centihours,
  },
};
