import { randomUUID } from 'node:crypto';
import type { ErrorRequestHandler, RequestHandler, Response } from 'express';
import { localeOf } from './errors.js';
import { CREDENTIAL_HEADER, type CredentialVerifier } from './gateway-credential.js';
import type { Logger } from './log.js';

/** One error in GraphQL's shape. */
function send(response: Response, status: number, extensions: { code: string }, message: string) {
  response.status(status).json({ errors: [{ message, extensions }] });
}

/** Refuses whoever does not come through the gateway, before anything of the body is read. */
export function throughGateway(
  credentials: Pick<CredentialVerifier, 'accepts'>,
  log: Logger,
): RequestHandler {
  return async (request, response, next) => {
    const credential = request.headers[CREDENTIAL_HEADER];
    if (typeof credential === 'string' && (await credentials.accepts(credential))) {
      next();
      return;
    }
    log.warn({ from: request.socket.remoteAddress }, 'refused: not from the gateway');
    const zh = localeOf(request.headers['accept-language']) === 'zh';
    const text = zh ? '请求未通过认证。' : 'The request is not authenticated.';
    send(response, 401, { code: 'UNAUTHENTICATED' }, text);
  };
}

/** The last stop: a body that cannot be read, or an error of our own, without its stack. */
export function withoutStack(log: Logger): ErrorRequestHandler {
  return (error: unknown, request, response, next) => {
    if (response.headersSent) {
      next(error);
      return;
    }
    const status = statusOf(error);
    if (status < 500) {
      send(response, status, { code: 'BAD_REQUEST' }, 'The request cannot be read.');
      return;
    }
    const requestId = request.headers['x-request-id'] ?? randomUUID();
    log.error({ err: error, requestId }, 'unforeseen error');
    const extensions = { code: 'INTERNAL', requestId };
    send(
      response,
      500,
      extensions,
      `Internal error. Tell the operator this request id: ${requestId}`,
    );
  };
}

function statusOf(error: unknown): number {
  if (typeof error !== 'object' || error === null || !('status' in error)) return 500;
  return typeof error.status === 'number' && error.status >= 400 ? error.status : 500;
}
