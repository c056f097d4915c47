import type { Resolvers } from '../generated/graphql.js';
import { unitByCode } from '../org-unit/queries.js';
import { pageOf } from '@yanxiu/subgraph/pagination';
import { publishDefaultPolicies, registerPolicyInstrument } from './commands.js';
import { draftPolicy, publishPolicy, withdrawPolicyDraft } from './draft.js';
import {
  comparisonOf,
  draftById,
  instrumentOf,
  policiesInForce,
  policyDrafts,
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
    policyDrafts: (_, { status, key, ...args }, context) =>
      policyDrafts(context, { status: status ?? null, key: key ?? null }, pageOf(args, 'uuid')),
    policyDraft: (_, { id }, context) => draftById(context, id),
  },
  Mutation: {
    publishDefaultPolicies: (_, { input }, context) => publishDefaultPolicies(context, input),
    registerPolicyInstrument: async (_, { input }, context) => {
      const { citation } = await registerPolicyInstrument(context, input);
      return { instrument: await instrumentOf(context, citation) };
    },
    draftPolicy: async (_, { input }, context) => {
      const { draftId } = await draftPolicy(context, input);
      return { draft: await draftById(context, draftId) };
    },
    withdrawPolicyDraft: async (_, { input }, context) => {
      const { draftId } = await withdrawPolicyDraft(context, input);
      return { draft: await draftById(context, draftId) };
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
  PolicyDraft: {
    scope: ({ scopeCode }, _args, context) => (scopeCode ? unitByCode(context, scopeCode) : null),
    instrument: ({ instrument }, _args, context) => instrumentOf(context, instrument),
    draftedFor: ({ unitCode }, _args, context) => unitByCode(context, unitCode),
    policy: ({ key, version }, _args, context) =>
      version === null ? null : policyVersion(context, key, version),
    comparison: (draft, _args, context) => comparisonOf(context, draft),
  },
  PolicyComparison: { publishedSince: ({ since }) => since },
};
