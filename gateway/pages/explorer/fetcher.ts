import type { Fetcher } from '@graphiql/toolkit';
import { fetchToken } from '../api.js';

/** GraphiQL names the operation a moment late: a name that the text no longer has is left out. */
function nameWithin(params: { query: string; operationName?: string | null }): string | undefined {
  const name = params.operationName;
  if (name === undefined || name === null) return undefined;
  return new RegExp(`\\b(query|mutation)\\s+${name}\\b`).test(params.query) ? name : undefined;
}

/**
 * A GraphiQL fetcher that asks as the persona chosen, unless a header written by hand says else.
 * The schema is asked for by `reader`, a persona with a right to it, whoever asks the rest.
 */
export function gatewayFetcher(
  url: string,
  reader: string | null,
): {
  fetch: Fetcher;
  setToken(token: string | null): void;
} {
  let token: string | null = null;
  const ofReader = reader === null ? null : fetchToken(reader);
  return {
    setToken(next) {
      token = next;
    },
    async fetch(params, options) {
      const forSchema = params.operationName === 'IntrospectionQuery';
      const used = (forSchema ? await ofReader : null) ?? token;
      const response = await fetch(url, {
        method: 'POST',
        headers: {
          ...(used === null ? {} : { authorization: `Bearer ${used}` }),
          'accept-language': navigator.language,
          ...options?.headers,
          'content-type': 'application/json',
        },
        body: JSON.stringify({ ...params, operationName: nameWithin(params) }),
      });
      return response.json();
    },
  };
}
