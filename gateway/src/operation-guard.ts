import type { ApolloServerPlugin } from '@apollo/server';
import { GraphQLError, Kind } from 'graphql';
import type { DocumentNode, FragmentDefinitionNode } from 'graphql';
import type { CostLimits } from './config.js';
import { costOf } from './cost.js';
import { message } from './messages.js';
import type { RequestScope } from './request-scope.js';

const ASKERS: ReadonlySet<string> = new Set(['ANALYST', 'AUDITOR', 'PLATFORM']);

/**
 * A request must say which operation it means (the planner would call it an internal error), and
 * the operation may not ask for more objects than its caller's work needs.
 */
export function operationGuard(limits: CostLimits): ApolloServerPlugin<RequestScope> {
  return {
    async requestDidStart() {
      return {
        async didResolveOperation({ operation, document, request, schema, contextValue }) {
          if (operation === undefined) throw unresolved(request.operationName ?? null);
          const cost = costOf(operation, {
            schema,
            fragments: fragmentsOf(document),
            variables: request.variables ?? {},
          });
          const role = contextValue.identity?.claims?.role;
          const limit = role && ASKERS.has(role) ? limits.analyst : limits.usual;
          if (cost <= limit) return;
          throw new GraphQLError(message('tooMuch', contextValue.locale), {
            extensions: { code: 'LIMIT_EXCEEDED', http: { status: 400 } },
          });
        },
      };
    },
  };
}

function unresolved(named: string | null): GraphQLError {
  const text =
    named === null
      ? 'The document has several operations: say which in operationName.'
      : `The document has no operation named "${named}".`;
  const extensions = { code: 'OPERATION_RESOLUTION_FAILURE', http: { status: 400 } };
  return new GraphQLError(text, { extensions });
}

function fragmentsOf({ definitions }: DocumentNode): Record<string, FragmentDefinitionNode> {
  const fragments: Record<string, FragmentDefinitionNode> = Object.create(null);
  for (const node of definitions) {
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments[node.name.value] = node;
  }
  return fragments;
}
