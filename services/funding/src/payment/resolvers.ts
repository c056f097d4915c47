import type { Context } from '@yanxiu/subgraph/context';
import type { Resolvers } from '../generated/graphql.js';
import { commitmentById } from '../commitment/queries.js';
import { entryById } from '../ledger/queries.js';
import { isUuid, required } from '../unit/queries.js';
import { recordPayment, reversePayment } from './commands.js';
import { paymentById, payments } from './queries.js';

const what = { zh: '支付', en: 'payment' };

async function loaded(context: Context, { paymentId }: { paymentId: string }) {
  const payment = await paymentById(context, paymentId);
  return { payment: await required(context, payment, what, paymentId) };
}

export const resolvers: Resolvers = {
  Query: {
    payments: (_, args, context) => payments(context, args),
  },
  Mutation: {
    recordPayment: async (_, { input }, context) =>
      loaded(context, await recordPayment(context, input)),
    reversePayment: async (_, { input }, context) =>
      loaded(context, await reversePayment(context, input)),
  },
  Payment: {
    __resolveReference: ({ id }, context) => (isUuid(id) ? paymentById(context, id) : null),
    project: ({ projectId }) => ({ id: projectId }),
    async commitment({ commitmentId }, _, context) {
      const commitment = await commitmentById(context, commitmentId);
      if (!commitment) throw new Error(`payment without commitment ${commitmentId}`);
      return commitment;
    },
    organiser: ({ unitCode }) => ({ code: unitCode }),
    amount: ({ amountFen }) => amountFen,
    async entry({ entryId }, _, context) {
      const entry = await entryById(context, entryId);
      if (!entry) throw new Error(`payment without entry ${entryId}`);
      return entry;
    },
    reversed: ({ reversalId }) => reversalId !== null,
    reversal: ({ reversalId }, _, context) => (reversalId ? entryById(context, reversalId) : null),
  },
};
