import { load } from '@yanxiu/subgraph/context';
import type { Resolvers } from '../generated/graphql.js';
import {
  institutionRatings,
  pooledByInstitution,
  ratingById,
  ratingsByInstitution,
} from './queries.js';

export const resolvers: Resolvers = {
  Query: {
    institutionRatings: (_parent, args, context) => institutionRatings(context, args),
  },
  TrainingInstitution: {
    __resolveReference: ({ id }) => ({ id }),
    rating: async ({ id }, _args, context) =>
      (await load(context, ratingsByInstitution, id))?.[0] ?? null,
    ratings: async ({ id }, _args, context) =>
      (await load(context, ratingsByInstitution, id)) ?? [],
    pooledResults: async ({ id }, _args, context) =>
      (await load(context, pooledByInstitution, id)) ?? [],
  },
  InstitutionRating: {
    __resolveReference: ({ id }, context) => load(context, ratingById, id),
    institution: (rating) => ({ id: rating.institutionId }),
    project: (rating) => ({ id: rating.projectId }),
  },
};
