import type { GatewayKeyFiles } from '@yanxiu/subgraph/gateway-credential';
import type { DatabaseName, DatabaseUrls } from './provision.js';
import { SERVICES, type Env, type ServiceName, type UpConfig } from './up-config.js';

/** The complete environment of each service's process. */
export type ServiceEnvironment = Readonly<Record<ServiceName, NodeJS.ProcessEnv>>;

/** What belongs to one process alone, or to npm, is not handed on to every child. */
const OWN = /^(PORT$|HOST$|DATABASE_|SUBGRAPH_URL_|KEYRING_FILE|GATEWAY_|npm_|INIT_CWD$)/;

export const inherited = (env: Env): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !OWN.test(name)));

export interface ServiceFacts {
  databases: ReadonlyMap<DatabaseName, DatabaseUrls>;
  ports: Readonly<Record<ServiceName, number>>;
  keyrings: Readonly<Partial<Record<ServiceName, string>>>;
  gatewayKeys: GatewayKeyFiles;
}

const environmentOf = (
  service: ServiceName,
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
    ...(config.kafkaBrokers === undefined && events && { DATABASE_URL_EVENTS: events.appUrl }),
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
  return Object.fromEntries(entries) as Record<ServiceName, NodeJS.ProcessEnv>;
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
