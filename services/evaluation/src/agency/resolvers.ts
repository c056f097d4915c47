import { load, type Context } from '@yanxiu/subgraph/context';
import type { Resolvers } from '../generated/graphql.js';
import { submitAgencyAssessment } from './commands.js';
import { AgencyAssessment } from './entity.js';
import { assessmentsByEvaluation } from './queries.js';

const hidden = ({ actor }: Context): boolean => !actor || actor.role === 'TEACHER';

export const resolvers: Resolvers = {
  Mutation: {
    submitAgencyAssessment: async (_parent, { input }, context) => {
      const { assessmentId } = await submitAgencyAssessment(context, input);
      const assessment = await context.db.manager.findOneByOrFail(AgencyAssessment, {
        id: assessmentId,
      });
      return { assessment };
    },
  },
  ProjectEvaluation: {
    agencyAssessments: (evaluation, _args, context) =>
      hidden(context) ? null : load(context, assessmentsByEvaluation, evaluation.id),
  },
};
