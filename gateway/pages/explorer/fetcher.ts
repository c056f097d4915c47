import type { Fetcher } from '@graphiql/toolkit';

/** A GraphiQL fetcher that asks as the persona chosen, unless a header written by hand says else. */
export function gatewayFetcher(url: string): {
  fetch: Fetcher;
  setToken(token: string | null): void;
} {
  let token: string | null = null;
  return {
    setToken(next) {
      token = next;
    },
    async fetch(params, options) {
      const response = await fetch(url, {
        method: 'POST',
        headers: {
          ...(token === null ? {} : { authorization: `Bearer ${token}` }),
          'accept-language': navigator.language,
          ...options?.headers,
          'content-type': 'application/json',
        },
        body: JSON.stringify(params),
      });
      return response.json();
    },
  };
}
