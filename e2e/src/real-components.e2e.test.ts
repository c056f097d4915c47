import { createHash, randomUUID } from 'node:crypto';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { Kafka, logLevel } from 'kafkajs';
import pg from 'pg';
import { DATABASES } from '@yanxiu/cli/provision';
import { mintToken } from '@yanxiu/subgraph/local-issuer';
import { startCluster, type Cluster } from '@yanxiu/testkit/cluster';
import { startOidcIssuer, type OidcIssuer } from '@yanxiu/testkit/oidc-issuer';
import { startSystem, type Answer, type System } from '@yanxiu/testkit/system';
import { until } from '@yanxiu/testkit/waiting';
import { javaAvailable } from '../../infra/kafka/kafka.mjs';

const SERVICES = ['personnel', 'training', 'hours', 'funding', 'evaluation'] as const;
const PROVINCE = '140000';
const OFFICER = { sub: 'officer-of-the-issuer', role: 'OFFICER', unit: PROVINCE };
const UNIT = `{ orgUnit(code: "${PROVINCE}") { name } }`;

const redisUrl = process.env['TEST_REDIS_URL'] ?? 'redis://127.0.0.1:6379';

const openRedis = async (): Promise<Redis | undefined> => {
  const redis = new Redis(redisUrl, { lazyConnect: true, retryStrategy: () => null });
  redis.on('error', () => undefined);
  return redis.connect().then(
    () => redis,
    () => undefined,
  );
};

// Loudly skipped without them; in CI their absence is a failure.
const withKafka = Boolean(process.env['CI']) || javaAvailable();
const redis = await openRedis();
const onKafka = withKafka ? it : it.skip;
const onRedis = redis || process.env['TEST_REDIS_URL'] ? it : it.skip;

