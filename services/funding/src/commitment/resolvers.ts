import { load } from '@yanxiu/subgraph/context';
import type { Resolvers } from '../generated/graphql.js';
import { budgetById } from '../budget/queries.js';
import { paymentsOfCommitments } from '../payment/queries.js';
import { isUuid } from '../unit/queries.js';
import { commitmentById, fundsOf, type ProjectFundsRow } from './queries.js';
import { remaining } from './rules.js';
import type { Context } from '@yanxiu/subgraph/context';

const commitmentOf = (context: Context, { commitmentId }: ProjectFundsRow) =>
  commitmentId ? commitmentById(context, commitmentId) : null;

export const resolvers: Resolvers = {
  TrainingProject: {
    __resolveReference: ({ id }) => ({ id }),
    funds: ({ id }, _, context) => (isUuid(id) ? fundsOf(context, id) : null),
  },
  ProjectFunds: {
    organiser: ({ unitCode }) => ({ code: unitCode }),
    requested: ({ amountFen }) => amountFen,
    budget: ({ budgetId }, _, context) => (budgetId ? budgetById(context, budgetId) : null),
    reserved: ({ state, amountFen }) => (state === 'RESERVED' ? amountFen : 0),
    committed: async (funds, _, context) => {
      const commitment = await commitmentOf(context, funds);
      return commitment ? commitment.amountFen - commitment.releasedFen : 0;
    },
    paid: async (funds, _, context) => (await commitmentOf(context, funds))?.paidFen ?? 0,
    remaining: async (funds, _, context) => {
      const commitment = await commitmentOf(context, funds);
      return commitment ? remaining(commitment) : 0;
    },
    commitment: (funds, _, context) => commitmentOf(context, funds),
    refusedReason: ({ refusedReason }, _, { locale }) => refusedReason?.[locale] ?? null,
  },
  Commitment: {
    __resolveReference: ({ id }, context) => (isUuid(id) ? commitmentById(context, id) : null),
    project: ({ projectId }) => ({ id: projectId }),
    organiser: ({ unitCode }) => ({ code: unitCode }),
    amount: ({ amountFen }) => amountFen,
    paid: ({ paidFen }) => paidFen,
    released: ({ releasedFen }) => releasedFen,
    remaining: (commitment) => remaining(commitment),
    payments: async ({ id }, _, context) => (await load(context, paymentsOfCommitments, id)) ?? [],
  },
};
