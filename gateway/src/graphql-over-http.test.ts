import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mintToken } from '@yanxiu/subgraph/local-issuer';
import { serverAudits } from 'graphql-http';
import { startWorld } from './fixtures/world.js';
import type { World } from './fixtures/world.js';

/**
 * What the guard against forged requests refuses on purpose: a GET that a form or a link of
 * another site could send, since it has no header that would need a preflight.
 */
const REFUSED_ON_PURPOSE = [
  '5A70 MAY accept application/x-www-form-urlencoded formatted GET requests',
  'D6D5 MAY allow URL-encoded JSON string {variables} parameter in GETs when accepting application/graphql-response+json',
  '6A70 MAY allow URL-encoded JSON string {variables} parameter in GETs when accepting application/json',
];

describe('GraphQL over HTTP', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld();
  });
  afterAll(() => world.stop());

  it('passes the 61 audits of graphql-http, but for three that may be refused', async () => {
    // Some of them ask for the schema, which not everyone may see.
    const analyst = { sub: 'a-1', role: 'ANALYST', unit: '140000' };
    const authorization = `Bearer ${await mintToken(world.config.dataDir, analyst)}`;
    const audits = serverAudits({
      url: `${world.gateway.url}/graphql`,
      fetchFn: (url: string, init: RequestInit = {}) =>
        fetch(url, { ...init, headers: { ...init.headers, authorization } }),
    });
    expect(audits).toHaveLength(61);
    const failed: Record<string, string[]> = { error: [], warn: [], notice: [] };
    for (const audit of audits) {
      const { id, name, status } = await audit.fn();
      failed[status]?.push(`${id} ${name}`);
    }
    expect(failed).toEqual({ error: [], warn: [], notice: REFUSED_ON_PURPOSE });
  });

  const post = async (query: string, accept?: string, variables?: object): Promise<number> => {
    const headers = { 'content-type': 'application/json', ...(accept && { accept }) };
    const body = JSON.stringify({ query, variables });
    return (await fetch(`${world.gateway.url}/graphql`, { method: 'POST', headers, body })).status;
  };
  const GRAPHQL = 'application/graphql-response+json';
  const TEACHER = 'query ($id: ID!) { teacher(id: $id) { name } }';

  it.each<[string, string, object]>([
    ['that cannot be parsed', '{ teacher(', {}],
    ['that is not valid', '{ nothing }', {}],
    ['whose values do not fit', TEACHER, { id: null }],
  ])('answers 200 to a document %s for application/json alone', async (_what, query, given) => {
    expect(await post(query, 'application/json', given)).toBe(200);
    expect(await post(query, 'application/json; charset=utf-8', given)).toBe(200);
    for (const accept of [GRAPHQL, `${GRAPHQL}, application/json`, '*/*', undefined]) {
      expect([accept, await post(query, accept, given)]).toEqual([accept, 400]);
    }
  });

  it('answers 4xx to what is beyond a limit, whatever the client accepts', async () => {
    const deep = `{ ${'a { '.repeat(60)} b ${'} '.repeat(60)} }`;
    const costly = '{ teachers(first: 100000) { nodes { id } } }';
    for (const accept of ['application/json', GRAPHQL]) {
      for (const query of [deep, costly]) expect(await post(query, accept)).toBe(400);
      expect(await post('{ hoursMinimum }', accept)).toBe(200);
    }
  });
});
