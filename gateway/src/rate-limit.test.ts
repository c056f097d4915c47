import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import type { Identity } from '@yanxiu/subgraph/acting';
import { redisIsThere, startRedis, type TestRedis } from '@yanxiu/testkit/redis';
import { RateGuard } from './rate-limit.js';

const LIMITS = { actorPerMinute: 5, addressPerMinute: 3 };
const actor = (subject: string): Identity => ({
  subject,
  claims: { role: 'OFFICER', unit: '140400' },
});

const inCi = process.env['CI'] === 'true';
if (!redisIsThere())
  console.warn('!!! no redis-server on this machine: rates in Redis are skipped');

describe.each(['memory', 'Redis'])('rates counted in %s', (kind) => {
  const test = kind === 'memory' || inCi || redisIsThere() ? it : it.skip;
  let server: TestRedis | undefined;
  let redis: Redis | null = null;
  let guards = 0;

  beforeAll(async () => {
    if (kind === 'memory' || (!inCi && !redisIsThere())) return;
    server = await startRedis();
    redis = new Redis(server.url, { maxRetriesPerRequest: 1, enableOfflineQueue: false });
    redis.on('error', () => undefined);
    await new Promise((resolve) => redis?.once('ready', resolve));
  });
  afterAll(async () => {
    redis?.disconnect();
    await server?.stop();
  });
  /** A guard with accounts that no other test uses. */
  const open = () => {
    guards += 1;
    const named = (name: string) => actor(`${name}-${guards}`);
    return { guard: new RateGuard(LIMITS, redis), named };
  };
  const countMany = async (guard: RateGuard, times: number, who: Identity | null, from = '') => {
    const waits: (number | null)[] = [];
    for (let n = 0; n < times; n += 1) waits.push(await guard.count(who, from));
    return waits;
  };

  test('lets an account ask so often, and then says when to come again', async () => {
    const { guard, named } = open();
    const waits = await countMany(guard, 7, named('busy'));
    expect(waits.slice(0, 5)).toEqual([null, null, null, null, null]);
    for (const wait of waits.slice(5)) {
      expect(wait).toBeGreaterThanOrEqual(1);
      expect(wait).toBeLessThanOrEqual(60);
    }
    expect(await guard.count(named('calm'), '')).toBeNull();
  });

  test('counts who has no login by address', async () => {
    const { guard } = open();
    const waits = await countMany(guard, 4, null, '10.0.0.1');
    expect(waits.map((wait) => wait === null)).toEqual([true, true, true, false]);
    expect(await guard.count(null, '10.0.0.2')).toBeNull();
  });

  test('counts fifty at once no more than one by one', async () => {
    const { guard, named } = open();
    const waits = await Promise.all(
      Array.from({ length: 50 }, () => guard.count(named('crowd'), '')),
    );
    expect(waits.filter((wait) => wait === null)).toHaveLength(5);
  });

  if (kind === 'Redis') {
    test('counts over several gateways, keeps no address, and goes on without Redis', async () => {
      const { guard, named } = open();
      const other = new RateGuard(LIMITS, redis);
      const waits = [
        ...(await countMany(guard, 3, named('both'))),
        ...(await countMany(other, 3, named('both'))),
      ];
      expect(waits.map((wait) => wait === null)).toEqual([true, true, true, true, true, false]);
      await guard.count(null, '10.0.0.9');
      expect(String(await redis?.keys('*'))).not.toContain('10.0.0.9');
      await server?.stop();
      server = undefined;
      const without = await countMany(guard, 6, named('alone'));
      expect(without.map((wait) => wait === null)).toEqual([true, true, true, true, true, false]);
    });
  }
});
