import type { ApolloServerPlugin } from '@apollo/server';
import { BREAK, getVariableValues, GraphQLError, Kind, visit } from 'graphql';
import type { DocumentNode, FragmentDefinitionNode } from 'graphql';
import { isAsker, maySeeSchema } from './asking-rights.js';
import type { CostLimits } from './config.js';
import { costOf } from './cost.js';
import { message } from './messages.js';
import type { RequestScope } from './request-scope.js';

/**
 * A request must say which operation it means (the planner would call it an internal error). Only
 * who has a right to the schema may ask for it, and the operation may not ask for more objects
 * than its caller's work needs.
 */
export function operationGuard(limits: CostLimits): ApolloServerPlugin<RequestScope> {
  return {
    async requestDidStart() {
      return {
        async didResolveOperation({ operation, document, request, schema, contextValue }) {
          if (operation === undefined) throw unresolved(request.operationName ?? null);
          const { actor, locale } = contextValue;
          if (!maySeeSchema(actor) && asksForSchema(document)) {
            throw refusal('FORBIDDEN', 403, message('schemaClosed', locale));
          }
          const given = getVariableValues(
            schema,
            operation.variableDefinitions ?? [],
            request.variables ?? {},
          );
          // Wrong values are told by the server itself.
          if (given.errors) return;
          const cost = costOf(operation, {
            schema,
            fragments: fragmentsOf(document),
            variables: given.coerced,
          });
          if (cost <= (isAsker(actor) ? limits.analyst : limits.usual)) return;
          throw refusal('LIMIT_EXCEEDED', 400, message('tooMuch', locale));
        },
      };
    },
  };
}

const refusal = (code: string, status: number, text: string): GraphQLError =>
  new GraphQLError(text, { extensions: { code, http: { status } } });

/** Whether `__schema` or `__type` stands anywhere in the document. */
function asksForSchema(document: DocumentNode): boolean {
  let found = false;
  visit(document, {
    Field: ({ name }) => {
      if (name.value !== '__schema' && name.value !== '__type') return undefined;
      found = true;
      return BREAK;
    },
  });
  return found;
}

function unresolved(named: string | null): GraphQLError {
  const text =
    named === null
      ? 'The document has several operations: say which in operationName.'
      : `The document has no operation named "${named}".`;
  return refusal('OPERATION_RESOLUTION_FAILURE', 400, text);
}

function fragmentsOf({ definitions }: DocumentNode): Record<string, FragmentDefinitionNode> {
  const fragments: Record<string, FragmentDefinitionNode> = Object.create(null);
  for (const node of definitions) {
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments[node.name.value] = node;
  }
  return fragments;
}
