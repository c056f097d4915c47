import { load } from '@yanxiu/subgraph/context';
import { notFound } from '@yanxiu/subgraph/errors';
import type { Resolvers } from '../generated/graphql.js';
import { publishInstrument } from './commands.js';
import { instrumentById, instruments } from './queries.js';

export const resolvers: Resolvers = {
  Query: {
    instruments: (_parent, { kind }, context) => instruments(context, kind),
  },
  Mutation: {
    publishInstrument: async (_parent, { input }, context) => {
      const { instrumentId } = await publishInstrument(context, input);
      const instrument = await load(context, instrumentById, instrumentId);
      if (!instrument) throw notFound({ zh: '评估工具', en: 'instrument' }, instrumentId);
      return { instrument };
    },
  },
  Instrument: {
    __resolveReference: ({ id }, context) => load(context, instrumentById, id),
  },
};
