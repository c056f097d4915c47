import { setTimeout as delay } from 'node:timers/promises';
import { Kafka, logLevel, type Admin, type KafkaConfig } from 'kafkajs';

/** Where Kafka is, who we are there, and who vouches for its brokers. */
export interface KafkaSettings {
  brokers: readonly string[];
  /** A SCRAM-SHA-512 login; it is only ever sent over TLS. */
  login?: { username: string; password: string };
  /** PEM of the authorities for the brokers' certificates; Node's own ones where it is missing. */
  ca?: string;
}

/** The setting with which Kafka cannot be used. */
export type KafkaVariable = 'KAFKA_BROKERS' | 'KAFKA_CA' | 'KAFKA_USERNAME, KAFKA_PASSWORD';

export class KafkaUnusable extends Error {
  constructor(
    readonly variable: KafkaVariable,
    readonly reason: string,
    cause?: unknown,
  ) {
    super(`${variable}: Kafka cannot be used (${reason})`, { cause });
  }
}

/** Whoever waits for a first answer is told in time, whatever the client would still try. */
const FIRST_ANSWER_MS = 8_000;
const TRY_MS = 4_000;

/** The part of kafkajs's settings that says who we are and whom we trust. */
export const securityOf = ({ login, ca }: KafkaSettings): Pick<KafkaConfig, 'ssl' | 'sasl'> => ({
  ...(ca ? { ssl: { ca: [ca] } } : login ? { ssl: true } : {}),
  ...(login && { sasl: { mechanism: 'scram-sha-512', ...login } }),
});

/** Waits for a client's first connection; a {@link KafkaUnusable} says what is wrong with it. */
export async function firstAnswer<T>(
  settings: KafkaSettings,
  connecting: Promise<T>,
  limitMs = FIRST_ANSWER_MS,
): Promise<T> {
  const timer = new AbortController();
  const tooLate = delay(limitMs, undefined, { signal: timer.signal }).then(() => {
    throw new KafkaUnusable('KAFKA_BROKERS', `no answer in ${limitMs} ms${hint(settings)}`);
  });
  try {
    return await Promise.race([connecting, tooLate]);
  } catch (error) {
    throw error instanceof KafkaUnusable ? error : unusable(settings, error);
  } finally {
    timer.abort();
    tooLate.catch(() => undefined);
  }
}

/** Connects and logs in once. One broker is enough: a client finds the others through it. */
export async function checkKafka(settings: KafkaSettings): Promise<void> {
  const attempts = settings.brokers.map((broker) => tryBroker({ ...settings, brokers: [broker] }));
  await Promise.any(attempts).catch(({ errors }: AggregateError) => {
    throw errors[0];
  });
}

/** Connects and asks once: a broker tells anyone which versions it speaks, and no more. */
export async function connect(admin: Admin): Promise<void> {
  await admin.connect();
  await admin.describeCluster();
}

async function tryBroker(settings: KafkaSettings): Promise<void> {
  const [broker = ''] = settings.brokers;
  const { hostname, port } = new URL(`kafka://${broker}`);
  if (!hostname || !port) throw new KafkaUnusable('KAFKA_BROKERS', `"${broker}" is not HOST:PORT`);
  const kafka = new Kafka({
    clientId: 'yanxiu-check',
    brokers: [broker],
    connectionTimeout: TRY_MS,
    authenticationTimeout: TRY_MS,
    requestTimeout: TRY_MS,
    retry: { retries: 0 },
    logLevel: logLevel.NOTHING,
    ...securityOf(settings),
  });
  const admin = kafka.admin();
  const connecting = connect(admin);
  try {
    await firstAnswer(settings, connecting, TRY_MS + 1_000);
  } finally {
    void connecting.catch(() => undefined).then(() => admin.disconnect());
  }
}

const CERTIFICATE = /CERT|ALTNAME|certificate|UNABLE_TO_(GET|VERIFY)/i;

function unusable(settings: KafkaSettings, error: unknown): KafkaUnusable {
  const { name, message, code } = rootOf(error);
  if (name === 'KafkaJSSASLAuthenticationError' || /SASL|scram/i.test(message)) {
    return new KafkaUnusable('KAFKA_USERNAME, KAFKA_PASSWORD', message, error);
  }
  if (CERTIFICATE.test(`${code} ${message}`)) return new KafkaUnusable('KAFKA_CA', message, error);
  return new KafkaUnusable('KAFKA_BROKERS', `${message}${hint(settings)}`, error);
}

/** kafkajs gives up a retry with an error of its own around the one that matters. */
function rootOf(error: unknown): { name: string; message: string; code: string } {
  if (!(error instanceof Error)) return { name: '', message: String(error), code: '' };
  if (error.cause instanceof Error) return rootOf(error.cause);
  const { code } = error as { code?: unknown };
  return { name: error.name, message: error.message, code: String(code ?? '') };
}

/** A listener that wants more closes the connection, or says nothing that can be read. */
function hint({ ca, login }: KafkaSettings): string {
  if (login) return '';
  if (ca) return '; does it want a login: KAFKA_USERNAME, KAFKA_PASSWORD?';
  return '; does it want TLS and a login: KAFKA_CA, KAFKA_USERNAME, KAFKA_PASSWORD?';
}