describe('the platform on real components', () => {
  let folder: string;
  let cluster: Cluster;
  let issuer: OidcIssuer;
  let system: System;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'yanxiu-components-'));
    cluster = await startCluster(folder, withKafka ? SERVICES : DATABASES);
    issuer = await startOidcIssuer();
    system = await startSystem({
      transport: withKafka ? 'kafka' : 'postgres',
      size: 'bare',
      env: {
        ...cluster.env,
        OIDC_ISSUER: issuer.url,
        OIDC_ROLES: 'claims',
        ...(redis && { REDIS_URL: redisUrl }),
      },
    });
  });

  afterAll(async () => {
    await system?.stop();
    await issuer?.stop();
    await cluster?.stop();
    redis?.disconnect();
    await rm(folder, { recursive: true, force: true });
  });

  const askSubgraph = async (service: string, token: string): Promise<Answer<unknown>> =>
    (await system.askSubgraph(service, '{ __typename }', { token })).answer;

  const codeOf = ({ errors }: Answer<unknown>): unknown => errors?.[0]?.extensions?.['code'];

  it('keeps its data in the databases that are given and starts none of its own', async () => {
    expect((await system.running()).postgres).toBeUndefined();
    const missing = (name: string) =>
      stat(path.join(system.dataDir, name)).then(
        () => false,
        () => true,
      );
    expect(await missing('postgres')).toBe(true);
    expect(await missing('credentials.json')).toBe(true);
    const client = new pg.Client({ connectionString: cluster.databases.get('personnel')?.appUrl });
    await client.connect();
    try {
      const { rows } = await client.query('SELECT name FROM org_unit WHERE code = $1', [PROVINCE]);
      expect(rows).toEqual([{ name: expect.any(String) }]);
    } finally {
      await client.end();
    }
  });

  it('takes a token of the given issuer, in the gateway and in every subgraph', async () => {
    const token = await issuer.sign(OFFICER);
    expect(await system.gql(UNIT, {}, token)).toEqual({
      data: { orgUnit: { name: expect.any(String) } },
    });
    for (const service of SERVICES) {
      expect([service, await askSubgraph(service, token)]).toEqual([
        service,
        { data: { __typename: 'Query' } },
      ]);
    }
  });

  it('answers nobody who comes to a subgraph past the gateway, with a good token or none', async () => {
    const token = await issuer.sign(OFFICER);
    for (const service of SERVICES) {
      const bare = await system.askSubgraph(service, '{ __typename }', { token, headers: {} });
      expect([service, bare.status, codeOf(bare.answer)]).toEqual([
        service,
        401,
        'UNAUTHENTICATED',
      ]);
      const through = await system.askSubgraph(service, '{ __typename }', { token });
      expect([service, through.status]).toEqual([service, 200]);
    }
  });

  it('refuses a local token, another issuer and another audience, everywhere', async () => {
    const other = await startOidcIssuer();
    // The right name on it, the wrong key under it.
    const impostor = await startOidcIssuer({ issuer: issuer.url });
    const refused = {
      local: await mintToken(await mkdtemp(path.join(folder, 'issuer-')), OFFICER),
      stranger: await other.sign(OFFICER),
      forged: await impostor.sign(OFFICER),
      audience: await issuer.sign(OFFICER, 'another-platform'),
    };
    await other.stop();
    await impostor.stop();
    for (const [kind, token] of Object.entries(refused)) {
      const answers = await Promise.all(SERVICES.map((name) => askSubgraph(name, token)));
      const codes = [await system.gql(UNIT, {}, token), ...answers].map(codeOf);
      expect([kind, new Set(codes)]).toEqual([kind, new Set(['UNAUTHENTICATED'])]);
    }
  });

  it('follows the issuer when it exchanges its keys', async () => {
    const before = await issuer.sign(OFFICER);
    await issuer.addKey();
    const after = await issuer.sign(OFFICER);
    const accepted = async (token: string): Promise<boolean> => {
      const answers = await Promise.all(SERVICES.map((name) => askSubgraph(name, token)));
      return [await system.gql(UNIT, {}, token), ...answers].every(({ errors }) => !errors);
    };
    await until(() => accepted(after), { timeoutMs: 30_000, message: 'the new key to be taken' });
    expect(await accepted(before)).toBe(true);
  });

  it('has no personas, no issuer and no route for tokens of its own', async () => {
    expect(system.output()).toContain(`identity: tokens of ${issuer.url}`);
    expect(system.output()).not.toContain('personas:');
    const post = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' };
    expect((await fetch(`${system.url}/auth/token`, post)).status).toBe(404);
    expect(await stat(path.join(system.dataDir, 'issuer')).catch(() => 'none')).toBe('none');
  });

  onKafka('sends its events through the Kafka that is given', async () => {
    const brokers = [system.brokers ?? ''];
    const admin = new Kafka({ brokers, logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    try {
      const offsets = await admin.fetchTopicOffsets('personnel.org-unit');
      expect(offsets.reduce((sum, { offset }) => sum + Number(offset), 0)).toBeGreaterThan(0);
      const { groups } = await admin.listGroups();
      expect(groups.map(({ groupId }) => groupId)).toEqual(expect.arrayContaining(['hours']));
    } finally {
      await admin.disconnect();
    }
  });

  onRedis('keeps persisted queries in the Redis that is given', async () => {
    const query = `{ q${randomUUID().replaceAll('-', '')}: __typename }`;
    const sha256Hash = createHash('sha256').update(query).digest('hex');
    const post = async (body: object): Promise<Answer<unknown>> => {
      const response = await fetch(`${system.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          ...body,
          extensions: { persistedQuery: { version: 1, sha256Hash } },
        }),
      });
      return (await response.json()) as Answer<unknown>;
    };
    expect(codeOf(await post({}))).toBe('PERSISTED_QUERY_NOT_FOUND');
    await post({ query });
    expect(Object.values((await post({})).data ?? {})).toEqual(['Query']);
    const [key = ''] = (await redis?.keys(`*${sha256Hash}`)) ?? [];
    expect(await redis?.get(key)).toBe(query);
    expect(await redis?.ttl(key)).toBeGreaterThan(3_600);
    await redis?.del(key);
  });
});
