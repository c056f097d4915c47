import { pageOf } from '@yanxiu/subgraph/pagination';
import type { Resolvers } from '../generated/graphql.js';
import { checkedYear } from '../compliance/queries.js';
import { canSee, overseenUnit, today } from '../teacher/queries.js';
import { differingEntries } from './difference.js';
import { hoursReport } from './queries.js';
import { average } from './rules.js';
import { hoursAsOf } from './teacher.js';
import { checkedTimes } from './times.js';

export const resolvers: Resolvers = {
  Query: {
    async hoursReport(_, { unit, year, asOf, knownAt }, context) {
      const { code } = await overseenUnit(context, unit);
      const validAt = asOf ?? today(context);
      return hoursReport(context, code, checkedYear(year), {
        validAt,
        knownAt: knownAt ?? validAt,
      });
    },
    async hoursReportDifference(_, { unit, year, asOf, ...given }, context) {
      const { code } = await overseenUnit(context, unit);
      const [knownAt, until] = checkedTimes(given.knownAt, given.until ?? today(context));
      const times = { validAt: asOf, knownAt, until };
      return differingEntries(
        context,
        { unitCode: code, year: checkedYear(year), ...times },
        pageOf(given, 'instant', 'uuid'),
      );
    },
  },
  Teacher: {
    async hoursAsOf({ id }, { year, validAt: on, knownAt }, context) {
      if (!(await canSee(context, id))) return null;
      const validAt = on ?? today(context);
      const times = { validAt, knownAt: knownAt ?? validAt };
      return hoursAsOf(context, id, checkedYear(year), times);
    },
  },
  HoursReport: {
    unit: ({ unitCode }) => ({ code: unitCode }),
    total: ({ centihours }) => centihours,
    average: ({ centihours, teachers }) => average(centihours, teachers),
  },
  HoursAsOf: {
    unit: ({ unitCode }) => (unitCode ? { code: unitCode } : null),
    total: ({ centihours }) => centihours,
    basis: ({ policy }) => policy,
  },
};
