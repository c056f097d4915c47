import { load, type Context } from '@yanxiu/subgraph/context';
import type { Resolvers } from '../generated/graphql.js';
import { findProject, visibleProjectById } from '../project/queries.js';
import { answerNeedsSurvey, closeNeedsSurvey, openNeedsSurvey } from './commands.js';
import { NeedsSurvey } from './entity.js';
import { surveyById, surveyOfProject, talliesOf } from './queries.js';

const payload = async (context: Context, { surveyId }: { surveyId: string }) => ({
  survey: await context.db.manager.findOneByOrFail(NeedsSurvey, { id: surveyId }),
});

/** A survey is seen by those who see its project. */
async function visibleSurvey(context: Context, id: string): Promise<NeedsSurvey | null> {
  const survey = await load(context, surveyById, id);
  const project = survey && (await load(context, visibleProjectById, survey.projectId));
  return project ? survey : null;
}

async function projectOf(context: Context, projectId: string) {
  const project = await findProject(context.db.manager, projectId);
  if (!project) throw new Error(`project ${projectId} of a survey is gone`);
  return project;
}

export const resolvers: Resolvers = {
  Mutation: {
    openNeedsSurvey: async (_, { input }, context) =>
      payload(context, await openNeedsSurvey(context, input)),
    answerNeedsSurvey: async (_, { input }, context) =>
      payload(context, await answerNeedsSurvey(context, input)),
    closeNeedsSurvey: async (_, { input }, context) =>
      payload(context, await closeNeedsSurvey(context, input)),
  },
  TrainingProject: {
    survey: ({ id }, _, context) => load(context, surveyOfProject, id),
  },
  NeedsSurvey: {
    __resolveReference: ({ id }, context) => visibleSurvey(context, id),
    project: ({ projectId }, _, context) => projectOf(context, projectId),
    unit: (survey) => ({ code: survey.unitCode }),
    answers: async ({ id }, _, context) =>
      (await load(context, talliesOf, id))?.find(({ topic }) => topic === null)?.count ?? 0,
    counts: async ({ id, topics }, _, context) => {
      const tallies = (await load(context, talliesOf, id)) ?? [];
      const counts = new Map(tallies.map(({ topic, count }) => [topic, count]));
      return topics.map((topic) => ({ topic, count: counts.get(topic) ?? 0 }));
    },
  },
};
