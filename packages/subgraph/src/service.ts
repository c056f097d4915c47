import { fileURLToPath } from 'node:url';
import { dirname } from 'node:path';
import closeWithGrace from 'close-with-grace';
import type { DataSource } from 'typeorm';
import { accessOf, type Service } from '@yanxiu/contracts/topic-access';
import { Consumer } from '@yanxiu/messaging/consumer';
import { measureEvents } from '@yanxiu/messaging/event-metrics';
import { systemEnvironment, type Environment } from '@yanxiu/messaging/environment';
import type { EventHandler } from '@yanxiu/messaging/handlers';
import type { Inbox } from '@yanxiu/messaging/inbox';
import type { Transport } from '@yanxiu/messaging/port';
import { Relay } from '@yanxiu/messaging/relay';
import type { Background } from './background.js';
import type { AssignmentsOf } from './acting.js';
import { auditResolvers } from './audit/resolvers.js';
import { clockOffset } from './clock-file.js';
import { ConfigError, readServiceConfig, type ServiceConfig } from './config.js';
import { connectDatabase, migrate, type Entity, type Migration } from './database.js';
import { dutyResolvers } from './duty/resolvers.js';
import { CredentialVerifier } from './gateway-credential.js';
import { runKeys } from './keys/role.js';
import type { Sealed } from './keys/sealed.js';
import { createLog, type Logger } from './log.js';
import { personResolvers, type PersonalTables } from './person/export.js';
import { runRebuild } from './rebuild/role.js';
import type { DerivedView, View } from './rebuild/view.js';
import { asWriter, asSystem } from './scoped-database.js';
import { serviceSdl } from './sdl.js';
import { commonSdl } from './service-sdl.js';
import { SeedRole, type SeedCommand } from './seed-role.js';
import { startSubgraph } from './server.js';
import { createTokenVerifier, type TokenVerifier } from './token.js';

/** One capability of a service: its resolvers and what it does with events. */
export interface Slice {
  resolvers?: object;
  handlers?: readonly EventHandler[];
}

/** What makes a service: listed by hand in its `subgraph.ts` and `database.ts`. */
export interface ServiceDefinition {
  name: Service;
  /** `import.meta.url` of the service's main.ts: slices' SDL is found beside it. */
  mainUrl: string;
  slices: readonly Slice[];
  /** Who may act: the roles of an account, from the service's copy of the registry. */
  assignments: AssignmentsOf;
  entities: readonly Entity[];
  migrations: readonly Migration[];
  /** Tables that the database itself keeps from being changed. */
  appendOnly?: readonly string[];
  /** What is held about persons, for their own information. */
  personal: PersonalTables;
  /** What is kept under the keyring, for `yanxiu keys`. */
  sealed?: Sealed;
  /** What `yanxiu rebuild` can build again, from the log or from records. */
  views?: readonly (View | DerivedView)[];
  /** Commands that the generator may call in-process, by name. */
  seedCommands?: Readonly<Record<string, SeedCommand>>;
  /** Things to start and stop with the process, e.g. timers of waits. */
  background?: (running: RunningService) => Background;
}

export interface RunningService {
  config: ServiceConfig;
  /** With all its rows. */
  db: DataSource;
  environment: Environment;
  log: Logger;
}

type Role = 'serve' | 'relay' | 'consume' | 'seed' | 'migrate' | 'rebuild' | 'keys';

interface Stoppable {
  stop(): Promise<void>;
}

/**
 * Runs a service's process with the roles of `--roles` (default: serve,relay,consume). `migrate`
 * alone brings the database up to date and ends: the serving processes then need no owner's URL.
 */
