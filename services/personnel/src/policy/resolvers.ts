import type { Resolvers } from '../generated/graphql.js';
import { unitByCode } from '../org-unit/queries.js';
import { publishDefaultPolicies, publishPolicy, registerPolicyInstrument } from './commands.js';
import {
  instrumentOf,
  policiesInForce,
  policyInstruments,
  policyVersion,
  policyVersions,
} from './queries.js';

export const resolvers: Resolvers = {
  Query: {
    policies: (_, args, context) => policiesInForce(context, args),
    policy: async (_, { key, ...asked }, context) =>
      (await policiesInForce(context, asked, key))[0] ?? null,
    policyVersions: (_, { key }, context) => policyVersions(context, key),
    policyInstruments: (_, _args, context) => policyInstruments(context),
  },
  Mutation: {
    publishDefaultPolicies: (_, { input }, context) => publishDefaultPolicies(context, input),
    registerPolicyInstrument: async (_, { input }, context) => {
      const { citation } = await registerPolicyInstrument(context, input);
      return { instrument: await instrumentOf(context, citation) };
    },
    publishPolicy: async (_, { input }, context) => {
      const { key, version } = await publishPolicy(context, input);
      return { policy: await policyVersion(context, key, version) };
    },
  },
  Policy: {
    scope: ({ scopeCode }, _args, context) => (scopeCode ? unitByCode(context, scopeCode) : null),
    instrument: ({ instrument }, _args, context) => instrumentOf(context, instrument),
  },
};
