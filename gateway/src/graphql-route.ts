import type { ApolloServer } from '@apollo/server';
import { expressMiddleware } from '@as-integrations/express5';
import { DomainError, localeOf } from '@yanxiu/subgraph/errors';
import type { TokenVerifier } from '@yanxiu/subgraph/token';
import type { Request, RequestHandler, Response } from 'express';
import type { Logger } from 'pino';
import { mayAskFreely } from './asking-rights.js';
import type { FreeQueries } from './asking-rights.js';
import type { Limits } from './config.js';
import { documentGuard } from './document-guard.js';
import { sendError } from './guards.js';
import { message } from './messages.js';
import { persistedOperations } from './persisted-operations.js';
import type { Manifest } from './persisted-operations.js';
import type { RateGuard } from './rate-limit.js';
import type { Roles } from './roles.js';
import { forwardedHeaders, requestIdOf, requestScope } from './request-scope.js';
import type { RequestScope } from './request-scope.js';

/** What stands before the GraphQL server. */
export interface Guarding {
  readonly verifier: TokenVerifier;
  readonly roles: Roles;
  readonly rates: RateGuard;
  readonly limits: Limits;
  readonly operations: Manifest;
  readonly freeQueries: FreeQueries;
  readonly log: Logger;
}

const scopes = new WeakMap<Request, RequestScope>();

/** Names the request, for the answer, the log and every subgraph it reaches. */
function openScope(answerMs: number): RequestHandler {
  return (req, res, next) => {
    const requestId = requestIdOf(req.headers);
    const gone = new AbortController();
    res.once('close', () => {
      if (!res.writableFinished) gone.abort();
    });
    res.set('x-request-id', requestId);
    const scope: RequestScope = {
      requestId,
      identity: null,
      actor: null,
      locale: localeOf(req.headers['accept-language']),
      forwarded: forwardedHeaders(req.headers, requestId),
      signal: AbortSignal.any([gone.signal, AbortSignal.timeout(answerMs)]),
    };
    scopes.set(req, scope);
    requestScope.run(scope, next);
  };
}

/** A token that is there must be good; without one the caller is anonymous. */
function authenticate(guarding: Guarding): RequestHandler {
  const { verifier, roles, log } = guarding;
  return async (req, res, next) => {
    const scope = scopeOf(req);
    try {
      scope.identity = await verifier.verify(req.headers.authorization);
      scope.actor = await roles.actorOf(scope);
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      log.info({ requestId: scope.requestId, reason: error.message }, 'token refused');
      if (await refusedAsTooOften(guarding, req, res)) return;
      res.set('www-authenticate', 'Bearer error="invalid_token"');
      sendError(res, 401, 'UNAUTHENTICATED', error.text[scope.locale]);
      return;
    }
    next();
  };
}

/** Counts the request; whether it was answered because it was one too many. */
async function refusedAsTooOften({ rates }: Guarding, req: Request, res: Response) {
  const { identity, locale } = scopeOf(req);
  const seconds = await rates.count(identity, req.socket.remoteAddress ?? '');
  if (seconds === null) return false;
  res.set('retry-after', String(seconds));
  sendError(res, 429, 'RATE_LIMITED', message('tooOften', locale));
  return true;
}

function limitRate(guarding: Guarding): RequestHandler {
  return async (req, res, next) => {
    if (!(await refusedAsTooOften(guarding, req, res))) next();
  };
}

const refuseDocument: RequestHandler = (req, res) => {
  sendError(res, 400, 'LIMIT_EXCEEDED', message('tooMuch', scopeOf(req).locale));
};

const refuseUnknown: RequestHandler = (req, res) => {
  const text = message('unknownOperation', scopeOf(req).locale);
  sendError(res, 404, 'PERSISTED_QUERY_NOT_FOUND', text);
};

const refuseFreedom: RequestHandler = (req, res) => {
  sendError(res, 403, 'FORBIDDEN', message('notFree', scopeOf(req).locale));
};

function scopeOf(req: Request): RequestScope {
  const scope = scopes.get(req);
  if (scope === undefined) throw new Error('the request was given no scope');
  return scope;
}

/** The handlers of `/graphql`, behind the JSON body parser. */
export function graphqlHandlers(
  server: ApolloServer<RequestScope>,
  guarding: Guarding,
): RequestHandler[] {
  const { document, listItems, answerMs } = guarding.limits;
  const isFree = (req: Request) => mayAskFreely(scopeOf(req).actor, guarding.freeQueries);
  const refusals = { unknown: refuseUnknown, notFree: refuseFreedom };
  const execute = expressMiddleware(server, { context: async ({ req }) => scopeOf(req) });
  return [
    openScope(answerMs),
    authenticate(guarding),
    limitRate(guarding),
    documentGuard(document, listItems, refuseDocument),
    persistedOperations(guarding.operations, isFree, refusals),
    execute,
  ];
}
