import type { Context } from '@yanxiu/subgraph/context';
import type { Resolvers } from '../generated/graphql.js';
import { acceptAnnualPlan, draftAnnualPlan, fileAnnualPlan, returnAnnualPlan } from './commands.js';
import { AnnualPlan } from './entity.js';
import { annualPlan, annualPlanById, annualPlans, unitsWithoutPlan } from './queries.js';

const payload = async (context: Context, { planId }: { planId: string }) => ({
  annualPlan: await context.db.manager.findOneByOrFail(AnnualPlan, { id: planId }),
});

export const resolvers: Resolvers = {
  Query: {
    annualPlan: (_, { unitCode, year }, context) => annualPlan(context, unitCode, year),
    annualPlans: (_, args, context) => annualPlans(context, args),
    orgUnitsWithoutPlan: (_, args, context) => unitsWithoutPlan(context, args),
  },
  Mutation: {
    draftAnnualPlan: async (_, { input }, context) =>
      payload(context, await draftAnnualPlan(context, input)),
    fileAnnualPlan: async (_, { input }, context) =>
      payload(context, await fileAnnualPlan(context, input)),
    acceptAnnualPlan: async (_, { input }, context) =>
      payload(context, await acceptAnnualPlan(context, input)),
    returnAnnualPlan: async (_, { input }, context) =>
      payload(context, await returnAnnualPlan(context, input)),
  },
  AnnualPlan: {
    __resolveReference: ({ id }, context) => annualPlanById(context, id),
    unit: (plan) => ({ code: plan.unitCode }),
    superior: (plan) => ({ code: plan.superiorCode }),
  },
  AnnualPlanItem: {
    budget: (item) => item.budgetFen,
  },
  PlanDuty: {
    unit: (duty) => ({ code: duty.unitCode }),
    superior: (duty) => (duty.superiorCode ? { code: duty.superiorCode } : null),
  },
};
