import { load } from '@yanxiu/subgraph/context';
import type { Resolvers } from '../generated/graphql.js';
import { openTrainingClass } from './commands.js';
import { classesOfProject, requireClass, requireProject, visibleClassById } from './queries.js';

export const resolvers: Resolvers = {
  Query: {
    trainingClass: (_, { id }, context) => load(context, visibleClassById, id),
  },
  Mutation: {
    async openTrainingClass(_, { input }, context) {
      const { classId } = await openTrainingClass(context, input);
      return { trainingClass: await requireClass(context, classId) };
    },
  },
  TrainingProject: {
    classes: async ({ id }, _, context) => (await load(context, classesOfProject, id)) ?? [],
  },
  TrainingClass: {
    __resolveReference: (reference, context) => load(context, visibleClassById, reference.id),
    project: ({ projectId }, _, context) => requireProject(context, projectId),
  },
};
