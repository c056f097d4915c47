import { load } from '@yanxiu/subgraph/context';
import type { Resolvers } from '../generated/graphql.js';
import { isUuid } from '../unit/queries.js';
import { entryById, journal, linesOfEntries } from './queries.js';

export const resolvers: Resolvers = {
  Query: {
    journal: (_, args, context) => journal(context, args),
  },
  JournalEntry: {
    __resolveReference: ({ id }, context) => (isUuid(id) ? entryById(context, id) : null),
    unit: ({ unitCode }) => ({ code: unitCode }),
    project: ({ projectId }) => (projectId ? { id: projectId } : null),
    lines: async ({ id }, _, context) => (await load(context, linesOfEntries, id)) ?? [],
    reverses: ({ reversesEntryId }, _, context) =>
      reversesEntryId ? entryById(context, reversesEntryId) : null,
  },
  JournalLine: { amount: ({ amountFen }) => amountFen },
};
