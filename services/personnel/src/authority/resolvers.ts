import { localDate } from '@yanxiu/subgraph/calendar';
import { inForce } from '@yanxiu/subgraph/acting';
import { nowOf } from '@yanxiu/subgraph/context';
import type { Resolvers } from '../generated/graphql.js';
import { unitByCode } from '../org-unit/queries.js';
import { assignRole, endRoleAssignment } from './commands.js';
import { assignmentById, myAssignments, roleAssignments } from './queries.js';

export const resolvers: Resolvers = {
  Query: {
    roleAssignments: (_, args, context) => roleAssignments(context, args),
    myAssignments: (_, _args, context) => myAssignments(context),
  },
  Mutation: {
    assignRole: async (_, { input }, context) => {
      const { assignmentId } = await assignRole(context, input);
      return { assignment: await assignmentById(context, assignmentId) };
    },
    endRoleAssignment: async (_, { input }, context) => {
      const { assignmentId } = await endRoleAssignment(context, input);
      return { assignment: await assignmentById(context, assignmentId) };
    },
  },
  RoleAssignment: {
    unit: ({ unitCode }, _args, context) => unitByCode(context, unitCode),
    institutionCode: ({ institution }) => institution,
    inForce: (assignment, _args, context) => inForce(assignment, localDate(nowOf(context))),
  },
};
