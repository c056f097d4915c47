import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Service } from '@yanxiu/contracts/topic-access';
import type { KafkaSettings } from '@yanxiu/messaging/kafka-client';
import { gatewayKeyFiles } from './gateway-credential.js';
import { issuerUrlProblem } from './oidc-discovery.js';
import type { IdentityConfig } from './token.js';

/** What a service process is told; read once, here and nowhere else. */
export interface ServiceConfig {
  name: Service;
  mode: 'local' | 'production';
  host: string;
  port: number;
  databaseUrl: string;
  /** Only given to a process that may migrate. */
  databaseOwnerUrl: string | null;
  transport:
    | { kind: 'kafka'; settings: KafkaSettings }
    | { kind: 'postgres'; url: string; ownerUrl: string | null };
  identity: IdentityConfig;
  /** Public keys of the gateway, for the role `serve`; null when production names none. */
  gatewayJwksFile: string | null;
  /** Only some services have one. */
  keyringFile: string | null;
  clockFile: string | null;
  logLevel: string;
}

export class ConfigError extends Error {}

type Variables = Record<string, string | undefined>;

/** Reads and checks the environment of a service; a {@link ConfigError} says what to set. */
export function readServiceConfig(name: Service, env: Variables = process.env): ServiceConfig {
  const upper = name.toUpperCase();
  const mode = readMode(env);
  const host = env['HOST'] ?? '127.0.0.1';
  if (mode === 'local' && !['127.0.0.1', '::1', 'localhost'].includes(host)) {
    throw new ConfigError('HOST must be 127.0.0.1 unless YANXIU_MODE=production');
  }
  const clockFile = env['YANXIU_CLOCK_FILE'] ?? null;
  if (clockFile && mode === 'production') {
    throw new ConfigError('YANXIU_CLOCK_FILE is for tests: unset it in production');
  }
  const kafka = readKafka(env, name);
  return {
    name,
    mode,
    host,
    port: readPort(env['PORT'] ?? '0'),
    databaseUrl: required(env, `DATABASE_URL_${upper}`),
    databaseOwnerUrl: env[`DATABASE_OWNER_URL_${upper}`] ?? null,
    transport: kafka
      ? { kind: 'kafka', settings: kafka }
      : {
          kind: 'postgres',
          url: required(env, 'DATABASE_URL_EVENTS'),
          ownerUrl: env['DATABASE_OWNER_URL_EVENTS'] ?? null,
        },
    identity: readIdentity(mode, env),
    gatewayJwksFile: readGatewayJwksFile(mode, env),
    keyringFile: env['KEYRING_FILE'] ?? null,
    clockFile,
    logLevel: env['LOG_LEVEL'] ?? 'info',
  };
}

export function readMode(env: Variables): 'local' | 'production' {
  const mode = env['YANXIU_MODE'] ?? 'local';
  if (mode !== 'local' && mode !== 'production') {
    throw new ConfigError(`YANXIU_MODE is "${mode}": set it to local or production`);
  }
  return mode;
}

/**
 * The OIDC issuer when one is named, else the local issuer of the data folder (never in
 * production).
 */
export function readIdentity(mode: 'local' | 'production', env: Variables): IdentityConfig {
  const audience = env['OIDC_AUDIENCE'] ?? 'yanxiu';
  const issuer = env['OIDC_ISSUER'];
  if (issuer) {
    const problem = issuerUrlProblem(issuer);
    if (problem !== null) throw new ConfigError(`OIDC_ISSUER ${problem}`);
    return { kind: 'oidc', issuer, audience, roles: readRoles(env) };
  }
  if (mode === 'production') {
    throw new ConfigError('YANXIU_MODE=production needs OIDC_ISSUER (and OIDC_AUDIENCE): set it');
  }
  const folder = join(resolve(env['YANXIU_DATA_DIR'] ?? '.yanxiu'), 'issuer');
  try {
    const { issuer } = JSON.parse(readFileSync(join(folder, 'issuer.json'), 'utf8')) as {
      issuer: string;
    };
    return { kind: 'local', issuer, jwksFile: join(folder, 'jwks.json'), audience };
  } catch {
    throw new ConfigError(
      `no local issuer in ${folder}: start with "npm start" or set OIDC_ISSUER`,
    );
  }
}

/**
 * `KAFKA_BROKERS` and how to log in there; null where no Kafka is named. A {@link ConfigError} says
 * what to set.
 *
 * @param service whose `KAFKA_USERNAME_<SERVICE>` goes before `KAFKA_USERNAME`, for whoever starts
 *   several of them.
 */
export function readKafka(env: Variables, service?: string): KafkaSettings | null {
  const brokers = env['KAFKA_BROKERS']?.trim();
  if (!brokers) return null;
  const login = readLogin(env, service);
  const ca = readCa(env['KAFKA_CA']?.trim());
  return {
    brokers: brokers.split(',').map((broker) => broker.trim()),
    ...(login && { login }),
    ...(ca && { ca }),
  };
}

function readLogin(env: Variables, service: string | undefined): KafkaSettings['login'] {
  const own = service ? `_${service.toUpperCase()}` : '';
  const suffix = env[`KAFKA_USERNAME${own}`] || env[`KAFKA_PASSWORD${own}`] ? own : '';
  const [name, secret] = [`KAFKA_USERNAME${suffix}`, `KAFKA_PASSWORD${suffix}`];
  const [username, password] = [env[name]?.trim(), env[secret]];
  if (username && password) return { username, password };
  if (username) throw new ConfigError(`${secret} is missing beside ${name}`);
  if (password) throw new ConfigError(`${name} is missing beside ${secret}`);
  return undefined;
}

function readCa(file: string | undefined): string | undefined {
  if (!file) return undefined;
  let pem: string;
  try {
    pem = readFileSync(file, 'utf8');
  } catch (error) {
    throw new ConfigError(`KAFKA_CA: ${(error as Error).message}`);
  }
  if (pem.includes('-----BEGIN CERTIFICATE-----')) return pem;
  throw new ConfigError(`KAFKA_CA: ${file} holds no certificate in PEM`);
}

/** Who says what an account of the OIDC issuer may act as. */
function readRoles(env: Variables): 'assignments' | 'claims' {
  const roles = env['OIDC_ROLES'] || 'assignments';
  if (roles === 'assignments' || roles === 'claims') return roles;
  throw new ConfigError(`OIDC_ROLES is "${roles}": set it to assignments or claims`);
}

function readGatewayJwksFile(mode: 'local' | 'production', env: Variables): string | null {
  if (env['GATEWAY_JWKS_FILE']) return env['GATEWAY_JWKS_FILE'];
  return mode === 'production'
    ? null
    : gatewayKeyFiles(env['YANXIU_DATA_DIR'] ?? '.yanxiu').jwksFile;
}

function required(env: Variables, name: string): string {
  const value = env[name];
  if (!value) throw new ConfigError(`${name} is not set; "npm start" sets it for you`);
  return value;
}

function readPort(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new ConfigError(`PORT is "${text}": set it to a number from 0 to 65535`);
  }
  return port;
}
