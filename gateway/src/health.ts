import { request } from 'undici';

/** One service as the gateway sees it. */
export interface ServiceState {
  readonly state: 'up' | 'down';
  readonly reason?: string;
}

/** The answer of `GET /health/ready`. */
export interface Readiness {
  readonly status: 'ready' | 'not ready';
  readonly services: Readonly<Record<string, ServiceState>>;
  readonly missing: readonly string[];
}

/** Asks every service whether it is ready, all at once. */
export async function readiness(
  subgraphUrls: Readonly<Record<string, string>>,
  timeoutMs: number,
): Promise<Readiness> {
  const asked = Object.entries(subgraphUrls).map(async ([name, url]) => {
    return [name, await serviceState(url, timeoutMs)] as const;
  });
  const services = Object.fromEntries(await Promise.all(asked));
  const missing = Object.keys(services).filter((name) => services[name]?.state !== 'up');
  return { status: missing.length === 0 ? 'ready' : 'not ready', services, missing };
}

async function serviceState(url: string, timeoutMs: number): Promise<ServiceState> {
  try {
    const { statusCode, body } = await request(new URL('/health/ready', url), {
      signal: AbortSignal.timeout(timeoutMs),
    });
    await body.dump();
    return statusCode === 200
      ? { state: 'up' }
      : { state: 'down', reason: `it answers ${statusCode}` };
  } catch (error) {
    return { state: 'down', reason: reasonOf(error, timeoutMs) };
  }
}

/** A short word on a failed request; addresses stay out of a page anyone can read. */
function reasonOf(error: unknown, timeoutMs: number): string {
  if (typeof error !== 'object' || error === null) return 'no answer';
  if ('name' in error && error.name === 'TimeoutError') return `no answer within ${timeoutMs} ms`;
  if ('code' in error && error.code === 'ECONNREFUSED') return 'nothing listens there';
  return 'no answer';
}
