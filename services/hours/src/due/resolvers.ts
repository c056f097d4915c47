import { pageOf } from '@yanxiu/subgraph/pagination';
import type { Resolvers } from '../generated/graphql.js';
import { overseenUnit } from '../teacher/queries.js';
import { dueTraining } from './queries.js';

export const resolvers: Resolvers = {
  Query: {
    async dueTraining(_, { under, kind, ...args }, context) {
      const unit = await overseenUnit(context, under);
      return dueTraining(context, { under: unit, kind }, pageOf(args, 'uuid'));
    },
  },
  DueTraining: {
    teacher: ({ teacherId }) => ({ id: teacherId }),
    unit: ({ unitCode }) => ({ code: unitCode }),
    basis: ({ policy }) => policy,
  },
};
