import type { RequestHandler } from 'express';
import { GraphQLError, parse } from 'graphql';
import { isTooLarge, type DocumentLimits } from './document-limits.js';

/**
 * Refuses, before anything else looks at it, a document that is larger than any client needs, and
 * lists of variables that are longer. What is no GraphQL passes: the server says what is wrong.
 */
export function documentGuard(
  limits: DocumentLimits,
  listItems: number,
  refuse: RequestHandler,
): RequestHandler {
  return (req, res, next) => {
    const asked = parametersOf(req.body) ?? parametersOf(req.query);
    const text = asked?.['query'];
    const large =
      (typeof text === 'string' && isLargeText(text, limits)) ||
      hasLongList(asked?.['variables'], listItems);
    if (large) void refuse(req, res, next);
    else next();
  };
}

function parametersOf(value: unknown): Record<string, unknown> | null {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject && Object.keys(value).length > 0 ? (value as Record<string, unknown>) : null;
}

function isLargeText(text: string, limits: DocumentLimits): boolean {
  try {
    return isTooLarge(parse(text, { maxTokens: limits.tokens, noLocation: true }), limits);
  } catch (error) {
    // No syntax error, then: what is nested so deep that it overflows the parser's stack.
    return !(error instanceof GraphQLError) || error.message.includes('tokens');
  }
}

function hasLongList(value: unknown, items: number): boolean {
  const rest: unknown[] = [value];
  while (rest.length > 0) {
    const next = rest.pop();
    if (typeof next !== 'object' || next === null) continue;
    if (Array.isArray(next) && next.length > items) return true;
    for (const each of Object.values(next)) rest.push(each);
  }
  return false;
}
