import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Identity } from '@yanxiu/subgraph/acting';
import { withoutNumbers } from '@yanxiu/subgraph/person/note';
import type { Actor } from '@yanxiu/subgraph/actor';
import type { Locale } from '@yanxiu/subgraph/errors';

/** What one request carries through the gateway; also the GraphQL context. */
export interface RequestScope {
  readonly requestId: string;
  /** Who asks, once the token is verified; null without one. */
  identity: Identity | null;
  /** As whom it acts, where that is known; each subgraph decides for itself. */
  actor: Actor | null;
  readonly locale: Locale;
  /** The headers that subgraphs get; no other header of the client reaches them. */
  readonly forwarded: Readonly<Record<string, string>>;
  /** Aborts when the client goes away or has waited long enough. */
  readonly signal: AbortSignal;
}

/** Lets `formatError`, which Apollo gives no context, find the request it serves. */
export const requestScope = new AsyncLocalStorage<RequestScope>();

const FORWARDED = ['authorization', 'yanxiu-acting-as', 'accept-language', 'traceparent'] as const;

/** The caller's id when it is a plain short word and nobody's number: it goes into log lines. */
export function requestIdOf(headers: IncomingHttpHeaders): string {
  const given = headers['x-request-id'];
  if (typeof given !== 'string' || !/^[\w.:-]{1,64}$/.test(given)) return randomUUID();
  return withoutNumbers(given) === given ? given : randomUUID();
}

/** The only headers that go on to a subgraph. */
export function forwardedHeaders(
  headers: IncomingHttpHeaders,
  requestId: string,
): Record<string, string> {
  const forwarded: Record<string, string> = { 'x-request-id': requestId };
  for (const name of FORWARDED) {
    const value = headers[name];
    if (typeof value === 'string') forwarded[name] = value;
  }
  return forwarded;
}
