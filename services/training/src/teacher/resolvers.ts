import { listEnrolments } from '../enrolment/queries.js';
import type { Resolvers } from '../generated/graphql.js';

export const resolvers: Resolvers = {
  Teacher: {
    __resolveReference: ({ id }) => ({ id }),
    enrolments: ({ id }, args, context) => listEnrolments(context, 'teacher_id', id, args),
  },
};
