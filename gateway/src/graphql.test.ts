import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { CredentialVerifier, gatewayKeyFiles } from '@yanxiu/subgraph/gateway-credential';
import { mintToken } from '@yanxiu/subgraph/local-issuer';
import { ask, startWorld } from './fixtures/world.js';
import type { World } from './fixtures/world.js';

const OFFICER = { sub: 'city-officer:140400:1', role: 'OFFICER', unit: '140400' };
const TEACHER = '{ teacher(id: "t-1") { name hours } }';

describe('POST /graphql', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({ limits: { bodyBytes: 2_000 } });
  });
  afterAll(() => world.stop());
  beforeEach(() => {
    world.personnel.seen.length = 0;
    world.hours.seen.length = 0;
  });

  it('joins what two subgraphs know, also for a caller without a token', async () => {
    const { status, data, errors } = await world.ask(TEACHER);
    expect({ status, data, errors }).toEqual({
      status: 200,
      data: { teacher: { name: 'Teacher t-1', hours: '72.00' } },
      errors: undefined,
    });
  });

  it('forwards the token, the language, the request id and the trace, and nothing else', async () => {
    const authorization = `Bearer ${await mintToken(world.config.dataDir, OFFICER)}`;
    const forwarded = {
      authorization,
      'accept-language': 'zh-CN',
      'x-request-id': 'req-1',
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    };
    const dropped = {
      cookie: 'a=b',
      'x-forwarded-for': '10.0.0.1',
      'x-forwarded-user': 'root',
      'x-user-role': 'PLATFORM',
      'x-actor': 'PLATFORM',
      'x-yanxiu-gateway': 'of the client',
    };
    const { data, headers } = await world.ask(TEACHER, { headers: { ...forwarded, ...dropped } });
    expect(data).toMatchObject({ teacher: { hours: '72.00' } });
    expect(headers.get('x-request-id')).toBe('req-1');
    for (const seen of [world.personnel.seen[0], world.hours.seen[0]]) {
      expect(seen).toMatchObject(forwarded);
      const own = ['content-type', 'accept', 'content-length', 'x-yanxiu-gateway'];
      const allowed = [...Object.keys(forwarded), ...own];
      expect(seen?.['x-yanxiu-gateway']).toMatch(/^eyJ/);
      const extra = Object.keys(seen ?? {}).filter((name) => !allowed.includes(name));
      expect(extra.sort()).toEqual(['connection', 'host']);
    }
  });

  it.each([['two words'], ['a'.repeat(65)], ['\u001b[31m'], ['{"level":60}']])(
    'gives a request a new id in the place of %j',
    async (given) => {
      const { headers } = await world.ask(TEACHER, {
        headers: { 'x-request-id': encodeURIComponent(given).replaceAll('%20', ' ') },
      });
      expect(headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
      expect(world.personnel.seen[0]?.['x-request-id']).toBe(headers.get('x-request-id'));
    },
  );

  it('shows each subgraph a credential of its own', async () => {
    await world.ask(TEACHER);
    const { jwksFile } = gatewayKeyFiles(world.config.dataDir);
    const [personnel, hours] = [world.personnel, world.hours].map(
      ({ seen }) => seen[0]?.['x-yanxiu-gateway'],
    );
    const verifier = await CredentialVerifier.open(jwksFile, 'hours');
    expect(await verifier.accepts(String(hours))).toBe(true);
    expect(await verifier.accepts(String(personnel))).toBe(false);
  });

  it('takes a subgraph that does not know its key for one that is down', async () => {
    world.hours.refusing = true;
    try {
      const { data, errors } = await world.ask(TEACHER);
      expect(data).toEqual({ teacher: { name: 'Teacher t-1', hours: null } });
      expect(errors?.[0]?.extensions).toMatchObject({ code: 'UNAVAILABLE', service: 'hours' });
    } finally {
      world.hours.refusing = false;
    }
  });

  it.each([
    ['an expired token', async () => mintToken(world.config.dataDir, OFFICER, { ttlSeconds: -60 })],
    ['another audience', () => mintToken(world.config.dataDir, OFFICER, { audience: 'other' })],
    ['another instance’s token', () => mintToken(`${world.config.dataDir}/other`, OFFICER)],
    ['a word', () => Promise.resolve('nonsense')],
  ])('answers 401 to %s and asks no subgraph', async (_what, make) => {
    const { status, errors, headers } = await world.ask(TEACHER, {
      headers: { authorization: `Bearer ${await make()}` },
    });
    expect(status).toBe(401);
    expect(errors?.[0]?.extensions['code']).toBe('UNAUTHENTICATED');
    expect(headers.get('www-authenticate')).toContain('Bearer');
    expect(world.personnel.seen).toHaveLength(0);
  });

  it('says INTERNAL for what nobody foresaw, with the request id that finds the log line', async () => {
    const { data, errors } = await world.ask('{ boom hoursMinimum }', {
      headers: { 'x-request-id': 'find-me' },
    });
    expect(data).toEqual({ boom: null, hoursMinimum: '72.00' });
    expect(errors).toHaveLength(1);
    expect(errors?.[0]?.extensions).toEqual({ code: 'INTERNAL', requestId: 'find-me' });
    expect(errors?.[0]?.path).toEqual(['boom']);
    expect(JSON.stringify(errors)).not.toMatch(/secret_table|stack|\.ts/);
    const line = world.log.find(
      (each) => each.includes('find-me') && each.includes('secret_table'),
    );
    expect(line).toBeDefined();
  });

  it('passes a refusal with its rule and details, without the stack', async () => {
    const { errors } = await world.ask('{ refused }');
    expect(errors?.[0]).toMatchObject({ message: 'The first module must be ethics.' });
    expect(errors?.[0]?.extensions).toEqual({
      code: 'REFUSED',
      rule: 'SCHEME-ETHICS-FIRST',
      details: { missing: ['ethics'] },
    });
  });

  it('gives GraphQL’s own errors their codes', async () => {
    const unparsed = await world.ask('{ teacher(');
    expect(unparsed.errors?.[0]?.extensions).toEqual({ code: 'GRAPHQL_PARSE_FAILED' });
    const invalid = await world.ask('{ nothing }');
    expect(invalid.errors?.[0]?.extensions).toEqual({ code: 'GRAPHQL_VALIDATION_FAILED' });
  });

  it('refuses a request that does not say which operation it means', async () => {
    const query = 'query A { hoursMinimum } query B { hoursMinimum }';
    const named = await ask(world.gateway.url, { query, operationName: 'A' });
    expect(named.data).toEqual({ hoursMinimum: '72.00' });
    for (const body of [{ query }, { query, operationName: 'C' }]) {
      const { status, errors } = await ask(world.gateway.url, body);
      expect(status).toBe(400);
      expect(errors?.[0]?.extensions).toEqual({ code: 'OPERATION_RESOLUTION_FAILURE' });
    }
  });

  it('takes a body up to the limit and refuses a larger one with 413', async () => {
    const small = await world.ask(`${TEACHER}${' '.repeat(1_000)}`);
    expect(small.status).toBe(200);
    const large = await world.ask(`${TEACHER}${' '.repeat(3_000)}`);
    expect(large.status).toBe(413);
    expect(large.errors?.[0]?.extensions['code']).toBe('LIMIT_EXCEEDED');
  });

  it('refuses what is not JSON, batches, and a form that needs no preflight', async () => {
    const post = async (type: string, body: string): Promise<number> => {
      const options = { method: 'POST', headers: { 'content-type': type }, body };
      return (await fetch(`${world.gateway.url}/graphql`, options)).status;
    };
    const batch = JSON.stringify([{ query: TEACHER }, { query: TEACHER }]);
    expect(await post('application/json', '{')).toBe(400);
    expect(await post('application/json', batch)).toBe(400);
    expect(await post('text/plain', JSON.stringify({ query: TEACHER }))).toBeGreaterThan(399);
    expect(await post('application/json', JSON.stringify({ query: TEACHER }))).toBe(200);
  });

  it('keeps persisted queries', async () => {
    const query = '{ hoursMinimum }';
    const sha256Hash = createHash('sha256').update(query).digest('hex');
    const extensions = { persistedQuery: { version: 1, sha256Hash } };
    const unknown = await ask(world.gateway.url, {}, { extensions });
    expect(unknown.errors?.[0]?.extensions['code']).toBe('PERSISTED_QUERY_NOT_FOUND');
    await world.ask(query, { extensions });
    const known = await ask(world.gateway.url, {}, { extensions });
    expect(known.data).toEqual({ hoursMinimum: '72.00' });
  });

  it('stops asking a subgraph when the client goes away', async () => {
    const client = new AbortController();
    const aborted = new Promise<void>((resolve) => {
      world.personnel.onAborted = resolve;
    });
    const asked = world.ask('{ never }', { signal: client.signal }).catch(() => 'gone');
    const arrived = async (): Promise<void> => {
      while (world.personnel.seen.length === 0) await new Promise((next) => setImmediate(next));
    };
    await arrived();
    client.abort();
    expect(await asked).toBe('gone');
    await aborted;
  });

  it('counts operations and requests to subgraphs', async () => {
    await world.ask(TEACHER);
    const text = await (await fetch(`${world.gateway.url}/metrics`)).text();
    expect(text).toMatch(
      /yanxiu_gateway_operation_seconds_count\{operation="query",status="ok"\} /,
    );
    expect(text).toMatch(/yanxiu_gateway_subgraph_seconds_count\{subgraph="hours",status="ok"\} /);
    expect(text).toContain('process_cpu_seconds_total');
  });
});

