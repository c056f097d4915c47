import type { Resolvers } from '../generated/graphql.js';
import { recordStudy } from './commands.js';
import { StudyRecord } from './entity.js';
import { studyRecord, studyRecords } from './queries.js';

export const resolvers: Resolvers = {
  Query: {
    studyRecords: (_, { unitCode, year }, context) => studyRecords(context, unitCode, year ?? null),
  },
  Mutation: {
    recordStudy: async (_, { input }, context) => {
      const { studyRecordId: id } = await recordStudy(context, input);
      return { studyRecord: await context.db.manager.findOneByOrFail(StudyRecord, { id }) };
    },
  },
  StudyRecord: {
    __resolveReference: ({ id }, context) => studyRecord(context, id),
    unit: (record) => ({ code: record.unitCode }),
  },
};
