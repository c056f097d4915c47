/** Until an issuer has answered at start. */
const DISCOVERY_MS = 6_000;

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

/** What is wrong with a URL of the issuer; null when it may be used. Its keys decide who is who. */
export function issuerUrlProblem(url: string): string | null {
  if (!URL.canParse(url)) return 'is not a URL: set https://…';
  const { protocol, hostname, username, search, hash } = new URL(url);
  if (username !== '' || search !== '' || hash !== '') {
    return 'has a user, a query or a fragment: set the plain https://… of the issuer';
  }
  if (protocol === 'https:' || (protocol === 'http:' && LOOPBACK.includes(hostname))) return null;
  return 'is not https: set https://… (http:// is for an issuer on this machine only)';
}

/**
 * Where the issuer has its keys, by OpenID Connect Discovery; an error names OIDC_ISSUER and says
 * what is wrong with it, within 6 s.
 */
export async function discoverKeys(issuer: string): Promise<URL> {
  const refuse = (why: string): Error => new Error(`OIDC_ISSUER: ${issuer} ${why}`);
  const problem = issuerUrlProblem(issuer);
  if (problem !== null) throw refuse(problem);
  const found = await readDiscovery(issuer).catch((error: unknown) => {
    throw refuse(`cannot be used (${reasonOf(error)})`);
  });
  if (found.issuer !== issuer) {
    throw refuse(`calls itself ${String(found.issuer)}: set OIDC_ISSUER to exactly that`);
  }
  const { jwks_uri: jwksUri } = found;
  if (typeof jwksUri !== 'string' || issuerKeysProblem(jwksUri)) {
    throw refuse('names no https jwks_uri for its keys');
  }
  return new URL(jwksUri);
}

/** A query is in order where the keys are. */
const issuerKeysProblem = (uri: string): boolean =>
  !URL.canParse(uri) || issuerUrlProblem(new URL(new URL(uri).pathname, uri).href) !== null;

async function readDiscovery(issuer: string): Promise<{ issuer?: unknown; jwks_uri?: unknown }> {
  const base = issuer.replace(/\/$/, '');
  const response = await fetch(`${base}/.well-known/openid-configuration`, {
    signal: AbortSignal.timeout(DISCOVERY_MS),
    redirect: 'error',
  });
  if (!response.ok) throw new Error(`discovery answers ${response.status}`);
  const found: unknown = await response.json();
  if (typeof found !== 'object' || found === null) throw new Error('discovery is no JSON object');
  return found;
}

function reasonOf(error: unknown): string {
  const cause = typeof error === 'object' && error !== null && 'cause' in error && error.cause;
  return cause ? `${String(error)}: ${String(cause)}` : String(error);
}
