import { load } from '@yanxiu/subgraph/context';
import type { Resolvers } from '../generated/graphql.js';
import { closeProjectEvaluation } from './commands.js';
import {
  evaluationById,
  evaluationByProject,
  projectEvaluation,
  projectEvaluations,
} from './queries.js';
import { spreadOf } from './rules.js';
import { channelsOf } from '../channels.js';

export const resolvers: Resolvers = {
  Query: {
    projectEvaluation: (_parent, { projectId }, context) => projectEvaluation(context, projectId),
    projectEvaluations: (_parent, args, context) => projectEvaluations(context, args),
  },
  Mutation: {
    closeProjectEvaluation: async (_parent, { input }, context) => {
      const { projectId } = await closeProjectEvaluation(context, input);
      return { evaluation: await projectEvaluation(context, projectId) };
    },
  },
  TrainingProject: {
    __resolveReference: ({ id }) => ({ id }),
    evaluation: ({ id }, _args, context) => load(context, evaluationByProject, id),
  },
  ProjectEvaluation: {
    __resolveReference: ({ id }, context) => load(context, evaluationById, id),
    project: (evaluation) => ({ id: evaluation.projectId }),
    organiser: (evaluation) => ({ code: evaluation.organiserCode }),
    deliverers: (evaluation) => evaluation.delivererIds.map((id) => ({ id })),
    status: (evaluation) => evaluation.state,
    channels: (evaluation, _args, context) => channelsOf(context, evaluation),
    channelSpread: ({ agencyScore, anonymousScore, supervisionScore }) => {
      const scores = [agencyScore, anonymousScore, supervisionScore];
      return spreadOf(scores.filter((score) => score !== null));
    },
  },
  EvaluationChannel: {
    reason: ({ reason }, _args, { locale }) => reason?.[locale] ?? null,
  },
};