describe('a subgraph that is down', () => {
  it('costs its own part of an answer only, and readiness names it', async () => {
    const world = await startWorld({ hoursDown: true });
    try {
      const { status, data, errors } = await world.ask(TEACHER, {
        headers: { 'accept-language': 'zh-CN' },
      });
      expect(status).toBe(200);
      expect(data).toEqual({ teacher: { name: 'Teacher t-1', hours: null } });
      expect(errors?.[0]?.message).toContain('hours 服务暂时无法响应');
      expect(errors?.[0]?.extensions).toMatchObject({ code: 'UNAVAILABLE', service: 'hours' });
      const down = await fetch(`${world.gateway.url}/health/ready`);
      expect(down.status).toBe(503);
      expect(await down.json()).toMatchObject({
        status: 'not ready',
        services: { personnel: { state: 'up' }, hours: { state: 'down' } },
        missing: ['hours'],
      });
      expect((await fetch(`${world.gateway.url}/health/live`)).status).toBe(200);
      await world.hours.start();
      const back = await world.ask(TEACHER);
      expect(back.data).toEqual({ teacher: { name: 'Teacher t-1', hours: '72.00' } });
      expect((await fetch(`${world.gateway.url}/health/ready`)).status).toBe(200);
      world.hours.ready = false;
      expect((await fetch(`${world.gateway.url}/health/ready`)).status).toBe(503);
    } finally {
      await world.stop();
    }
  });

  it('is given up after the time-out', async () => {
    const world = await startWorld({ limits: { subgraphTimeoutMs: 200 } });
    try {
      const { data, errors } = await world.ask('{ never hoursMinimum }');
      expect(data).toEqual({ never: null, hoursMinimum: '72.00' });
      expect(errors?.[0]?.extensions).toMatchObject({ code: 'UNAVAILABLE', service: 'personnel' });
      const text = await (await fetch(`${world.gateway.url}/metrics`)).text();
      expect(text).toContain('subgraph="personnel",status="timeout"');
    } finally {
      await world.stop();
    }
  });
});
