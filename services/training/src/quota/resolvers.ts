import { load } from '@yanxiu/subgraph/context';
import { requireClass } from '../class/queries.js';
import type { Resolvers } from '../generated/graphql.js';
import { allocateQuota } from './commands.js';
import { quotasOfClass, requireQuota, visibleQuotaById } from './queries.js';

export const resolvers: Resolvers = {
  Mutation: {
    async allocateQuota(_, { input }, context) {
      const { classId, unitCode } = await allocateQuota(context, input);
      return { quota: await requireQuota(context, classId, unitCode) };
    },
  },
  TrainingClass: {
    quotas: async ({ id }, _, context) => (await load(context, quotasOfClass, id)) ?? [],
  },
  Quota: {
    __resolveReference: ({ id }, context) => load(context, visibleQuotaById, id),
    trainingClass: ({ classId }, _, context) => requireClass(context, classId),
    unit: ({ unitCode }) => ({ code: unitCode }),
    source: ({ sourceCode }) => (sourceCode === null ? null : { code: sourceCode }),
    free: ({ seats, given, used }) => seats - given - used,
  },
};
