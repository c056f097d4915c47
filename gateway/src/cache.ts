import type { ApolloServerOptions, BaseContext } from '@apollo/server';
import { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { holdsNumber } from '@yanxiu/subgraph/person/note';
import { ConfigError } from './config.js';

type KeyValueCache = Exclude<NonNullable<ApolloServerOptions<BaseContext>['cache']>, 'bounded'>;

const PREFIX = 'yanxiu:gateway:';

/**
 * Redis behind Apollo's cache interface. A Redis that goes away later costs a cache miss, which
 * the persisted-query protocol answers by sending the query again: it never fails a request.
 */
export class RedisCache implements KeyValueCache {
  constructor(
    readonly redis: Redis,
    private readonly log: Logger,
  ) {}

  async get(key: string): Promise<string | undefined> {
    try {
      return (await this.redis.get(PREFIX + key)) ?? undefined;
    } catch (error) {
      this.log.debug({ err: error }, 'redis: no answer to a read');
      return undefined;
    }
  }

  async set(key: string, value: string, options?: { ttl?: number | null }): Promise<void> {
    // A document with somebody's number written into it: the client sends it again next time.
    if (holdsNumber(value)) return;
    const ttl = Math.ceil(options?.ttl ?? 0);
    try {
      if (ttl > 0) await this.redis.set(PREFIX + key, value, 'EX', ttl);
      else await this.redis.set(PREFIX + key, value);
    } catch (error) {
      this.log.debug({ err: error }, 'redis: no answer to a write');
    }
  }

  async delete(key: string): Promise<boolean> {
    try {
      return (await this.redis.del(PREFIX + key)) > 0;
    } catch (error) {
      this.log.debug({ err: error }, 'redis: no answer to a delete');
      return false;
    }
  }

  close(): void {
    this.redis.disconnect();
  }
}

/** Connects and asks once; a Redis that cannot be used is a clear error within `startMs`. */
export async function openRedisCache(
  url: string,
  startMs: number,
  log: Logger,
): Promise<RedisCache> {
  let started = false;
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: startMs,
    commandTimeout: 500,
    maxRetriesPerRequest: 1,
    enableOfflineQueue: false,
    retryStrategy: (times) => (started ? Math.min(times * 200, 5_000) : null),
  });
  let lastError: Error | null = null;
  redis.on('error', (error: Error) => {
    if (started && lastError === null) log.warn({ err: error }, 'redis is gone; working without');
    lastError = error;
  });
  redis.on('ready', () => {
    if (started && lastError !== null) log.info('redis is back');
    lastError = null;
  });
  try {
    await within(
      startMs,
      redis.connect().then(() => redis.ping()),
    );
  } catch (error) {
    redis.disconnect();
    throw notUsable(url, lastError ?? error);
  }
  started = true;
  return new RedisCache(redis, log);
}

function notUsable(url: string, error: unknown): ConfigError {
  const { hostname, port } = new URL(url);
  const why = error instanceof Error ? error.message || error.name : String(error);
  return new ConfigError(
    `REDIS_URL: no usable Redis at ${hostname}:${port || '6379'} (${why}): ` +
      'start it, correct the URL, or unset the variable to keep the cache in memory',
  );
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
