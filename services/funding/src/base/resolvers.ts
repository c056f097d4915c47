import type { Resolvers } from '../generated/graphql.js';
import { declareFundingBase } from './commands.js';
import { baseById, baseOf, baseVersions } from './queries.js';
import { isUuid } from '../unit/queries.js';

export const resolvers: Resolvers = {
  Mutation: {
    async declareFundingBase(_, { input }, context) {
      const { fundingBaseId } = await declareFundingBase(context, input);
      const fundingBase = await baseById(context, fundingBaseId);
      if (!fundingBase) throw new Error(`declaration ${fundingBaseId} is gone after its command`);
      return { fundingBase };
    },
  },
  FundingBase: {
    __resolveReference: ({ id }, context) => (isUuid(id) ? baseById(context, id) : null),
    unit: ({ unitCode }) => ({ code: unitCode }),
    payroll: ({ payrollFen }) => payrollFen,
    teacherPayroll: ({ teacherPayrollFen }) => teacherPayrollFen,
    publicFunds: ({ publicFundsFen }) => publicFundsFen,
    declaredBy: ({ declaredByCode }) => ({ code: declaredByCode }),
  },
  OrgUnit: {
    fundingBase: ({ code }, { fiscalYear }, context) => baseOf(context, code, fiscalYear),
    fundingBaseVersions: ({ code }, { fiscalYear }, context) =>
      baseVersions(context, code, fiscalYear),
  },
};
