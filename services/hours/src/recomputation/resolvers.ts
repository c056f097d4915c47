import { pageOf } from '@yanxiu/subgraph/pagination';
import type { Resolvers } from '../generated/graphql.js';
import { recomputations } from './queries.js';

export const resolvers: Resolvers = {
  Query: {
    policyRecomputations: (_, args, context) => recomputations(context, pageOf(args, 'uuid')),
  },
  PolicyRecomputation: {
    scope: ({ scopeCode }) => (scopeCode ? { code: scopeCode } : null),
    state: ({ startedAt, finishedAt }) => (finishedAt ? 'DONE' : startedAt ? 'RUNNING' : 'WAITING'),
  },
};
