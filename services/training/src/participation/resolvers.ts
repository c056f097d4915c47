import { load } from '@yanxiu/subgraph/context';
import { requireClass } from '../class/queries.js';
import { requireEnrolment } from '../enrolment/queries.js';
import type { Resolvers } from '../generated/graphql.js';
import { completeTrainingClass } from './commands.js';
import { participationById, participationOfEnrolment } from './queries.js';

export const resolvers: Resolvers = {
  Mutation: {
    async completeTrainingClass(_, { input }, context) {
      const { classId, participations } = await completeTrainingClass(context, input);
      return { trainingClass: await requireClass(context, classId), participations };
    },
  },
  Enrolment: {
    participation: ({ id }, _, context) => load(context, participationOfEnrolment, id),
  },
  Participation: {
    __resolveReference: ({ id }, context) => load(context, participationById, id),
    enrolment: ({ enrolmentId }, _, context) => requireEnrolment(context, enrolmentId),
    registrar: ({ registrarCode }) => ({ code: registrarCode }),
  },
};
