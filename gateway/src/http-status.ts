import type { ApolloServerPlugin } from '@apollo/server';
import type { RequestScope } from './request-scope.js';

/** What is wrong with the document or its values; a limit's refusal is none of these. */
const PLAIN: ReadonlySet<unknown> = new Set([
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'BAD_USER_INPUT',
]);

/**
 * The status of parse, validation and coercion errors, as GraphQL over HTTP wants it: 200 for who
 * accepts `application/json` by name, 4xx for everyone else.
 */
export function plainErrorStatus(): ApolloServerPlugin<RequestScope> {
  return {
    async requestDidStart() {
      return {
        async willSendResponse({ request, response, errors = [] }) {
          const plain = errors.every(({ extensions }) => PLAIN.has(extensions['code']));
          if (response.http.status !== 400 || !plain) return;
          if (namesJsonAlone(request.http?.headers.get('accept'))) response.http.status = 200;
        },
      };
    },
  };
}

function namesJsonAlone(accept = ''): boolean {
  const types = accept.split(',').map((range) => range.split(';')[0]?.trim().toLowerCase());
  return types.includes('application/json') && !types.includes('application/graphql-response+json');
}
