import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startWorld } from './fixtures/world.js';
import type { World } from './fixtures/world.js';

/** The status that a request with this Host header gets; `fetch` would not send one. */
function statusForHost(url: string, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(`${url}/health/live`, { headers: { host } }, (res) => {
      res.resume();
      resolve(res.statusCode ?? 0);
    });
    sent.on('error', reject);
    sent.end();
  });
}

describe('a local installation', () => {
  let world: World;
  let url = '';
  beforeAll(async () => {
    world = await startWorld();
    ({ url } = world.gateway);
  });
  afterAll(() => world.stop());

  const post = (headers: Record<string, string>, body: unknown): Promise<Response> =>
    fetch(`${url}/auth/token`, { method: 'POST', headers, body: JSON.stringify(body) });
  const own = (): Record<string, string> => ({ origin: url, 'content-type': 'application/json' });

  it.each([
    ['localhost', 200],
    ['localhost:4000', 200],
    ['127.0.0.1:1', 200],
    ['[::1]:4000', 200],
    ['evil.example', 421],
    ['localhost.evil.example', 421],
    ['127.0.0.1.evil.example:4000', 421],
    ['localhost:4000@evil.example', 421],
  ])('called as %s answers %i', async (host, status) => {
    expect(await statusForHost(url, host)).toBe(status);
  });

  it('gives its own page a token that it takes', async () => {
    const response = await post(
      { ...own(), 'sec-fetch-site': 'same-origin' },
      { persona: 'teacher', n: 2 },
    );
    expect(response.status).toBe(200);
    const { token, claims } = (await response.json()) as { token: string; claims: unknown };
    expect(claims).toMatchObject({ role: 'TEACHER', teacher: 't-2', unit: 'S1' });
    const headers = { authorization: `Bearer ${token}` };
    expect((await world.ask('{ hoursMinimum }', { headers })).status).toBe(200);
  });

  it.each([
    ['no origin', { 'content-type': 'application/json' }],
    ['another origin', { origin: 'http://evil.example', 'content-type': 'application/json' }],
    ['another port', { origin: 'http://127.0.0.1:1', 'content-type': 'application/json' }],
    ['origin null', { origin: 'null', 'content-type': 'application/json' }],
  ])('gives no token to a request with %s', async (_what, headers) => {
    const response = await post(headers, { persona: 'teacher' });
    expect(response.status).toBe(403);
    expect(await response.text()).not.toContain('eyJ');
  });

  it('gives no token across sites, as a form, or by GET', async () => {
    const crossSite = { ...own(), 'sec-fetch-site': 'cross-site' };
    expect((await post(crossSite, { persona: 'teacher' })).status).toBe(403);
    const form = { ...own(), 'content-type': 'text/plain' };
    expect((await post(form, { persona: 'teacher' })).status).toBe(403);
    expect((await fetch(`${url}/auth/token?persona=teacher`)).status).toBe(404);
  });

  it('says which personas there are to one who asks for another', async () => {
    const response = await post(own(), { persona: 'king' });
    expect(response.status).toBe(400);
    expect(await response.text()).toContain('province-officer, city-officer, teacher');
    expect((await post(own(), { persona: 7 })).status).toBe(400);
  });

  it('names no other origin in any policy and serves no inline script', async () => {
    for (const path of ['/', '/explorer', '/docs', '/health/ready', '/nothing']) {
      const policy = (await fetch(url + path)).headers.get('content-security-policy') ?? '';
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("script-src 'self';");
      expect(policy).not.toMatch(/https?:|\*|unsafe-eval|script-src[^;]*unsafe/);
    }
  });

  it('serves the examples with their personas and variables', async () => {
    expect(await (await fetch(`${url}/examples.json`)).json()).toEqual([
      expect.objectContaining({
        name: '01-teacher-hours',
        persona: 'city-officer',
        variables: { id: 't-1' },
      }),
      expect.objectContaining({ name: '02-minimum', persona: null, variables: {} }),
    ]);
  });

  it('serves the documents it lists and no other file', async () => {
    const about = (await (await fetch(`${url}/about.json`)).json()) as { docs: { path: string }[] };
    expect(about).toMatchObject({ mode: 'local', localIssuer: true });
    expect(about.docs.map((doc) => doc.path)).toEqual(['README.md', 'docs/architecture.md']);
    const doc = await fetch(`${url}/docs/docs/architecture.md`);
    expect(await doc.text()).toContain('# Architecture');
    expect(doc.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    for (const path of ['examples/02-minimum.graphql', '..%2f..%2fserver.ts', '%2e%2e/world.ts']) {
      expect((await fetch(`${url}/docs/${path}`)).status).toBe(404);
    }
  });
});

describe('with an OIDC issuer or in production', () => {
  it('is a clear error when the issuer does not answer', async () => {
    const oidcIssuer = 'http://127.0.0.1:1';
    await expect(startWorld({ oidcIssuer })).rejects.toThrow('OIDC_ISSUER');
  });
});
