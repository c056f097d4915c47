/** What the pages ask of the gateway they came from; nothing else is ever asked. */

export interface Persona {
  readonly persona: string;
  readonly zh: string;
  readonly role: string;
  readonly unit: string;
  readonly name?: string;
}

export interface Example {
  readonly name: string;
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly persona: string | null;
}

export interface About {
  readonly mode: string;
  readonly localIssuer: boolean;
  readonly docs: readonly { readonly title: string; readonly path: string }[];
}

export interface Readiness {
  readonly status: string;
  readonly services: Readonly<Record<string, { readonly state: string; readonly reason?: string }>>;
}

export interface TokenAnswer {
  readonly token?: string;
  readonly errors?: readonly { readonly message: string }[];
}

/** JSON from our own origin. */
export async function getJson<T>(path: string): Promise<T> {
  const response = await fetch(path, { headers: { accept: 'application/json' } });
  return (await response.json()) as T;
}

/** A token for a persona; only the local issuer gives one. */
export async function fetchToken(persona: string): Promise<string> {
  const response = await fetch('/auth/token', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ persona }),
  });
  const answer = (await response.json()) as TokenAnswer;
  if (answer.token === undefined) throw new Error(answer.errors?.[0]?.message ?? 'no token');
  return answer.token;
}
