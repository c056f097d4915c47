import { load, type Context } from '@yanxiu/subgraph/context';
import type { Resolvers } from '../generated/graphql.js';
import { visibleProjectById } from '../project/queries.js';
import { approveTrainingScheme, returnTrainingScheme, submitTrainingScheme } from './commands.js';
import { TrainingScheme } from './entity.js';
import { modulesOf, schemeById, schemesOfProject } from './queries.js';
import { practicePercent } from './rules.js';

const PRACTICE_WARNING = {
  zh: '实践学时占比低于规定提示线，请加大实践教学比重（三（四））。',
  en: 'The share of practice lies under the line of the policy: give practice more weight (§3.4).',
};

const payload = async (context: Context, { schemeId }: { schemeId: string }) => ({
  scheme: await context.db.manager.findOneByOrFail(TrainingScheme, { id: schemeId }),
});

/** A scheme is seen by those who see its project. */
async function visibleScheme(context: Context, id: string): Promise<TrainingScheme | null> {
  const scheme = await load(context, schemeById, id);
  const project = scheme && (await load(context, visibleProjectById, scheme.projectId));
  return project ? scheme : null;
}

async function projectOf(context: Context, projectId: string) {
  const project = await load(context, visibleProjectById, projectId);
  if (!project) throw new Error(`project ${projectId} is out of scope where its scheme is not`);
  return project;
}

export const resolvers: Resolvers = {
  Mutation: {
    submitTrainingScheme: async (_, { input }, context) =>
      payload(context, await submitTrainingScheme(context, input)),
    approveTrainingScheme: async (_, { input }, context) =>
      payload(context, await approveTrainingScheme(context, input)),
    returnTrainingScheme: async (_, { input }, context) =>
      payload(context, await returnTrainingScheme(context, input)),
  },
  TrainingProject: {
    scheme: async ({ id }, _, context) => {
      const schemes = (await load(context, schemesOfProject, id)) ?? [];
      return schemes.find(({ status }) => status === 'APPROVED') ?? schemes[0] ?? null;
    },
    schemes: async ({ id }, _, context) => (await load(context, schemesOfProject, id)) ?? [],
  },
  TrainingScheme: {
    __resolveReference: ({ id }, context) => visibleScheme(context, id),
    project: ({ projectId }, _, context) => projectOf(context, projectId),
    modules: async ({ id }, _, context) => (await load(context, modulesOf, id)) ?? [],
    hours: (scheme) => scheme.totalCentihours,
    practiceHours: (scheme) => scheme.practiceCentihours,
    practicePercent: (scheme) => practicePercent(scheme.practiceCentihours, scheme.totalCentihours),
    warnings: (scheme, _, context) =>
      scheme.practiceWarning
        ? [{ rule: 'SCHEME-PRACTICE', message: PRACTICE_WARNING[context.locale] }]
        : [],
  },
  SchemeModule: {
    hours: (module) => module.centihours,
  },
};
