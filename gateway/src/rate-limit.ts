import { createHmac, randomBytes } from 'node:crypto';
import type { Redis } from 'ioredis';
import {
  RateLimiterMemory,
  RateLimiterRedis,
  RateLimiterRes,
  type RateLimiterAbstract,
} from 'rate-limiter-flexible';
import type { Identity } from '@yanxiu/subgraph/acting';

export interface RateLimits {
  /** Requests of one account in a minute, counted over all gateways where there is a Redis. */
  readonly actorPerMinute: number;
  /** Requests without a login from one address in a minute, counted by each gateway. */
  readonly addressPerMinute: number;
}

const WINDOW_SECONDS = 60;

/** Counts requests by who sends them. */
export class RateGuard {
  readonly #actors: RateLimiterAbstract;
  readonly #addresses: RateLimiterMemory;
  /** An address is counted under a name that nobody can read and that ends with the process. */
  readonly #salt = randomBytes(32);

  constructor(limits: RateLimits, redis: Redis | null) {
    const actors = { points: limits.actorPerMinute, duration: WINDOW_SECONDS };
    const memory = new RateLimiterMemory(actors);
    this.#actors =
      redis === null
        ? memory
        : new RateLimiterRedis({
            ...actors,
            storeClient: redis,
            keyPrefix: 'yanxiu:gateway:rate',
            // A Redis that goes away costs the count over several gateways, not the request.
            insuranceLimiter: memory,
          });
    this.#addresses = new RateLimiterMemory({
      points: limits.addressPerMinute,
      duration: WINDOW_SECONDS,
    });
  }

  /** Counts one request; seconds to wait when it is one too many, else null. */
  async count(identity: Pick<Identity, 'subject'> | null, address: string): Promise<number | null> {
    try {
      if (identity) await this.#actors.consume(identity.subject);
      else await this.#addresses.consume(this.#nameOf(address));
      return null;
    } catch (refused) {
      if (!(refused instanceof RateLimiterRes)) throw refused;
      return Math.max(1, Math.ceil(refused.msBeforeNext / 1_000));
    }
  }

  #nameOf(address: string): string {
    return createHmac('sha256', this.#salt).update(address).digest('base64url');
  }
}
