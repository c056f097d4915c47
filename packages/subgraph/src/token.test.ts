import { createHmac } from 'node:crypto';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { exportJWK, exportSPKI, generateKeyPair, SignJWT, type CryptoKey } from 'jose';
import { createTokenVerifier, type TokenVerifier } from './token.js';

const ALGORITHMS = ['ES256', 'EdDSA', 'RS256', 'PS256'] as const;
type Pair = { privateKey: CryptoKey; publicKey: CryptoKey };

const listen = async (answer: RequestListener): Promise<{ server: Server; url: string }> => {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
};

const close = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });

const base64 = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const seconds = (): number => Math.floor(Date.now() / 1000);

describe('a token', () => {
  const pairs = new Map<string, Pair>();
  let stranger: Pair;
  let issuer: { server: Server; url: string };
  let verifier: TokenVerifier;
  const asked: string[] = [];
  beforeAll(async () => {
    for (const algorithm of ALGORITHMS) pairs.set(algorithm, await generateKeyPair(algorithm));
    stranger = await generateKeyPair('ES256', { extractable: true });
    const keys = await Promise.all(
      [...pairs].map(async ([alg, { publicKey }]) => ({
        ...(await exportJWK(publicKey)),
        ...{ kid: alg, alg, use: 'sig' },
      })),
    );
    issuer = await listen((request, response) => {
      asked.push(request.url ?? '');
      const discovery = { issuer: issuer.url, jwks_uri: `${issuer.url}/keys` };
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(request.url === '/keys' ? { keys } : discovery));
    });
    const { url } = issuer;
    const config = { kind: 'oidc', issuer: url, audience: 'yanxiu', roles: 'claims' } as const;
    verifier = await createTokenVerifier(config, { maxAgeMs: 300_000, cooldownMs: 300_000 });
  });
  afterAll(() => close(issuer.server));

  interface Made {
    alg?: string;
    header?: object;
    claims?: object;
    key?: CryptoKey;
  }
  const make = ({ alg = 'ES256', header, claims, key }: Made): Promise<string> => {
    const now = seconds();
    const proper = { iss: issuer.url, aud: 'yanxiu', iat: now, exp: now + 60 };
    const of = { sub: 'o-1', role: 'OFFICER', unit: '140000' };
    return new SignJWT({ ...proper, ...of, ...claims })
      .setProtectedHeader({ alg, kid: alg, typ: 'JWT', ...header })
      .sign(key ?? pairs.get(alg)!.privateKey);
  };
  const verdict = (token: string): Promise<unknown> =>
    verifier.verify(`Bearer ${token}`).then(
      (actor) => actor?.subject,
      (error: { extensions?: { code?: string } }) => error.extensions?.code,
    );
  const REFUSED = 'UNAUTHENTICATED';

  it.each<[string, () => Made]>([
    ...ALGORITHMS.map((alg): [string, () => Made] => [`is signed with ${alg}`, () => ({ alg })]),
    ['is an access token by RFC 9068', () => ({ header: { typ: 'at+jwt' } })],
    ['is one with its whole media type', () => ({ header: { typ: 'application/at+jwt' } })],
    ['does not say what it is', () => ({ header: { typ: undefined } })],
    ['is for several, us among them', () => ({ claims: { aud: ['another', 'yanxiu'] } })],
    ['ended a moment ago by the clock of here', () => ({ claims: { exp: seconds() - 1 } })],
    ['counts in a moment by the clock of here', () => ({ claims: { nbf: seconds() + 2 } })],
  ])('holds when it %s', async (_what, made) => {
    expect(await verdict(await make(made()))).toBe('o-1');
  });

  it.each<[string, () => Made]>([
    ['has expired', () => ({ claims: { exp: seconds() - 6 } })],
    ['does not count yet', () => ({ claims: { nbf: seconds() + 60 } })],
    ['never expires', () => ({ claims: { exp: undefined } })],
    ['is for another platform', () => ({ claims: { aud: 'another' } })],
    ['is for nobody', () => ({ claims: { aud: undefined } })],
    ['is of another issuer', () => ({ claims: { iss: 'https://issuer.example' } })],
    ['is of the same issuer with a slash', () => ({ claims: { iss: `${issuer.url}/` } })],
    ['is of no issuer', () => ({ claims: { iss: undefined } })],
    ['has no subject', () => ({ claims: { sub: undefined } })],
    ['has an empty subject', () => ({ claims: { sub: '' } })],
    ['has a number for a subject', () => ({ claims: { sub: 7 } })],
    ['has no role', () => ({ claims: { role: undefined } })],
    ['has a role that is none', () => ({ claims: { role: 'ROOT' } })],
    ['has a role of JavaScript', () => ({ claims: { role: '__proto__' } })],
    ['has no unit', () => ({ claims: { unit: undefined } })],
    ['is signed by a stranger', () => ({ key: stranger.privateKey })],
    ['is of another type', () => ({ header: { typ: 'logout+jwt' } })],
    ["is the gateway's credential", () => ({ header: { typ: 'yanxiu-gateway+jwt' } })],
    ['names a file for its key', () => ({ header: { kid: '../../../../dev/null' } })],
    ['names a statement for its key', () => ({ header: { kid: "x' UNION SELECT 'k" } })],
    ['names an unknown key', () => ({ header: { kid: 'none' } })],
    ['names the key of another algorithm', () => ({ header: { kid: 'RS256' } })],
  ])('is refused when it %s', async (_what, made) => {
    expect(await verdict(await make(made()))).toBe(REFUSED);
    expect(await verdict(await make({}))).toBe('o-1');
  });

  it('is refused when it asks for its own key by jku, x5u or jwk, and nothing is fetched', async () => {
    const elsewhere: string[] = [];
    const jwk = { ...(await exportJWK(stranger.publicKey)), kid: 'ES256', alg: 'ES256' };
    const trap = await listen((request, response) => {
      elsewhere.push(request.url ?? '');
      response.end(JSON.stringify({ keys: [jwk] }));
    });
    for (const header of [{ jku: `${trap.url}/jku` }, { x5u: `${trap.url}/x5u` }, { jwk }]) {
      expect(await verdict(await make({ header, key: stranger.privateKey }))).toBe(REFUSED);
      expect(await verdict(await make({ header }))).toBe('o-1');
    }
    expect(elsewhere).toEqual([]);
    await close(trap.server);
  });

  it('is refused without a signature, or with one of a key that everyone knows', async () => {
    const now = seconds();
    const claims = { iss: issuer.url, aud: 'yanxiu', iat: now, exp: now + 60, sub: 'o-1' };
    const body = base64({ ...claims, role: 'OFFICER', unit: '140000' });
    const pem = await exportSPKI(pairs.get('RS256')!.publicKey);
    for (const alg of ['none', 'None', 'NONE', 'HS256', 'HS512', '']) {
      const head = base64({ alg, kid: 'RS256', typ: 'JWT' });
      const mac = createHmac(alg === 'HS512' ? 'sha512' : 'sha256', pem);
      const signature = mac.update(`${head}.${body}`).digest('base64url');
      expect([alg, await verdict(`${head}.${body}.`)]).toEqual([alg, REFUSED]);
      expect([alg, await verdict(`${head}.${body}.${signature}`)]).toEqual([alg, REFUSED]);
    }
    const [head, , signature] = (await make({ alg: 'RS256' })).split('.');
    expect(await verdict(`${head}.${body.slice(0, -2)}.${signature}`)).toBe(REFUSED);
    expect(await verdict(await make({ alg: 'RS256' }))).toBe('o-1');
  });

  it('is refused beyond any real size, and under another scheme', async () => {
    expect(await verdict(await make({ claims: { padding: 'x'.repeat(9_000) } }))).toBe(REFUSED);
    const token = await make({});
    for (const header of [`Basic ${token}`, token, `Bearer ${token} more`, 'Bearer ', 'Bearer']) {
      await expect(verifier.verify(header)).rejects.toThrow('Sign in first');
    }
    expect(await verifier.verify(`bearer ${token}`)).toMatchObject({ subject: 'o-1' });
    expect(await verifier.verify(undefined)).toBeNull();
  });

  it('says of one that has expired that it has, and of another nothing', async () => {
    const expired = await make({ claims: { exp: seconds() - 60 } });
    await expect(verifier.verify(`Bearer ${expired}`)).rejects.toThrow('has expired');
    const forged = await make({ key: stranger.privateKey });
    await expect(verifier.verify(`Bearer ${forged}`)).rejects.toThrow(
      'The token is not valid here.',
    );
  });

  it('has its keys fetched once, not once for each bad one', () => {
    expect(asked.filter((path) => path === '/keys')).toHaveLength(1);
  });
});
