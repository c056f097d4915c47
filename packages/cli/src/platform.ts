import { chmod, mkdir, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { SERVICES, type Service } from '@yanxiu/contracts/topic-access';
import { grantOf, migratePostgresLog, readerGrant } from '@yanxiu/messaging/postgres-log-access';
import { ensureGatewayKey, gatewayKeyFiles } from '@yanxiu/subgraph/gateway-credential';
import { ensureLocalIssuer } from '@yanxiu/subgraph/local-issuer';
import { lockDataFolder, UserError } from './data-lock.js';
import { ensureKeyring } from './keyring.js';
import { freePort } from './ports.js';
import { keepPostgres } from './postgres-keeper.js';
import { provisionAll, type DatabaseName, type DatabaseUrls } from './provision.js';
import { RunFile } from './run-file.js';
import type { Progress } from './seed-progress.js';
import {
  gatewayEnvironment,
  logUrlOf,
  serviceEnvironment,
  type ServiceEnvironment,
  type ServiceFacts,
} from './service-environment.js';
import { Supervised, type ChildSpec } from './supervisor.js';
import { KEYRING_SERVICES, type UpConfig } from './up-config.js';

/** Heap limits that keep five services and a gateway small; figures in `bench/RESULTS.md`. */
const NODE_LIMITS = ['--max-old-space-size=192', '--max-semi-space-size=2'];

export interface SeedRequest {
  size: string;
  seed: number;
  today: string | undefined;
  /** History straight into the ledger, also at a size that tells it by commands. */
  bulk?: boolean;
}

/** What `seed.ts` is given: it loads the synthetic province through the services' own commands. */
export interface SeedOptions extends SeedRequest {
  dataDir: string;
  environment: ServiceEnvironment;
  log: (line: string) => void;
  /** Where progress is shown; on stderr when not given. */
  progress?: Progress;
  signal: AbortSignal;
}

/** Loaded only when it is needed: the generator takes memory that the platform need not keep. */
const loadSeeder = async (): Promise<(options: SeedOptions) => Promise<void>> => {
  const place = new URL(import.meta.url.endsWith('.ts') ? 'seed.ts' : 'seed.js', import.meta.url);
  const { runSeed } = (await import(place.href)) as {
    runSeed: (options: SeedOptions) => Promise<void>;
  };
  return runSeed;
};

/** One running platform on one data folder: what it has started, and how that is stopped. */
export class Platform {
  readonly run: RunFile;
  /** Fires when something that cannot be started again is gone. */
  readonly lost = new AbortController();
  readonly #stops: (() => Promise<void> | void)[] = [];
  readonly #kills: (() => void)[] = [];
  #databases: ReadonlyMap<DatabaseName, DatabaseUrls>;
  #keyrings: Partial<Record<Service, string>> = {};
  #ports: Record<Service, number> | undefined;
  #stopping: Promise<void> | undefined;

  constructor(
    readonly config: UpConfig,
    readonly env: NodeJS.ProcessEnv,
    readonly signal: AbortSignal,
    readonly show: (line: string) => void,
  ) {
    this.run = new RunFile(config.dataDir);
    this.#databases = config.given;
  }

  /** Makes the data folder where there is none, and takes it for this process. */
  async takeDataFolder(): Promise<void> {
    const { dataDir } = this.config;
    await mkdir(dataDir, { recursive: true });
    // When we are root, the database server is another account, which must get to its own folder.
    await chmod(dataDir, process.getuid?.() === 0 ? 0o711 : 0o700);
    const release = await lockDataFolder(dataDir);
    this.#stops.push(release, () => this.run.remove());
  }

  /** Starts the embedded server, where one is needed, with its databases and roles. */
  async startDatabases(): Promise<void> {
    const { config } = this;
    if (config.embedded.length > 0) {
      const server = await keepPostgres({
        dataDir: path.join(config.dataDir, 'postgres'),
        log: this.show,
        onPid: (pid) =>
          this.run.update((state) => {
            state.postgres = { ...(state.postgres ?? { port: 0 }), pid };
          }),
        onLost: () => this.lost.abort(),
      });
      this.#stops.push(() => server.stop());
      this.#kills.push(() => server.kill());
      this.run.update((state) => {
        if (state.postgres) state.postgres.port = server.port;
      });
      this.signal.throwIfAborted();
      const credentials = path.join(config.dataDir, 'credentials.json');
      const made = await provisionAll(server.url, credentials, config.embedded);
      this.#databases = new Map([...made, ...config.given]);
    }
    const events = this.#databases.get('events');
    if (!config.kafka && events) {
      await migratePostgresLog(events.ownerUrl, [
        readerGrant(events.appUrl),
        ...SERVICES.map((service) => grantOf(service, logUrlOf(events, service))),
      ]);
    }
  }

  /** The keys of gateway, local issuer and keyrings: made where there are none and none given. */
  async makeKeys(): Promise<void> {
    const { config } = this;
    if (!config.production && config.oidcIssuer === undefined) {
      await ensureLocalIssuer(config.dataDir);
    }
    if (config.gatewayKeys === undefined) await ensureGatewayKey(config.dataDir);
    for (const service of KEYRING_SERVICES) {
      this.#keyrings[service] =
        config.keyringFiles[service] ?? (await ensureKeyring(config.dataDir, service));
    }
  }

  /** Loads the synthetic province unless this data folder has one. */
  async seed(request: SeedRequest, progress?: Progress): Promise<void> {
    const stamp = path.join(this.config.dataDir, 'seed.json');
    if (await stat(stamp).catch(() => undefined)) return;
    const runSeed = await loadSeeder();
    await runSeed({
      ...request,
      dataDir: this.config.dataDir,
      environment: await this.environment(),
      log: this.show,
      ...(progress && { progress }),
      signal: this.signal,
    });
    this.signal.throwIfAborted();
    await writeFile(stamp, `${JSON.stringify(request)}\n`);
  }

  async environment(): Promise<ServiceEnvironment> {
    return serviceEnvironment(this.config, await this.#facts(), this.env);
  }

  async #facts(): Promise<ServiceFacts> {
    return {
      databases: this.#databases,
      ports: await this.#servicePorts(),
      keyrings: this.#keyrings,
      gatewayKeys: this.config.gatewayKeys ?? gatewayKeyFiles(this.config.dataDir),
    };
  }

  /** Starts every service and the gateway at once; each promise settles when that one answers. */
  async startServing(): Promise<{ name: string; ready: Promise<void> }[]> {
    const { config } = this;
    const facts = await this.#facts();
    const { ports } = facts;
    const environment = serviceEnvironment(config, facts, this.env);
    const specs = SERVICES.map((name) =>
      this.#spec(name, ['services', name], environment[name], ports[name], [
        '--roles',
        'serve,relay,consume',
      ]),
    );
    const forGateway = gatewayEnvironment(config, facts, this.env);
    const gateway = this.#spec('gateway', ['gateway'], forGateway, config.port, []);
    for (const { args } of [...specs, gateway]) await this.#checkBuilt(args[0] ?? '');
    this.signal.throwIfAborted();
    const services = specs.map((spec) => this.#start(spec));
    this.#stops.push(async () => {
      await Promise.all(services.map((service) => service.stop()));
    });
    const front = this.#start(gateway);
    this.#stops.push(() => front.stop());
    return [...services, front].map((child) => {
      const ready = child.ready(this.signal).then(() => child.keep());
      // Whoever awaits it hears of a failure; nobody may, once another one has failed.
      ready.catch(() => undefined);
      return { name: child.name, ready };
    });
  }

  /** Stops what was started, the last first: gateway, services, database, lock. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stopAll();
    return this.#stopping;
  }

  /** Ends every child at once. */
  kill(): void {
    for (const kill of this.#kills) kill();
  }

  async #stopAll(): Promise<void> {
    for (const stop of this.#stops.reverse()) {
      try {
        await stop();
      } catch (error) {
        this.show(error instanceof Error ? error.message : String(error));
      }
    }
  }

  async #servicePorts(): Promise<Record<Service, number>> {
    if (this.#ports) return this.#ports;
    const entries: [string, number][] = [];
    for (const name of SERVICES) entries.push([name, await freePort()]);
    this.#ports = Object.fromEntries(entries) as Record<Service, number>;
    return this.#ports;
  }

  async #checkBuilt(program: string): Promise<void> {
    if (await stat(program).catch(() => undefined)) return;
    throw new UserError(`${program} is missing: run "npm run build" first`);
  }

  #spec(
    name: string,
    folder: string[],
    env: NodeJS.ProcessEnv,
    port: number,
    args: string[],
  ): ChildSpec {
    const { root, dataDir } = this.config;
    return {
      name,
      args: [path.join(root, ...folder, 'dist/main.js'), ...args],
      env,
      cwd: root,
      readyUrl: `http://127.0.0.1:${port}/health/ready`,
      logFile: path.join(dataDir, 'logs', `${name}.log`),
      execArgv: NODE_LIMITS,
    };
  }

  #start(spec: ChildSpec): Supervised {
    const port = Number(spec.env['PORT']);
    const child = new Supervised(spec, {
      show: this.show,
      onPid: (name, pid) =>
        this.run.update((state) => {
          const entry = { pid, port, url: `http://127.0.0.1:${port}` };
          if (name === 'gateway') state.gateway = entry;
          else state.services[name] = entry;
        }),
    });
    this.#kills.push(() => child.kill());
    return child;
  }
}
