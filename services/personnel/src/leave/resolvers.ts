import type { Context } from '@yanxiu/subgraph/context';
import type { Resolvers } from '../generated/graphql.js';
import { teacherView, type TeacherView } from '../teacher/queries.js';
import { endLeave, recordLeave, withdrawLeave, type LeaveRef } from './commands.js';
import { leavesOf } from './queries.js';
import { reasonOf } from './sealed.js';

async function teacherOf(context: Context, { teacherId }: LeaveRef): Promise<TeacherView> {
  const view = await teacherView(context, teacherId);
  if (!view) throw new Error(`teacher ${teacherId} is gone after its command`);
  return view;
}

async function payload(context: Context, ref: LeaveRef) {
  const leaves = await leavesOf(context, await teacherOf(context, ref));
  const leave = leaves.find((each) => each.leave.id === ref.leaveId);
  if (!leave) throw new Error(`leave ${ref.leaveId} is gone after its command`);
  return { leave };
}

export const resolvers: Resolvers = {
  Mutation: {
    recordLeave: async (_, { input }, context) =>
      payload(context, await recordLeave(context, input)),
    endLeave: async (_, { input }, context) => payload(context, await endLeave(context, input)),
    withdrawLeave: async (_, { input }, context) => ({
      teacher: await teacherOf(context, await withdrawLeave(context, input)),
    }),
  },
  Teacher: {
    leaves: (view, _args, context) => (view.access.record ? leavesOf(context, view) : null),
  },
  Leave: {
    id: ({ leave }) => leave.id,
    reason: ({ leave, access }) => (access.idNumber ? reasonOf(leave) : null),
    from: ({ leave }) => leave.from,
    to: ({ leave }) => leave.to,
  },
};
