import { load, type Context } from '@yanxiu/subgraph/context';
import type { Resolvers } from '../generated/graphql.js';
import { institutionById } from '../institution/queries.js';
import * as commands from './commands.js';
import { TrainingProject } from './entity.js';
import {
  stepsOf,
  trainingProject,
  trainingProjects,
  visibleProjectById,
  waitingProjects,
} from './queries.js';

const payload = async (context: Context, { projectId }: { projectId: string }) => ({
  project: await context.db.manager.findOneByOrFail(TrainingProject, { id: projectId }),
});

export const resolvers: Resolvers = {
  Query: {
    trainingProject: (_, { id }, context) => trainingProject(context, id),
    trainingProjects: (_, args, context) => trainingProjects(context, args),
    waitingProjects: (_, args, context) => waitingProjects(context, args),
  },
  Mutation: {
    createTrainingProject: async (_, { input }, context) =>
      payload(context, await commands.createTrainingProject(context, input)),
    submitTrainingProject: async (_, { input }, context) =>
      payload(context, await commands.submitTrainingProject(context, input)),
    approveTrainingProject: async (_, { input }, context) =>
      payload(context, await commands.approveTrainingProject(context, input)),
    rejectTrainingProject: async (_, { input }, context) =>
      payload(context, await commands.rejectTrainingProject(context, input)),
    fileTrainingProject: async (_, { input }, context) =>
      payload(context, await commands.fileTrainingProject(context, input)),
    acceptTrainingProject: async (_, { input }, context) =>
      payload(context, await commands.acceptTrainingProject(context, input)),
    openEnrolment: async (_, { input }, context) =>
      payload(context, await commands.openEnrolment(context, input)),
    startTrainingProject: async (_, { input }, context) =>
      payload(context, await commands.startTrainingProject(context, input)),
    suspendTrainingProject: async (_, { input }, context) =>
      payload(context, await commands.suspendTrainingProject(context, input)),
    resumeTrainingProject: async (_, { input }, context) =>
      payload(context, await commands.resumeTrainingProject(context, input)),
    cancelTrainingProject: async (_, { input }, context) =>
      payload(context, await commands.cancelTrainingProject(context, input)),
    closeTrainingProject: async (_, { input }, context) =>
      payload(context, await commands.closeTrainingProject(context, input)),
  },
  TrainingProject: {
    __resolveReference: ({ id }, context) => load(context, visibleProjectById, id),
    organiser: (project) => ({ code: project.organiserCode }),
    authority: (project) => ({ code: project.authorityCode }),
    deliverers: async ({ delivererIds }, _, context) => {
      const found = await Promise.all(delivererIds.map((id) => load(context, institutionById, id)));
      return found.filter((institution) => institution !== null);
    },
    target: (project) => ({
      stages: project.targetStages,
      subjects: project.targetSubjects,
      ladders: project.targetLadders,
      roles: project.targetRoles,
    }),
    budget: (project) => project.budgetFen,
    fundsReason: (project, _, context) => project.fundsReason?.[context.locale] ?? null,
    steps: async ({ id }, _, context) => (await load(context, stepsOf, id)) ?? [],
  },
  ProjectStep: {
    actorUnit: (step) => (step.actorUnitCode ? { code: step.actorUnitCode } : null),
  },
  WaitingProject: {
    status: ({ project }) => project.status,
    since: ({ project }) => project.statusSince,
    authorityUnit: ({ project, authority }) => ({
      code: authority === 'APPROVER' ? project.authorityCode : project.organiserCode,
    }),
  },
};
