import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import pg from 'pg';
import { discoverKeys } from '@yanxiu/subgraph/oidc-discovery';
import { UserError } from './data-lock.js';
import type { UpConfig } from './up-config.js';

const LIMIT_MS = 6_000;
const OLDEST_POSTGRES = 150_000;

const reason = (error: unknown): string => {
  if (error instanceof AggregateError && error.errors[0]) return reason(error.errors[0]);
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? `: ${error.cause.message}` : '';
  return `${error.message}${cause}`;
};

const unusable = (variable: string, what: string, error: unknown): UserError =>
  new UserError(`${variable}: ${what} cannot be used (${reason(error)})`);

/** Writes one request and reads until the answer is complete. */
const exchange = (
  socket: Socket,
  request: Buffer | string,
  complete: (answer: Buffer) => boolean,
): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    let answer = Buffer.alloc(0);
    socket.setTimeout(LIMIT_MS, () => socket.destroy(new Error(`no answer in ${LIMIT_MS} ms`)));
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('closed the connection without an answer')));
    socket.on('data', (chunk) => {
      answer = Buffer.concat([answer, chunk]);
      if (!complete(answer)) return;
      resolve(answer);
      socket.destroy();
    });
    socket.write(request);
  });

export const checkDatabase = async (variable: string, url: string): Promise<void> => {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: LIMIT_MS,
    query_timeout: LIMIT_MS,
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ version: string }>(
      "SELECT current_setting('server_version_num') AS version",
    );
    if (Number(rows[0]?.version) < OLDEST_POSTGRES) throw new Error('older than PostgreSQL 15');
  } catch (error) {
    throw unusable(variable, 'the database', error);
  } finally {
    await client.end().catch(() => undefined);
  }
};

/** Each login once; which setting is wrong is told by the client. */
const checkLogins = async (kafka: NonNullable<UpConfig['kafka']>): Promise<void> => {
  const { checkKafka } = await import('@yanxiu/messaging/kafka-client');
  const different = new Map(Object.values(kafka).map((each) => [JSON.stringify(each), each]));
  await Promise.all([...different.values()].map((each) => checkKafka(each)));
};

export const checkRedis = async (redisUrl: string): Promise<void> => {
  try {
    const url = new URL(redisUrl);
    if (!['redis:', 'rediss:'].includes(url.protocol)) throw new Error('not a redis:// URL');
    const to = { host: url.hostname, port: Number(url.port || 6379) };
    const socket = url.protocol === 'rediss:' ? connectTls(to) : connect(to);
    const words = [url.username, url.password].filter(Boolean).map(decodeURIComponent);
    const login = url.password
      ? `*${words.length + 1}\r\n${['AUTH', ...words]
          .map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`)
          .join('')}`
      : '';
    const answer = await exchange(
      socket,
      `${login}PING\r\n`,
      (got) => got.includes('PONG\r\n') || /^-.*\r\n/m.test(got.toString()),
    );
    const refusal = /^-(.*)\r\n/m.exec(answer.toString());
    if (refusal) throw new Error(refusal[1]);
  } catch (error) {
    throw unusable('REDIS_URL', 'Redis', error);
  }
};

/** Tries every real component that is given; the error tells of each that cannot be used. */
export const checkComponents = async (config: UpConfig): Promise<void> => {
  const checks: Promise<unknown>[] = [...config.given].flatMap(([name, urls]) =>
    name === 'events' && config.kafka
      ? []
      : [
          checkDatabase(`DATABASE_URL_${name.toUpperCase()}`, urls.appUrl),
          checkDatabase(`DATABASE_OWNER_URL_${name.toUpperCase()}`, urls.ownerUrl),
          ...Object.entries(urls.serviceUrls ?? {}).map(([service, url]) =>
            checkDatabase(`DATABASE_URL_EVENTS_${service.toUpperCase()}`, url),
          ),
        ],
  );
  if (config.kafka) checks.push(checkLogins(config.kafka));
  if (config.redisUrl) checks.push(checkRedis(config.redisUrl));
  if (config.oidcIssuer) checks.push(discoverKeys(config.oidcIssuer));
  const results = await Promise.allSettled(checks);
  const failed = results.filter((result) => result.status === 'rejected');
  if (failed.length > 0) throw new UserError(failed.map((one) => reason(one.reason)).join('\n'));
};
