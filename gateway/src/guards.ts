import { localeOf } from '@yanxiu/subgraph/errors';
import type { ErrorRequestHandler, RequestHandler, Response } from 'express';
import type { Logger } from 'pino';
import { message } from './messages.js';

const LOCAL_HOST = /^(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?$/i;

/** A page elsewhere cannot reach a local installation by pointing its own name at 127.0.0.1. */
export const localHostOnly: RequestHandler = (req, res, next) => {
  if (LOCAL_HOST.test(req.headers.host ?? '')) next();
  else res.status(421).type('text').send('Misdirected request: use http://127.0.0.1 or localhost');
};

/** Nothing is loaded from, or sent to, another origin. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "worker-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
];

/** `inlineStyles` is for the explorer alone: its editor writes style elements as it runs. */
export function contentPolicy(inlineStyles: boolean): string {
  const styles = inlineStyles ? "style-src 'self' 'unsafe-inline'" : "style-src 'self'";
  return [...POLICY, styles].join('; ');
}

/** Headers of every answer; a page of its own kind may relax the policy for styles. */
export const securityHeaders: RequestHandler = (_req, res, next) => {
  res.set({
    'content-security-policy': contentPolicy(false),
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
  });
  next();
};

/** Takes a POST from our own pages alone: what no other site's script or form can send. */
export const sameOriginJson: RequestHandler = (req, res, next) => {
  const site = req.headers['sec-fetch-site'];
  const own = `${req.protocol}://${req.headers.host ?? ''}`;
  const refused =
    req.headers.origin !== own || (site !== undefined && site !== 'same-origin')
      ? 'only a page of this gateway may ask: the Origin header must be its own address'
      : req.is('application/json') === false
        ? 'Content-Type must be application/json'
        : null;
  if (refused === null) next();
  else sendError(res, 403, 'FORBIDDEN', refused);
};

/** One error in GraphQL's shape. */
export function sendError(res: Response, status: number, code: string, text: string): void {
  res.status(status).json({ errors: [{ message: text, extensions: { code } }] });
}

/** The last stop: a body too large or not JSON, or an error of our own, without its stack. */
export function lastResort(log: Logger): ErrorRequestHandler {
  return (error: unknown, req, res, next) => {
    if (res.headersSent) {
      next(error);
      return;
    }
    const locale = localeOf(req.headers['accept-language']);
    const status = statusOf(error);
    if (status === 413) {
      sendError(res, 413, 'LIMIT_EXCEEDED', message('tooLarge', locale));
    } else if (status < 500) {
      sendError(res, status, 'BAD_USER_INPUT', message('badRequest', locale));
    } else {
      const requestId = String(res.getHeader('x-request-id') ?? 'unknown');
      log.error({ err: error, requestId }, 'internal error');
      const text = message('internal', locale, requestId);
      const extensions = { code: 'INTERNAL', requestId };
      res.status(500).json({ errors: [{ message: text, extensions }] });
    }
  };
}

function statusOf(error: unknown): number {
  if (typeof error !== 'object' || error === null || !('status' in error)) return 500;
  return typeof error.status === 'number' && error.status >= 400 ? error.status : 500;
}
