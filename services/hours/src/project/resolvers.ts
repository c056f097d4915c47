import { missing } from '../compliance/rules.js';
import type { Resolvers } from '../generated/graphql.js';
import { openProjects } from './offers.js';

export const resolvers: Resolvers = {
  NotOnTarget: {
    openProjects: (gap, { first }, context) => openProjects(context, gap, first),
  },
  YearlyHours: {
    openProjects: ({ teacherId, year, required, centihours }, { first }, context) =>
      openProjects(
        context,
        { teacherId, year, missing: missing(required, centihours) ?? 0 },
        first,
      ),
  },
  OpenProject: {
    project: ({ projectId }) => ({ id: projectId }),
    trainingClass: ({ classId }) => ({ id: classId }),
    hours: ({ centihours }) => centihours,
  },
};
