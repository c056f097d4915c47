import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { redisIsThere, startRedis, type TestRedis } from '@yanxiu/testkit/redis';
import { BOTH, isAlive, type Case, type Trial } from '../case.js';
import { Proxy } from '../proxy.js';

/** A Redis of the runner's own, behind a wire. */
class OwnRedis {
  private constructor(
    private server: TestRedis,
    readonly wire: Proxy,
  ) {}

  static async start(): Promise<OwnRedis> {
    const server = await startRedis();
    return new OwnRedis(server, await Proxy.start(() => server.port));
  }

  get pid(): number {
    return this.server.pid;
  }

  kill(): Promise<void> {
    return this.server.kill();
  }

  async again(): Promise<void> {
    this.server = await startRedis(this.server.port);
  }

  async ask<T>(work: (redis: Redis) => Promise<T>): Promise<T> {
    const redis = new Redis(this.server.port, '127.0.0.1', {
      lazyConnect: true,
      retryStrategy: null,
    });
    redis.on('error', () => undefined);
    try {
      await redis.connect();
      return await work(redis);
    } finally {
      redis.disconnect();
    }
  }

  async close(): Promise<void> {
    await this.server.stop();
    await this.wire.stop();
  }
}

let redis: OwnRedis | undefined;

const QUERY = '{ orgUnit(code: "140000") { name } }';

/** Asks as a client of persisted queries does: by the hash, then with the text. */
async function persisted(trial: Trial): Promise<boolean> {
  const { system } = trial.stage;
  const token = await system.token('province-officer');
  const sha256Hash = createHash('sha256').update(QUERY).digest('hex');
  const extensions = { persistedQuery: { version: 1, sha256Hash } };
  for (const body of [{ extensions }, { extensions, query: QUERY }]) {
    const response = await fetch(`${system.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(20_000),
    });
    const answer = (await response.json()) as { data?: { orgUnit?: { name: string } } };
    if (answer.data?.orgUnit?.name) return true;
  }
  return false;
}

async function asked(trial: Trial, when: string): Promise<void> {
  const begun = performance.now();
  const fine = await persisted(trial).catch(() => false);
  const took = ((performance.now() - begun) / 1_000).toFixed(1);
  if (!fine) trial.wrong.push(`F18 a persisted query is not answered while ${when}`);
  trial.notes.push(`while ${when}: a persisted query took ${took} s`);
}

async function troubleRedis(trial: Trial): Promise<void> {
  if (!redis) throw new Error('Redis was not started');
  const { wire } = redis;
  await asked(trial, 'Redis is well');
  const kept = (name: string) => redis?.ask((each) => each.keys(name));
  if (!(await kept('yanxiu:gateway:apq:*'))?.length) {
    trial.wrong.push('F18 the gateway keeps no persisted query in Redis');
  }
  // The gateway writes again at once: what only we have written tells that all was flushed.
  await redis.ask((each) => each.set('before-the-flush', '1'));
  await redis.ask((each) => each.flushall());
  await trial.expectHit(async () => (await kept('before-the-flush'))?.length === 0);
  await asked(trial, 'Redis was flushed');
  const delayed = wire.counts.delayed;
  wire.setWeather({ latencyMs: 2_000 });
  const slow = asked(trial, 'Redis is slow');
  await trial.expectHit(() => wire.counts.delayed > delayed);
  await slow;
  wire.setWeather({});
  const { pid } = redis;
  await redis.kill();
  await trial.expectHit(() => !isAlive(pid));
  await asked(trial, 'Redis is down');
  await delay(10_000);
  await redis.again();
  await asked(trial, 'Redis is back');
}

/** Redis, where the gateway keeps persisted queries. */
export const redisCases: readonly Case[] = [
  {
    id: 'F18',
    fault: 'Redis flushed, slow, down',
    transports: BOTH,
    seeds: 1,
    missing: () => (redisIsThere() ? undefined : 'redis-server (apt: redis-server)'),
    own: async () => {
      const own = await OwnRedis.start();
      redis = own;
      return {
        env: { REDIS_URL: `redis://127.0.0.1:${own.wire.port}` },
        close: () => own.close(),
      };
    },
    run: troubleRedis,
  },
];
