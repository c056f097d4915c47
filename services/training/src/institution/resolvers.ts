import { localDate } from '@yanxiu/subgraph/calendar';
import { load, nowOf, type Context } from '@yanxiu/subgraph/context';
import type { Resolvers } from '../generated/graphql.js';
import {
  accreditInstitution,
  registerInstitution,
  reinstateInstitution,
  suspendInstitution,
} from './commands.js';
import { TrainingInstitution } from './entity.js';
import {
  accreditationsOf,
  institutionById,
  ratingsOf,
  suspensionsOf,
  trainingInstitution,
  trainingInstitutions,
} from './queries.js';
import { holdsOn } from './rules.js';

const payload = async (context: Context, { institutionId }: { institutionId: string }) => ({
  institution: await context.db.manager.findOneByOrFail(TrainingInstitution, { id: institutionId }),
});

export const resolvers: Resolvers = {
  Query: {
    trainingInstitution: (_, args, context) => trainingInstitution(context, args),
    trainingInstitutions: (_, args, context) => trainingInstitutions(context, args),
  },
  Mutation: {
    registerInstitution: async (_, { input }, context) =>
      payload(context, await registerInstitution(context, input)),
    accreditInstitution: async (_, { input }, context) =>
      payload(context, await accreditInstitution(context, input)),
    suspendInstitution: async (_, { input }, context) =>
      payload(context, await suspendInstitution(context, input)),
    reinstateInstitution: async (_, { input }, context) =>
      payload(context, await reinstateInstitution(context, input)),
  },
  TrainingInstitution: {
    // Its directory entry is shown wherever a visible object refers to it.
    __resolveReference: (reference, context) =>
      'id' in reference && typeof reference.id === 'string'
        ? context.actor && load(context, institutionById, reference.id)
        : trainingInstitution(context, reference),
    unit: (institution) => ({ code: institution.unitCode }),
    accreditations: async ({ id }, _, context) => (await load(context, accreditationsOf, id)) ?? [],
    suspensions: async ({ id }, _, context) => (await load(context, suspensionsOf, id)) ?? [],
    suspended: async ({ id }, _, context) => {
      const today = localDate(nowOf(context));
      return ((await load(context, suspensionsOf, id)) ?? []).some((s) => holdsOn(s, today));
    },
    ratingHistory: async ({ id }, _, context) =>
      context.actor?.role === 'OFFICER' ? ((await load(context, ratingsOf, id)) ?? []) : [],
  },
  Accreditation: {
    byUnit: (accreditation) => ({ code: accreditation.byUnitCode }),
  },
  InstitutionSuspension: {
    byUnit: (suspension) => ({ code: suspension.byUnitCode }),
  },
  InstitutionRatingNote: {
    ratingId: (rating) => rating.id,
  },
};
