import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { discoverKeys, issuerUrlProblem } from './oidc-discovery.js';

describe('the URL of an issuer', () => {
  it.each([
    'https://login.example.org/realms/yanxiu',
    'http://127.0.0.1:4400',
    'http://localhost:4400/',
    'http://[::1]:4400',
  ])('may be %s', (url) => expect(issuerUrlProblem(url)).toBeNull());

  it.each([
    ['http://login.example.org', 'is not https'],
    ['http://127.0.0.1.example.org', 'is not https'],
    ['http://localhost@example.org', 'has a user'],
    ['https://a:b@login.example.org', 'has a user'],
    ['https://login.example.org?realm=1', 'a query'],
    ['ftp://127.0.0.1', 'is not https'],
    ['file:///etc/passwd', 'is not https'],
    ['login.example.org', 'is not a URL'],
  ])('may not be %s', (url, why) => expect(issuerUrlProblem(url)).toContain(why));
});

describe('discovery', () => {
  let server: Server | undefined;
  afterEach(
    () =>
      new Promise<void>((resolve) => {
        if (!server) return resolve();
        server.close(() => resolve());
        server.closeAllConnections();
        server = undefined;
      }),
  );

  /** An issuer that answers what `answer` makes of its URL; null for never. */
  const issuer = async (answer: (url: string) => object | string | null): Promise<string> => {
    const made = createServer((_request, response) => {
      const text = answer(url);
      if (typeof text === 'object' && text !== null) response.end(JSON.stringify(text));
      else if (text !== null) response.writeHead(302, { location: text }).end();
    });
    server = made;
    await new Promise<void>((resolve) => made.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(made.address() as AddressInfo).port}`;
    return url;
  };

  it('finds the keys', async () => {
    const keys = 'https://keys.example.org/jwks?v=2';
    const url = await issuer((own) => ({ issuer: own, jwks_uri: keys }));
    expect((await discoverKeys(url)).href).toBe(keys);
  });

  it.each<[string, (url: string) => object | string, RegExp]>([
    [
      'calls itself otherwise',
      (url) => ({ issuer: `${url}/`, jwks_uri: url }),
      /calls itself .*\/:/,
    ],
    ['is another', () => ({ issuer: 'https://other.example' }), /calls itself https:\/\/other/],
    ['names no keys', (url) => ({ issuer: url }), /no https jwks_uri/],
    [
      'has its keys where anyone may change them on the way',
      (url) => ({ issuer: url, jwks_uri: 'http://keys.example.org' }),
      /no https jwks_uri/,
    ],
    ['sends us elsewhere', () => 'https://other.example/', /cannot be used/],
    ['answers a list', () => [], /calls itself undefined/],
  ])('refuses an issuer that %s', async (_what, answer, message) => {
    const url = await issuer(answer);
    await expect(discoverKeys(url)).rejects.toThrow(message);
    await expect(discoverKeys(url)).rejects.toThrow(`OIDC_ISSUER: ${url}`);
  });

  it('says so within 10 s of one that is not there, or never answers', async () => {
    const gone = await issuer(() => null);
    await new Promise((resolve) => server?.close(resolve));
    const since = performance.now();
    await expect(discoverKeys(gone)).rejects.toThrow(/OIDC_ISSUER.*ECONNREFUSED/);
    const silent = await issuer(() => null);
    await expect(discoverKeys(silent)).rejects.toThrow(/OIDC_ISSUER.*timeout/i);
    expect(performance.now() - since).toBeLessThan(10_000);
  });
});
