import { load } from '@yanxiu/subgraph/context';
import { requireClass, requireProject } from '../class/queries.js';
import type { Resolvers } from '../generated/graphql.js';
import { confirmEnrolments, withdrawEnrolment } from './commands.js';
import { enrolmentById, listEnrolments, requireEnrolment } from './queries.js';

export const resolvers: Resolvers = {
  Query: {
    enrolment: (_, { id }, context) => load(context, enrolmentById, id),
  },
  Mutation: {
    async confirmEnrolments(_, { input }, context) {
      const { classId, enrolmentIds } = await confirmEnrolments(context, input);
      return { trainingClass: await requireClass(context, classId), enrolmentIds };
    },
    async withdrawEnrolment(_, { input }, context) {
      const { enrolmentId } = await withdrawEnrolment(context, input);
      return { enrolment: await requireEnrolment(context, enrolmentId) };
    },
  },
  TrainingProject: {
    enrolments: ({ id }, args, context) => listEnrolments(context, 'project_id', id, args),
  },
  TrainingClass: {
    enrolments: ({ id }, args, context) => listEnrolments(context, 'class_id', id, args),
  },
  Enrolment: {
    __resolveReference: ({ id }, context) => load(context, enrolmentById, id),
    teacher: ({ teacherId }) => ({ id: teacherId }),
    class: ({ classId }, _, context) => requireClass(context, classId),
    project: ({ projectId }, _, context) => requireProject(context, projectId),
    unit: ({ unitCode }) => ({ code: unitCode }),
  },
};
