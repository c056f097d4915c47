import { load } from '@yanxiu/subgraph/context';
import { requireClass } from '../class/queries.js';
import { requireEnrolment } from '../enrolment/queries.js';
import type { Resolvers } from '../generated/graphql.js';
import { recordAttendance, scheduleSession } from './commands.js';
import {
  attendanceByUnit,
  attendanceOfSession,
  requireSession,
  sessionsOfClass,
  visibleSessionById,
} from './queries.js';

export const resolvers: Resolvers = {
  Mutation: {
    async scheduleSession(_, { input }, context) {
      const { sessionId } = await scheduleSession(context, input);
      return { session: await requireSession(context, sessionId) };
    },
    async recordAttendance(_, { input }, context) {
      const { sessionId, corrected } = await recordAttendance(context, input);
      return { session: await requireSession(context, sessionId), corrected };
    },
  },
  TrainingClass: {
    sessions: async ({ id }, _, context) => (await load(context, sessionsOfClass, id)) ?? [],
    attendanceByUnit: ({ id }, _, context) => attendanceByUnit(context, id),
  },
  Session: {
    __resolveReference: ({ id }, context) => load(context, visibleSessionById, id),
    trainingClass: ({ classId }, _, context) => requireClass(context, classId),
    attendance: async ({ id }, _, context) => (await load(context, attendanceOfSession, id)) ?? [],
  },
  Attendance: {
    enrolment: ({ enrolmentId }, _, context) => requireEnrolment(context, enrolmentId),
  },
  UnitAttendance: {
    unit: ({ unitCode }) => ({ code: unitCode }),
  },
};
