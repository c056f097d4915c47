import type { Resolvers } from '../generated/graphql.js';
import { checkedYear } from '../compliance/queries.js';
import { overseenUnit, today } from '../teacher/queries.js';
import { hoursReport } from './queries.js';
import { average } from './rules.js';

export const resolvers: Resolvers = {
  Query: {
    async hoursReport(_, { unit, year, asOf }, context) {
      const { code } = await overseenUnit(context, unit);
      return hoursReport(context, code, checkedYear(year), asOf ?? today(context));
    },
  },
  HoursReport: {
    unit: ({ unitCode }) => ({ code: unitCode }),
    total: ({ centihours }) => centihours,
    average: ({ centihours, teachers }) => average(centihours, teachers),
  },
};
