import type { Request } from 'express';

/** What a request asks of the GraphQL server. */
export type Parameters = Record<string, unknown>;

/**
 * The parameters, from where the GraphQL server takes them: a POST's body, else the address. A
 * guard that looked elsewhere would judge another document than the one that runs.
 */
export function parametersOf(req: Request): Parameters {
  if (req.method === 'POST') return isRecord(req.body) ? req.body : {};
  const parameters: Parameters = {};
  for (const [name, value] of searchOf(req)) {
    parameters[name] = name === 'variables' || name === 'extensions' ? parsed(value) : value;
  }
  return parameters;
}

/** Lets the request ask this document instead of what it named. */
export function replaceDocument(req: Request, query: string): void {
  if (req.method === 'POST') {
    const { operationName = null, variables = null } = parametersOf(req);
    req.body = { query, operationName, variables };
    return;
  }
  const search = searchOf(req);
  search.delete('id');
  search.delete('extensions');
  search.set('query', query);
  req.url = `/?${search}`;
}

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Not `req.query`: its parser stops after a thousand names, the server's does not. */
function searchOf({ url }: Request): URLSearchParams {
  const start = url.indexOf('?');
  return new URLSearchParams(start < 0 ? '' : url.slice(start));
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
