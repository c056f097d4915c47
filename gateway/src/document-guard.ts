import type { RequestHandler } from 'express';
import { GraphQLError, parse } from 'graphql';
import { isTooLarge, type DocumentLimits } from './document-limits.js';
import { parametersOf } from './request-parameters.js';

/** Values of variables in one another; no input of ours is half as deep. */
const VALUE_DEPTH = 32;

/**
 * Refuses, before anything else looks at it, a document that is larger than any client needs, and
 * variables that are longer or deeper. What is no GraphQL passes: the server says what is wrong.
 */
export function documentGuard(
  limits: DocumentLimits,
  listItems: number,
  refuse: RequestHandler,
): RequestHandler {
  return (req, res, next) => {
    const { query, variables } = parametersOf(req);
    const large =
      (typeof query === 'string' && isLargeText(query, limits)) ||
      isLargeValue(variables, listItems);
    if (large) void refuse(req, res, next);
    else next();
  };
}

function isLargeText(text: string, limits: DocumentLimits): boolean {
  try {
    return isTooLarge(parse(text, { maxTokens: limits.tokens, noLocation: true }), limits);
  } catch (error) {
    // No syntax error, then: what is nested so deep that it overflows the parser's stack.
    return !(error instanceof GraphQLError) || error.message.includes('tokens');
  }
}

function isLargeValue(value: unknown, items: number): boolean {
  const rest: { of: unknown; depth: number }[] = [{ of: value, depth: 0 }];
  for (let next = rest.pop(); next !== undefined; next = rest.pop()) {
    const { of, depth } = next;
    if (typeof of !== 'object' || of === null) continue;
    if (depth > VALUE_DEPTH || (Array.isArray(of) && of.length > items)) return true;
    for (const each of Object.values(of)) rest.push({ of: each, depth: depth + 1 });
  }
  return false;
}
