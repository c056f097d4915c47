import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { openRedisCache } from './cache.js';
import { recordingLog } from './fixtures/world.js';

/** As much of Redis as the cache speaks: RESP arrays of bulk strings in, answers out. */
class TinyRedis {
  readonly kept = new Map<string, string>();
  readonly #sockets = new Set<Socket>();
  #server: Server = createServer();

  async start(port = 0): Promise<number> {
    this.#server = createServer((socket) => {
      this.#sockets.add(socket);
      socket.on('data', (chunk) => {
        for (const line of commands(String(chunk))) socket.write(this.#reply(line));
      });
    });
    this.#server.listen(port, '127.0.0.1');
    await once(this.#server, 'listening');
    return (this.#server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#sockets.clear();
    if (!this.#server.listening) return;
    this.#server.close();
    await once(this.#server, 'close');
  }

  #reply([name = '', key = '', value = '']: string[]): string {
    const bulk = (text: string): string => `$${Buffer.byteLength(text)}\r\n${text}\r\n`;
    if (name === 'info') return bulk('redis_version:7.0.0\r\nloading:0\r\n');
    if (name === 'ping') return '+PONG\r\n';
    if (name === 'set') this.kept.set(key, value);
    if (name === 'del') return `:${this.kept.delete(key) ? 1 : 0}\r\n`;
    if (name !== 'get') return '+OK\r\n';
    const found = this.kept.get(key);
    return found === undefined ? '$-1\r\n' : bulk(found);
  }
}

function commands(text: string): string[][] {
  return text
    .split(/\*\d+\r\n/)
    .filter((part) => part !== '')
    .map((part) => part.split('\r\n').filter((_word, index) => index % 2 === 1))
    .map(([name = '', ...rest]) => [name.toLowerCase(), ...rest]);
}

/** Asks again and again until it holds; fails after 10 s. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 10_000;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error('it never held');
    await new Promise((next) => setImmediate(next));
  }
}

describe('the persisted-query cache in Redis', () => {
  const redis = new TinyRedis();
  afterEach(() => redis.stop());

  it('keeps, gives back and forgets', async () => {
    const port = await redis.start();
    const { log } = recordingLog();
    const cache = await openRedisCache(`redis://127.0.0.1:${port}`, 2_000, log);
    await cache.set('apq:1', '{ a }', { ttl: 60 });
    expect(await cache.get('apq:1')).toBe('{ a }');
    expect([...redis.kept.keys()]).toEqual(['yanxiu:gateway:apq:1']);
    expect(await cache.delete('apq:1')).toBe(true);
    expect(await cache.get('apq:1')).toBeUndefined();
    // A document with somebody's number in it.
    await cache.set('apq:2', '{ teachers(subject: "14000019900101900X") { id } }', { ttl: 60 });
    expect([...redis.kept.keys()]).toEqual([]);
    cache.close();
  });

  it('is a miss, never an error, while Redis is away, and comes back with it', async () => {
    const port = await redis.start();
    const { log, lines } = recordingLog();
    const cache = await openRedisCache(`redis://127.0.0.1:${port}`, 2_000, log);
    await cache.set('k', 'v');
    await redis.stop();
    expect(await cache.get('k')).toBeUndefined();
    await expect(cache.set('k', 'w')).resolves.toBeUndefined();
    expect(await cache.delete('k')).toBe(false);
    await redis.start(port);
    try {
      await until(async () => (await cache.get('k')) === 'v');
      expect(lines.join('')).toContain('redis is gone');
    } finally {
      cache.close();
    }
  });

  it('is a clear error at start when nothing listens there', async () => {
    const { log } = recordingLog();
    const opened = openRedisCache('redis://:secret@127.0.0.1:1', 2_000, log);
    await expect(opened).rejects.toThrow(
      /REDIS_URL: no usable Redis at 127\.0\.0\.1:1 .*ECONNREFUSED/,
    );
    await expect(opened).rejects.not.toThrow('secret');
  });

  it('is a clear error at start when something else listens there', async () => {
    const silent = createServer();
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const { log } = recordingLog();
    const opened = openRedisCache(`redis://127.0.0.1:${port}`, 300, log);
    await expect(opened).rejects.toThrow('REDIS_URL: no usable Redis');
    silent.close();
  });

  const real = process.env['REDIS_URL'];
  if (real !== undefined) {
    it('works with the Redis that is given', async () => {
      const { log } = recordingLog();
      const cache = await openRedisCache(real, 5_000, log);
      const key = `test:${process.pid}:${Date.now()}`;
      await cache.set(key, 'v', { ttl: 5 });
      expect(await cache.get(key)).toBe('v');
      expect(await cache.delete(key)).toBe(true);
      cache.close();
    });
  }
});
