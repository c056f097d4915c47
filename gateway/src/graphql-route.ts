import type { ApolloServer } from '@apollo/server';
import { expressMiddleware } from '@as-integrations/express5';
import { DomainError, localeOf } from '@yanxiu/subgraph/errors';
import type { TokenVerifier } from '@yanxiu/subgraph/token';
import type { Request, RequestHandler } from 'express';
import type { Logger } from 'pino';
import { sendError } from './guards.js';
import { forwardedHeaders, requestIdOf, requestScope } from './request-scope.js';
import type { RequestScope } from './request-scope.js';

const scopes = new WeakMap<Request, RequestScope>();

/** Names the request, for the answer, the log and every subgraph it reaches. */
const openScope: RequestHandler = (req, res, next) => {
  const requestId = requestIdOf(req.headers);
  const gone = new AbortController();
  res.once('close', () => {
    if (!res.writableFinished) gone.abort();
  });
  res.set('x-request-id', requestId);
  const scope: RequestScope = {
    requestId,
    locale: localeOf(req.headers['accept-language']),
    forwarded: forwardedHeaders(req.headers, requestId),
    signal: gone.signal,
  };
  scopes.set(req, scope);
  requestScope.run(scope, next);
};

/** A token that is there must be good; without one the caller is anonymous. */
function authenticate(verifier: TokenVerifier, log: Logger): RequestHandler {
  return async (req, res, next) => {
    try {
      await verifier.verify(req.headers.authorization);
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      const { requestId, locale } = scopeOf(req);
      log.info({ requestId, reason: error.message }, 'token refused');
      res.set('www-authenticate', 'Bearer error="invalid_token"');
      sendError(res, 401, 'UNAUTHENTICATED', error.text[locale]);
      return;
    }
    next();
  };
}

function scopeOf(req: Request): RequestScope {
  const scope = scopes.get(req);
  if (scope === undefined) throw new Error('the request was given no scope');
  return scope;
}

/** The handlers of `/graphql`, behind the JSON body parser. */
export function graphqlHandlers(
  server: ApolloServer<RequestScope>,
  verifier: TokenVerifier,
  log: Logger,
): RequestHandler[] {
  const execute = expressMiddleware(server, { context: async ({ req }) => scopeOf(req) });
  return [openScope, authenticate(verifier, log), execute];
}
