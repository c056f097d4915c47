import type { Resolvers } from '../generated/graphql.js';
import { baseById, baseOf } from '../base/queries.js';
import { requirement, shortfalls, shortfallsOf } from './queries.js';
import { isMet, missingTo } from './rules.js';

export const resolvers: Resolvers = {
  Query: {
    fundingShortfalls: (_, args, context) => shortfalls(context, args),
  },
  OrgUnit: {
    statutoryRequirement: ({ code }, { fiscalYear }, context) =>
      requirement(context, code, fiscalYear),
    fundingShortfalls: ({ code }, { fiscalYear }, context) =>
      shortfallsOf(context, code, fiscalYear),
  },
  StatutoryRequirement: {
    unit: ({ unitCode }) => ({ code: unitCode }),
    baseAmount: ({ baseFen }) => baseFen,
    required: ({ requiredFen }) => requiredFen,
    budgeted: ({ budgetedFen }) => budgetedFen,
    shortfall: ({ shortfallFen }) => shortfallFen,
    met: (row) => isMet(row.comparator, row.requiredFen, row.budgetedFen),
    base: async ({ fundingBaseId }, _, context) => {
      const base = await baseById(context, fundingBaseId);
      if (!base) throw new Error(`requirement without declaration ${fundingBaseId}`);
      return base;
    },
  },
  FundingShortfalls: {
    unit: ({ unitCode }) => ({ code: unitCode }),
    required: ({ requiredFen }) => requiredFen,
    budgeted: ({ budgetedFen }) => budgetedFen,
    spent: ({ spentFen }) => spentFen,
    notBudgeted: ({ requiredFen, budgetedFen }) =>
      requiredFen === null ? null : missingTo(requiredFen, budgetedFen),
    notSpent: ({ budgetedFen, spentFen }) => missingTo(budgetedFen, spentFen),
    base: ({ unitCode, fiscalYear }, _, context) => baseOf(context, unitCode, fiscalYear),
    requirement: ({ unitCode, fiscalYear }, _, context) =>
      requirement(context, unitCode, fiscalYear),
  },
};