export async function runService(definition: ServiceDefinition): Promise<void> {
  let config: ServiceConfig;
  try {
    config = readServiceConfig(definition.name);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${definition.name}: ${error.message}\n`);
    process.exit(1);
  }
  const log = createLog(definition.name, config.logLevel);
  const parts: Stoppable[] = [];
  const { uninstall } = closeWithGrace({ delay: 10_000, logger: false }, async ({ err }) => {
    if (err) log.fatal({ err }, 'stopping');
    // In reverse order of start: requests first, then consumer and relay, the database last.
    for (const part of parts.reverse())
      await part.stop().catch((error: unknown) => log.warn({ err: error }, 'did not stop cleanly'));
  });
  // Nothing is left behind when the supervisor dies: its IPC channel closes.
  if (process.send) process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'));
  try {
    await startParts(definition, config, log, rolesOf(process.argv), parts);
  } catch (error) {
    uninstall();
    if (error instanceof ConfigError)
      process.stderr.write(`${definition.name}: ${error.message}\n`);
    log.fatal({ err: error }, 'could not start');
    process.exit(1);
  }
}

async function startParts(
  definition: ServiceDefinition,
  config: ServiceConfig,
  log: Logger,
  roles: ReadonlySet<Role>,
  parts: Stoppable[],
): Promise<void> {
  if (roles.has('keys')) return runKeys(definition, config);
  if (roles.has('rebuild')) {
    const transport = await openTransport(config, log);
    parts.push({ stop: () => transport.close() });
    return runRebuild(definition, config, transport);
  }
  if (config.databaseOwnerUrl) {
    await migrate({
      ownerUrl: config.databaseOwnerUrl,
      appRole: decodeURIComponent(new URL(config.databaseUrl).username),
      migrations: definition.migrations,
      appendOnly: definition.appendOnly ?? [],
    });
  } else if (roles.has('migrate')) {
    throw new ConfigError(
      `--roles migrate needs DATABASE_OWNER_URL_${definition.name.toUpperCase()}: set it`,
    );
  }
  if (roles.has('migrate') && roles.size === 1) {
    log.info('the database is up to date');
    return;
  }
  const callers = roles.has('serve') ? await openCallers(config) : null;
  const pool = await connectDatabase({ url: config.databaseUrl, entities: definition.entities });
  parts.push({ stop: () => pool.destroy() });
  const db = asSystem(pool);
  const transport = await openTransport(config, log);
  parts.push({ stop: () => transport.close() });
  const seed = roles.has('seed') ? new SeedRole(definition.seedCommands ?? {}, log) : null;
  const environment = seed?.environment ?? systemEnvironment(clockOffset(config.clockFile));
  const running: RunningService = { config, db, environment, log };
  if (roles.has('relay')) {
    const relay = new Relay({ databaseUrl: config.databaseUrl, transport, log });
    relay.start();
    parts.push(relay);
  }
  const consumer = consumerOf(definition, running, transport);
  if (roles.has('consume')) {
    await consumer.start();
    parts.push(consumer);
  }
  if (definition.background && roles.has('consume') && !seed) {
    parts.push(definition.background(running));
  }
  if (callers)
    parts.push(await serve(definition, running, callers, { inbox: consumer.inbox, transport }));
  seed?.listen({ ...running, service: definition.name, consumer });
}

function consumerOf(
  { name, slices }: ServiceDefinition,
  { db, environment, log }: RunningService,
  transport: Transport,
): Consumer {
  return new Consumer({
    consumer: name,
    dataSource: asWriter(db),
    handlers: slices.flatMap((slice) => slice.handlers ?? []),
    environment,
    transport,
    log,
    onFatal: (error) => {
      log.fatal({ err: error }, 'the consumer stopped for good; exiting to be restarted');
      process.exit(1);
    },
  });
}

/** What tells who asks, and that the question comes through the gateway. */
interface Callers {
  verifier: TokenVerifier;
  credentials: CredentialVerifier;
}

async function openCallers({
  identity,
  gatewayJwksFile: file,
  name,
}: ServiceConfig): Promise<Callers> {
  if (file === null) {
    throw new ConfigError(
      'GATEWAY_JWKS_FILE is not set: give the file with the public keys of the gateway',
    );
  }
  const credentials = await CredentialVerifier.open(file, name).catch((error: unknown) => {
    const why = error instanceof Error ? error.message : String(error);
    throw new ConfigError(
      `GATEWAY_JWKS_FILE: no public key of the gateway (${why}): ` +
        'start with "npm start" or "node infra/make-secrets.mjs", or name another file',
    );
  });
  const verifier = await createTokenVerifier(identity).catch((error: unknown) => {
    throw new ConfigError(error instanceof Error ? error.message : String(error));
  });
  return { verifier, credentials };
}

async function serve(
  definition: ServiceDefinition,
  running: RunningService,
  callers: Callers,
  { inbox, transport }: { inbox: Inbox; transport: Transport },
): Promise<Stoppable> {
  const { config, db, environment, log } = running;
  const { name } = definition;
  measureEvents({ consumer: name, topics: inbox.topics, dataSource: db, transport, log });
  const duty = dutyResolvers({ service: name, inbox, transport });
  const subgraph = await startSubgraph({
    service: definition.name,
    host: config.host,
    port: config.port,
    sdl: `${serviceSdl(dirname(fileURLToPath(definition.mainUrl)))}\n${commonSdl(definition.name)}`,
    resolvers: [
      ...definition.slices.flatMap((slice) => (slice.resolvers ? [slice.resolvers] : [])),
      duty,
      auditResolvers(definition.name),
      personResolvers(definition.name, definition.personal),
    ],
    db,
    environment,
    assignments: definition.assignments,
    ...callers,
    log,
    checks: async () => ({
      database: await db.query('SELECT 1').then(
        () => true,
        () => false,
      ),
    }),
  });
  log.info({ url: subgraph.url }, 'serving');
  return subgraph;
}

/** The transport that the configuration chooses, with the topics there that the service uses. */
export async function openTransport(
  config: Pick<ServiceConfig, 'transport' | 'name'>,
  log: Logger,
): Promise<Transport> {
  let transport: Transport;
  if (config.transport.kind === 'kafka') {
    // Loaded on demand: a process that does not use Kafka need not hold its client in memory.
    const { KafkaTransport } = await import('@yanxiu/messaging/kafka');
    const { settings } = config.transport;
    transport = new KafkaTransport({ ...settings, clientId: `yanxiu-${config.name}`, log });
  } else {
    const { PostgresLog } = await import('@yanxiu/messaging/postgres-log');
    const { url, ownerUrl } = config.transport;
    if (ownerUrl) {
      const access = await import('@yanxiu/messaging/postgres-log-access');
      await access.migratePostgresLog(ownerUrl, [access.grantOf(config.name, url)]);
    }
    transport = new PostgresLog({ url, log });
  }
  const { writes, reads } = accessOf(config.name);
  await transport.ensureTopics([...writes, ...reads]);
  return transport;
}

function rolesOf(argv: readonly string[]): ReadonlySet<Role> {
  const index = argv.indexOf('--roles');
  const text = index >= 0 ? (argv[index + 1] ?? '') : 'serve,relay,consume';
  const roles = text.split(',').map((role) => role.trim());
  const known: readonly string[] = [
    'serve',
    'relay',
    'consume',
    'seed',
    'migrate',
    'rebuild',
    'keys',
  ];
  const unknown = roles.find((role) => !known.includes(role));
  if (unknown !== undefined) throw new Error(`--roles: unknown role "${unknown}"`);
  return new Set(roles as Role[]);
}
