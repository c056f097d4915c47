import type { ApolloServerPlugin } from '@apollo/server';
import { GraphQLError } from 'graphql';
import type { RequestScope } from './request-scope.js';

/** A request must say which operation it means; the planner would call it an internal error. */
export const operationGuard: ApolloServerPlugin<RequestScope> = {
  async requestDidStart() {
    return {
      async didResolveOperation({ operation, request }) {
        if (operation !== undefined) return;
        const named = request.operationName ?? null;
        const text =
          named === null
            ? 'The document has several operations: say which in operationName.'
            : `The document has no operation named "${named}".`;
        const extensions = { code: 'OPERATION_RESOLUTION_FAILURE', http: { status: 400 } };
        throw new GraphQLError(text, { extensions });
      },
    };
  },
};
