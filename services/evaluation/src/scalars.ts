import { GraphQLScalarType } from 'graphql';
import { formatHundredths } from '@yanxiu/subgraph/decimal';

/** Integer hundredths inside, a decimal string with two places outside; output only. */
export const resolvers = {
  Score: new GraphQLScalarType<number, string>({
    name: 'Score',
    serialize: (value) => formatHundredths(Number(value)),
  }),
};
