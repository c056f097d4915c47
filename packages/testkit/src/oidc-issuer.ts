import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT, type JWTPayload } from 'jose';

const ALGORITHM = 'RS256';
const KEY_ID = 'test-1';

/** A real OIDC issuer over HTTP, as far as a resource server sees one. */
export interface OidcIssuer {
  /** As `OIDC_ISSUER` takes it. */
  url: string;
  /** A token as the issuer would give it, for the audience `yanxiu` unless another is named. */
  sign(claims: JWTPayload, audience?: string): Promise<string>;
  stop(): Promise<void>;
}

/** Starts an issuer with discovery and its public keys on 127.0.0.1. */
export const startOidcIssuer = async (): Promise<OidcIssuer> => {
  const pair = await generateKeyPair(ALGORITHM);
  const about = { kid: KEY_ID, alg: ALGORITHM, use: 'sig' };
  const keys = { keys: [{ ...(await exportJWK(pair.publicKey)), ...about }] };
  let url = '';
  const answer = (response: ServerResponse, body: object | undefined): void => {
    response.writeHead(body ? 200 : 404, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body ?? {}));
  };
  const server = createServer((request, response) => {
    const pages: Record<string, object> = {
      '/.well-known/openid-configuration': { issuer: url, jwks_uri: `${url}/keys` },
      '/keys': keys,
    };
    answer(response, pages[request.url ?? '']);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    sign: (claims, audience = 'yanxiu') =>
      new SignJWT(claims)
        .setProtectedHeader({ alg: ALGORITHM, kid: KEY_ID, typ: 'JWT' })
        .setIssuer(claims.iss ?? url)
        .setAudience(audience)
        .setIssuedAt()
        .setExpirationTime('1h')
        .sign(pair.privateKey),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
