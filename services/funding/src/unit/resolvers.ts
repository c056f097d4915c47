import type { Resolvers } from '../generated/graphql.js';

export const resolvers: Resolvers = {
  OrgUnit: { __resolveReference: ({ code }) => ({ code }) },
};
