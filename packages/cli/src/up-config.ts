import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Service } from '@yanxiu/contracts/topic-access';
import type { KafkaSettings } from '@yanxiu/messaging/kafka-client';
import { ConfigError, readKafka } from '@yanxiu/subgraph/config';
import type { GatewayKeyFiles } from '@yanxiu/subgraph/gateway-credential';
import { UserError } from './data-lock.js';
import { DATABASES, forEachService, type DatabaseName, type DatabaseUrls } from './provision.js';

/** Services that keep secrets under a keyring: personal data, sealed signing keys. */
export const KEYRING_SERVICES: readonly Service[] = ['personnel', 'evaluation'];

export type Env = Readonly<Record<string, string | undefined>>;

/** Everything `yanxiu up` is told from outside; nothing else reads the environment. */
export interface UpConfig {
  /** The repository, where the built services and the gateway are. */
  root: string;
  dataDir: string;
  host: string;
  port: number;
  production: boolean;
  /** Databases that are given; the others are embedded. */
  given: ReadonlyMap<DatabaseName, DatabaseUrls>;
  /** Databases for the embedded cluster to hold. */
  embedded: readonly DatabaseName[];
  /** Kafka as each service logs in there; null where the Postgres log is used. */
  kafka: Readonly<Record<Service, KafkaSettings>> | null;
  redisUrl: string | undefined;
  oidcIssuer: string | undefined;
  keyringFiles: Readonly<Partial<Record<Service, string>>>;
  /** The gateway's key pair; made in the data folder when not given. */
  gatewayKeys: GatewayKeyFiles | undefined;
}

const LOOPBACK = ['127.0.0.1', '::1', 'localhost'];

export const repositoryRoot = (): string => fileURLToPath(new URL('../../../', import.meta.url));

export const dataFolder = (env: Env, root = repositoryRoot()): string =>
  path.resolve(env['YANXIU_DATA_DIR'] || path.join(root, '.yanxiu'));

const upper = (name: string): string => name.toUpperCase();

const givenDatabases = (env: Env, wrong: string[]): Map<DatabaseName, DatabaseUrls> => {
  const given = new Map<DatabaseName, DatabaseUrls>();
  for (const name of DATABASES) {
    const variables = [`DATABASE_URL_${upper(name)}`, `DATABASE_OWNER_URL_${upper(name)}`] as const;
    const [appUrl, ownerUrl] = variables.map((variable) => env[variable]?.trim());
    for (const variable of variables) {
      const value = env[variable]?.trim();
      if (value && !/^postgres(ql)?:\/\//.test(value)) {
        wrong.push(`${variable} is not a URL that begins with postgres://`);
      }
    }
    if (appUrl && ownerUrl) given.set(name, { appUrl, ownerUrl, ...logRoles(name, appUrl, env) });
    else if (appUrl) wrong.push(`${variables[1]} is missing beside ${variables[0]}`);
    else if (ownerUrl) wrong.push(`${variables[0]} is missing beside ${variables[1]}`);
  }
  return given;
};

/** `DATABASE_URL_EVENTS_<SERVICE>`; a service without one uses the log by the common role. */
export const logRoles = (name: DatabaseName, appUrl: string, env: Env): Partial<DatabaseUrls> => {
  if (name !== 'events') return {};
  const urlOf = (service: Service) => env[`DATABASE_URL_EVENTS_${upper(service)}`]?.trim();
  return { serviceUrls: forEachService((service) => urlOf(service) || appUrl) };
};

const readLogins = (env: Env, wrong: string[]): UpConfig['kafka'] => {
  try {
    if (!readKafka(env)) return null;
    return forEachService((service) => readKafka(env, service) as KafkaSettings);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    wrong.push(error.message);
    return null;
  }
};

const keyrings = (env: Env, production: boolean, wrong: string[]): UpConfig['keyringFiles'] => {
  const files: Partial<Record<Service, string>> = {};
  for (const service of KEYRING_SERVICES) {
    const variable = `KEYRING_FILE_${upper(service)}`;
    const file = env[variable]?.trim() || env['KEYRING_FILE']?.trim();
    if (file) files[service] = path.resolve(file);
    else if (production) {
      wrong.push(
        `${variable} (or KEYRING_FILE) is not set: YANXIU_MODE=production makes no keys itself`,
      );
    }
  }
  return files;
};

const readGatewayKeys = (env: Env, wrong: string[]): GatewayKeyFiles | undefined => {
  const keyFile = env['GATEWAY_KEY_FILE']?.trim();
  const jwksFile = env['GATEWAY_JWKS_FILE']?.trim();
  if (keyFile && jwksFile) {
    return { keyFile: path.resolve(keyFile), jwksFile: path.resolve(jwksFile) };
  }
  if (keyFile) wrong.push('GATEWAY_JWKS_FILE is missing beside GATEWAY_KEY_FILE');
  if (jwksFile) wrong.push('GATEWAY_KEY_FILE is missing beside GATEWAY_JWKS_FILE');
  return undefined;
};

const readPort = (env: Env, wrong: string[]): number => {
  const text = env['PORT']?.trim() || '4000';
  const port = Number(text);
  if (!/^\d+$/.test(text) || port < 1 || port > 65_535) {
    wrong.push(`PORT is "${text}": set a number from 1 to 65535`);
  }
  return port;
};

/** The environment, checked; one error tells everything that is wrong with it. */
export const readUpConfig = (env: Env, root = repositoryRoot()): UpConfig => {
  const wrong: string[] = [];
  const mode = env['YANXIU_MODE']?.trim() || 'local';
  const production = mode === 'production';
  if (!production && mode !== 'local') {
    wrong.push(`YANXIU_MODE is "${mode}": set local or production`);
  }
  const host = env['HOST']?.trim() || '127.0.0.1';
  if (!production && !LOOPBACK.includes(host)) {
    wrong.push(`HOST is "${host}": only YANXIU_MODE=production listens beyond 127.0.0.1`);
  }
  const oidcIssuer = env['OIDC_ISSUER']?.trim() || undefined;
  if (production && !oidcIssuer) {
    wrong.push('OIDC_ISSUER is not set: YANXIU_MODE=production has no local issuer');
  }
  if (production && env['YANXIU_CLOCK_FILE']) {
    wrong.push('YANXIU_CLOCK_FILE is for tests: YANXIU_MODE=production refuses it');
  }
  const given = givenDatabases(env, wrong);
  const kafka = readLogins(env, wrong);
  const config: UpConfig = {
    root,
    dataDir: dataFolder(env, root),
    host,
    port: readPort(env, wrong),
    production,
    given,
    embedded: DATABASES.filter((name) => !given.has(name) && !(name === 'events' && kafka)),
    kafka,
    redisUrl: env['REDIS_URL']?.trim() || undefined,
    oidcIssuer,
    keyringFiles: keyrings(env, production, wrong),
    gatewayKeys: readGatewayKeys(env, wrong),
  };
  if (wrong.length > 0) throw new UserError(wrong.join('\n'));
  return config;
};
