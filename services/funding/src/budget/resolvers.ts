import type { Context } from '@yanxiu/subgraph/context';
import type { Resolvers } from '../generated/graphql.js';
import { bound, budgeted } from '../ledger/rules.js';
import { isUuid, required } from '../unit/queries.js';
import { adjustBudget, approveBudget } from './commands.js';
import { budgetById, budgetOf } from './queries.js';

const what = { zh: '预算', en: 'budget' };

async function loaded(context: Context, { budgetId }: { budgetId: string }) {
  return { budget: await required(context, await budgetById(context, budgetId), what, budgetId) };
}

export const resolvers: Resolvers = {
  Query: {
    budget: async (_, { id }, context) =>
      required(context, isUuid(id) ? await budgetById(context, id) : null, what, id),
  },
  Mutation: {
    approveBudget: async (_, { input }, context) =>
      loaded(context, await approveBudget(context, input)),
    adjustBudget: async (_, { input }, context) =>
      loaded(context, await adjustBudget(context, input)),
  },
  OrgUnit: {
    budget: ({ code }, { fiscalYear }, context) => budgetOf(context, code, fiscalYear),
  },
  Budget: {
    __resolveReference: ({ id }, context) => (isUuid(id) ? budgetById(context, id) : null),
    unit: ({ unitCode }) => ({ code: unitCode }),
    approved: ({ balances }) => budgeted(balances),
    available: ({ balances }) => balances.AVAILABLE,
    reserved: ({ balances }) => balances.RESERVED,
    committed: ({ balances }) => balances.COMMITTED,
    paid: ({ balances }) => balances.PAID,
    bound: ({ balances }) => bound(balances),
  },
};
