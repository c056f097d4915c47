import path from 'node:path';
import { SERVICES, type Service } from '@yanxiu/contracts/topic-access';
import { readKafka } from '@yanxiu/subgraph/config';
import type { GatewayKeyFiles } from '@yanxiu/subgraph/gateway-credential';
import type { DatabaseName, DatabaseUrls } from './provision.js';
import type { Env, UpConfig } from './up-config.js';

/** The complete environment of each service's process. */
export type ServiceEnvironment = Readonly<Record<Service, NodeJS.ProcessEnv>>;

/** What belongs to one process alone, or to npm, is not handed on to every child. */
const OWN =
  /^(PORT$|HOST$|DATABASE_|SUBGRAPH_URL_|KEYRING_FILE|KAFKA_(USERNAME|PASSWORD|CA)|GATEWAY_|npm_|INIT_CWD$)/;

/**
 * What a service's process is given of ours. Always as in production, whose checks `graphql` makes
 * faster: a fifth of the time of a long answer.
 */
export const inherited = (env: Env): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(Object.entries(env).filter(([name]) => !OWN.test(name))),
  NODE_ENV: 'production',
});

export interface ServiceFacts {
  databases: ReadonlyMap<DatabaseName, DatabaseUrls>;
  ports: Readonly<Record<Service, number>>;
  keyrings: Readonly<Partial<Record<Service, string>>>;
  gatewayKeys: GatewayKeyFiles;
}

/** The log as a service sees it: by its own role, where there is one. */
export const logUrlOf = (
  { appUrl, serviceUrls }: Pick<DatabaseUrls, 'appUrl' | 'serviceUrls'>,
  service: Service,
): string => serviceUrls?.[service] ?? appUrl;

/** A service's own login at Kafka, which no other process is told. */
export const kafkaEnvironment = (env: Env, service: Service): NodeJS.ProcessEnv => {
  const { login } = readKafka(env, service) ?? {};
  const ca = env['KAFKA_CA']?.trim();
  return {
    ...(login && { KAFKA_USERNAME: login.username, KAFKA_PASSWORD: login.password }),
    ...(ca && { KAFKA_CA: path.resolve(ca) }),
  };
};

const environmentOf = (
  service: Service,
  config: UpConfig,
  facts: ServiceFacts,
  env: Env,
): NodeJS.ProcessEnv => {
  const database = facts.databases.get(service);
  const events = facts.databases.get('events');
  if (!database) throw new Error(`the service ${service} has no database`);
  const name = service.toUpperCase();
  return {
    ...inherited(env),
    PORT: String(facts.ports[service]),
    HOST: '127.0.0.1',
    YANXIU_MODE: config.production ? 'production' : 'local',
    YANXIU_DATA_DIR: config.dataDir,
    [`DATABASE_URL_${name}`]: database.appUrl,
    [`DATABASE_OWNER_URL_${name}`]: database.ownerUrl,
    ...(!config.kafka && events && { DATABASE_URL_EVENTS: logUrlOf(events, service) }),
    ...kafkaEnvironment(env, service),
    GATEWAY_JWKS_FILE: facts.gatewayKeys.jwksFile,
    ...(facts.keyrings[service] && { KEYRING_FILE: facts.keyrings[service] }),
  };
};

export const serviceEnvironment = (
  config: UpConfig,
  facts: ServiceFacts,
  env: Env,
): ServiceEnvironment => {
  const entries = SERVICES.map((name) => [name, environmentOf(name, config, facts, env)] as const);
  return Object.fromEntries(entries) as Record<Service, NodeJS.ProcessEnv>;
};

export const gatewayEnvironment = (
  config: UpConfig,
  { ports, gatewayKeys }: Pick<ServiceFacts, 'ports' | 'gatewayKeys'>,
  env: Env,
): NodeJS.ProcessEnv => ({
  ...inherited(env),
  PORT: String(config.port),
  HOST: config.host,
  YANXIU_MODE: config.production ? 'production' : 'local',
  YANXIU_DATA_DIR: config.dataDir,
  GATEWAY_KEY_FILE: gatewayKeys.keyFile,
  ...Object.fromEntries(
    SERVICES.map((name) => [
      `SUBGRAPH_URL_${name.toUpperCase()}`,
      `http://127.0.0.1:${ports[name]}/graphql`,
    ]),
  ),
});
