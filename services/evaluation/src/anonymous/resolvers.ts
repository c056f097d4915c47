import type { Resolvers } from '../generated/graphql.js';
import { VARIANT } from './blind-signature.js';
import { anonymousChannel } from './queries.js';
import { submitAnonymousResponse } from './responding.js';
import { signEvaluationToken } from './signing.js';

export const resolvers: Resolvers = {
  Query: {
    anonymousChannel: (_parent, { projectId }, context) => anonymousChannel(context, projectId),
  },
  Mutation: {
    signEvaluationToken: (_parent, { input }, context) => signEvaluationToken(context, input),
    submitAnonymousResponse: (_parent, { input }, context) =>
      submitAnonymousResponse(context, input),
  },
  AnonymousChannel: {
    variant: () => VARIANT,
  },
  TrainingProject: {
    anonymousChannel: ({ id }, _args, context) => anonymousChannel(context, id),
  },
};
