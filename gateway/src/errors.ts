import { ALLOWED_CODES } from '@yanxiu/subgraph/errors';
import { withoutNumbers } from '@yanxiu/subgraph/person/note';
import type { GraphQLFormattedError } from 'graphql';
import type { Logger } from 'pino';
import { maySeeSchema } from './asking-rights.js';
import { message } from './messages.js';
import { requestScope } from './request-scope.js';

/** Codes that the GraphQL server itself gives; from a subgraph they mean that we asked wrongly. */
const SERVER_CODES: ReadonlySet<string> = new Set([
  'BAD_REQUEST',
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'OPERATION_RESOLUTION_FAILURE',
  'PERSISTED_QUERY_NOT_FOUND',
  'PERSISTED_QUERY_NOT_SUPPORTED',
]);

const SUGGESTION = / ?Did you mean .+?\?/gs;

/** What a client may see of `extensions`; anything else, stack traces above all, stays here. */
const SHOWN = ['code', 'rule', 'requestId', 'details', 'service'] as const;

/**
 * Apollo's `formatError`: a known code passes with its rule and details, everything else becomes
 * INTERNAL with a request id that finds the log line. What the server guesses that was meant is
 * kept for those who may see the schema. Somebody's number is not repeated, though the client has
 * sent it: what it is told ends up in logs and screenshots.
 */
export function createFormatError(
  log: Logger,
): (formatted: GraphQLFormattedError, error: unknown) => GraphQLFormattedError {
  return (formatted, error) => {
    const scope = requestScope.getStore();
    if (mayPass(formatted)) {
      const text = formatted.message;
      const told = maySeeSchema(scope?.actor ?? null) ? text : text.replace(SUGGESTION, '');
      return { ...formatted, message: withoutNumbers(told), extensions: shown(formatted) };
    }
    const requestId = scope?.requestId ?? 'unknown';
    const service = formatted.extensions?.['serviceName'];
    log.error({ err: error, requestId, service, path: formatted.path }, 'internal error');
    return {
      message: message('internal', scope?.locale ?? 'en', requestId),
      ...(formatted.path === undefined ? {} : { path: formatted.path }),
      extensions: { code: 'INTERNAL', requestId },
    };
  };
}

function mayPass({ extensions }: GraphQLFormattedError): boolean {
  const code = extensions?.['code'];
  if (typeof code !== 'string' || code === 'INTERNAL') return false;
  const fromSubgraph = extensions?.['serviceName'] !== undefined;
  if (SERVER_CODES.has(code)) return !fromSubgraph;
  return ALLOWED_CODES.has(code);
}

function shown({ extensions = {} }: GraphQLFormattedError): Record<string, unknown> {
  const kept = SHOWN.filter((key) => extensions[key] !== undefined);
  const text = JSON.stringify(Object.fromEntries(kept.map((key) => [key, extensions[key]])));
  return JSON.parse(text, (_key, value: unknown) =>
    typeof value === 'string' ? withoutNumbers(value) : value,
  ) as Record<string, unknown>;
}
