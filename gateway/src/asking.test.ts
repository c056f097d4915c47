import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mintToken } from '@yanxiu/subgraph/local-issuer';
import { getIntrospectionQuery } from 'graphql';
import { ask, OPERATIONS, startWorld } from './fixtures/world.js';
import type { Asked, World } from './fixtures/world.js';
import { idOf } from './persisted-operations.js';

const codesOf = ({ errors }: Asked): unknown[] | undefined =>
  errors?.map(({ extensions }) => extensions['code']);
const READERS = ['ANALYST', 'AUDITOR', 'PLATFORM', 'OFFICER'];
const OTHERS = ['TEACHER', 'COORDINATOR', 'INSTITUTION', 'EVALUATOR', 'FINANCE'];

async function tokenOf(world: World, role: string | null): Promise<Record<string, string>> {
  if (role === null) return {};
  const token = await mintToken(world.config.dataDir, { sub: role, role, unit: '140400' });
  return { authorization: `Bearer ${token}` };
}

describe('the schema', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld();
  });
  afterAll(() => world.stop());

  it.each(READERS)('is shown to the role %s', async (role) => {
    const headers = await tokenOf(world, role);
    const asked = await world.ask(getIntrospectionQuery(), { headers });
    expect(asked.data).toMatchObject({ __schema: { queryType: { name: 'Query' } } });
    const typo = await world.ask('{ hoursMinimun }', { headers });
    expect(typo.errors?.[0]?.message).toContain('hoursMinimum');
  });

  it.each([...OTHERS, null])('is not shown to the role %s', async (role) => {
    const headers = await tokenOf(world, role);
    for (const query of [
      getIntrospectionQuery(),
      '{ __type(name: "Teacher") { name } }',
      '{ ...A } fragment A on Query { a: __schema { types { name } } }',
    ]) {
      const asked = await world.ask(query, { headers });
      expect([asked.status, asked.data, codesOf(asked)]).toEqual([403, undefined, ['FORBIDDEN']]);
    }
    expect((await world.ask('{ __typename }', { headers })).data).toEqual({ __typename: 'Query' });
    for (const query of ['{ hoursMinimun }', '{ teacher(ids: "t-1") { nam } }']) {
      const { errors } = await world.ask(query, { headers });
      expect(errors?.[0]?.extensions['code']).toBe('GRAPHQL_VALIDATION_FAILED');
      expect(JSON.stringify(errors)).not.toMatch(/Did you mean|hoursMinimum"|"name"/);
    }
  });
});

describe('where free queries are for analysts', () => {
  let world: World;
  const own = '{ teacher(id: "t-1") { name hours } }';
  beforeAll(async () => {
    world = await startWorld({ freeQueries: 'analysts' });
  });
  afterAll(() => world.stop());
  const post = async (
    { extensions, ...body }: { extensions?: object; [name: string]: unknown },
    role: string | null,
  ): Promise<Asked> => {
    const headers = await tokenOf(world, role);
    return ask(world.gateway.url, body, { headers, ...(extensions && { extensions }) });
  };
  const get = async (parameters: Record<string, string>): Promise<Asked> => {
    const url = `${world.gateway.url}/graphql?${new URLSearchParams(parameters)}`;
    const response = await fetch(url, { headers: { 'apollo-require-preflight': 'x' } });
    const { status, headers } = response;
    return { status, headers, ...((await response.json()) as Pick<Asked, 'data' | 'errors'>) };
  };

  it.each(['ANALYST', 'AUDITOR', 'PLATFORM'])('%s writes one', async (role) => {
    expect((await post({ query: own }, role)).data).toMatchObject({ teacher: { hours: '72.00' } });
  });

  it.each(['OFFICER', ...OTHERS, null])('%s names an operation of a client', async (role) => {
    const id = idOf(OPERATIONS.teacher);
    const variables = { id: 't-2' };
    const answer = { teacher: { name: 'Teacher t-2' } };
    expect((await post({ id, variables }, role)).data).toEqual(answer);
    const extensions = { persistedQuery: { version: 1, sha256Hash: id } };
    expect((await post({ variables, extensions }, role)).data).toEqual(answer);
    // Blanks and comments make no other operation of it.
    const query = `# teacher\n${OPERATIONS.teacher.replaceAll('\n', ' \n ')}`;
    expect((await post({ query, variables }, role)).data).toEqual(answer);
    world.personnel.seen.length = 0;
    for (const body of [
      { query: own },
      { query: '{ nothing }' },
      { query: '{' },
      { query: `${OPERATIONS.teacher} query B { hoursMinimum }`, operationName: 'B' },
      { query: own, extensions },
    ]) {
      const refused = await post(body, role);
      expect([refused.status, codesOf(refused)]).toEqual([403, ['FORBIDDEN']]);
    }
    expect(world.personnel.seen).toHaveLength(0);
  });

  it('an unknown id is refused, and what an analyst has registered is his alone', async () => {
    const unknown = await post({ id: idOf(own) }, 'ANALYST');
    expect([unknown.status, codesOf(unknown)]).toEqual([404, ['PERSISTED_QUERY_NOT_FOUND']]);
    const extensions = { persistedQuery: { version: 1, sha256Hash: idOf(own) } };
    expect((await post({ query: own, extensions }, 'ANALYST')).errors).toBeUndefined();
    expect((await post({ extensions }, 'ANALYST')).errors).toBeUndefined();
    expect(codesOf(await post({ extensions }, 'TEACHER'))).toEqual(['FORBIDDEN']);
  });

  it('holds by GET too', async () => {
    const id = idOf(OPERATIONS.teacher);
    const variables = JSON.stringify({ id: 't-3' });
    expect((await get({ id, variables })).data).toEqual({ teacher: { name: 'Teacher t-3' } });
    expect((await get({ query: own })).status).toBe(403);
  });
});

describe('what a request asks by GET', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld();
  });
  afterAll(() => world.stop());

  const deep = `{ teacher(id: "t") ${'{ a '.repeat(400)} ${'}'.repeat(400)} }`;
  const dummies = Array.from({ length: 1_100 }, () => 'a&').join('');
  const long = JSON.stringify({ id: Array.from({ length: 2_001 }, () => 1) });

  it.each([
    ['beside a body', `query=${encodeURIComponent(deep)}`, '{"query":"{ hoursMinimum }"}'],
    ['after a thousand names', `${dummies}query=${encodeURIComponent(deep)}`, undefined],
    [
      'with a long list',
      `query=${encodeURIComponent('query($id: ID!) { teacher(id: $id) { name } }')}&variables=${long}`,
      undefined,
    ],
  ])('is judged as it will run: %s', async (_what, search, body) => {
    const { request } = await import('undici');
    const answer = await request(`${world.gateway.url}/graphql?${search}`, {
      method: 'GET',
      headers: { 'apollo-require-preflight': 'x', 'content-type': 'application/json' },
      ...(body !== undefined && { body }),
    });
    expect([answer.statusCode, await answer.body.json()]).toMatchObject([
      400,
      { errors: [{ extensions: { code: 'LIMIT_EXCEEDED' } }] },
    ]);
  });
});
