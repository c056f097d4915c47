import { load, type Context } from '@yanxiu/subgraph/context';
import type { Resolvers } from '../generated/graphql.js';
import { submitSupervision } from './commands.js';
import { Supervision } from './entity.js';
import { supervisionsByEvaluation } from './queries.js';

const hidden = ({ actor }: Context): boolean =>
  !actor || actor.role === 'TEACHER' || actor.role === 'EVALUATOR';

export const resolvers: Resolvers = {
  Mutation: {
    submitSupervision: async (_parent, { input }, context) => {
      const { supervisionId } = await submitSupervision(context, input);
      const supervision = await context.db.manager.findOneByOrFail(Supervision, {
        id: supervisionId,
      });
      return { supervision };
    },
  },
  Supervision: {
    unit: (supervision) => ({ code: supervision.unitCode }),
  },
  ProjectEvaluation: {
    supervisions: (evaluation, _args, context) =>
      hidden(context) ? null : load(context, supervisionsByEvaluation, evaluation.id),
  },
};
