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

/** Kafka's ApiVersions request, version 0: the one that every broker answers to anyone. */
const apiVersions = (correlation: number): Buffer => {
  const client = Buffer.from('yanxiu');
  const request = Buffer.alloc(4 + 10 + client.length);
  request.writeInt32BE(10 + client.length, 0);
  request.writeInt16BE(18, 4);
  request.writeInt16BE(0, 6);
  request.writeInt32BE(correlation, 8);
  request.writeInt16BE(client.length, 12);
  client.copy(request, 14);
  return request;
};

const checkBroker = async (broker: string): Promise<void> => {
  const { hostname, port } = new URL(`kafka://${broker.trim()}`);
  if (!hostname || !port) throw new Error(`"${broker.trim()}" is not HOST:PORT`);
  const socket = connect({ host: hostname, port: Number(port) });
  const answer = await exchange(socket, apiVersions(7201), (got) => got.length >= 8);
  if (answer.readInt32BE(4) !== 7201) throw new Error(`${broker.trim()} does not speak Kafka`);
};

/** One broker that answers is enough: the client finds the others through it. */
export const checkKafka = async (brokers: string): Promise<void> => {
  try {
    await Promise.any(brokers.split(',').map(checkBroker));
  } catch (error) {
    throw unusable('KAFKA_BROKERS', 'Kafka', error);
  }
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
    name === 'events' && config.kafkaBrokers
      ? []
      : [
          checkDatabase(`DATABASE_URL_${name.toUpperCase()}`, urls.appUrl),
          checkDatabase(`DATABASE_OWNER_URL_${name.toUpperCase()}`, urls.ownerUrl),
        ],
  );
  if (config.kafkaBrokers) checks.push(checkKafka(config.kafkaBrokers));
  if (config.redisUrl) checks.push(checkRedis(config.redisUrl));
  if (config.oidcIssuer) checks.push(discoverKeys(config.oidcIssuer));
  const results = await Promise.allSettled(checks);
  const failed = results.filter((result) => result.status === 'rejected');
  if (failed.length > 0) throw new UserError(failed.map((one) => reason(one.reason)).join('\n'));
};
