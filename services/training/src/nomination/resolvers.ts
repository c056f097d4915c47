import { load } from '@yanxiu/subgraph/context';
import { requireClass } from '../class/queries.js';
import type { Resolvers } from '../generated/graphql.js';
import { nominateTeachers, withdrawNomination } from './commands.js';
import { listNominations, nominationById, requireNomination } from './queries.js';

export const resolvers: Resolvers = {
  Mutation: {
    async nominateTeachers(_, { input }, context) {
      const { classId, results } = await nominateTeachers(context, input);
      return { trainingClass: await requireClass(context, classId), results };
    },
    async withdrawNomination(_, { input }, context) {
      const { nominationId } = await withdrawNomination(context, input);
      return { nomination: await requireNomination(context, nominationId) };
    },
  },
  TrainingClass: {
    nominations: ({ id }, args, context) => listNominations(context, id, args),
  },
  Nomination: {
    __resolveReference: ({ id }, context) => load(context, nominationById, id),
    trainingClass: ({ classId }, _, context) => requireClass(context, classId),
    teacher: ({ teacherId }) => ({ id: teacherId }),
    unit: ({ unitCode }) => ({ code: unitCode }),
    quotaUnit: ({ quotaUnitCode }) => ({ code: quotaUnitCode }),
    nominatedBy: ({ nominatedBy }) => ({ code: nominatedBy }),
  },
  NominationResult: {
    nomination: ({ nominationId }, _, context) =>
      nominationId === null ? null : load(context, nominationById, nominationId),
    refusal: ({ refusal }, _, { locale }) =>
      refusal && { rule: refusal.rule, message: refusal.text[locale] },
  },
};
