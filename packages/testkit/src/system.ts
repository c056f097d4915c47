import { spawn, type ChildProcess } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '@yanxiu/cli/ports';
import { namesOf, urlFor, type Credentials, type DatabaseName } from '@yanxiu/cli/provision';
import type { RunState } from '@yanxiu/cli/run-file';
import {
  CREDENTIAL_HEADER,
  CredentialSigner,
  gatewayKeyFiles,
} from '@yanxiu/subgraph/gateway-credential';
import { mintToken, personaClaims } from '@yanxiu/subgraph/local-issuer';
import { SYSTEM_SESSION } from '@yanxiu/subgraph/scoped-database';
import type { Principal } from '../../../infra/kafka/kafka.mjs';
import { startBroker, type Broker } from './broker.js';
import { until } from './waiting.js';

export interface SystemOptions {
  transport: 'postgres' | 'kafka';
  /** Size of the synthetic province; none leaves the platform empty. */
  size?: string;
  seed?: number;
  /** The day on which the province stands. */
  today?: string;
  clockOffsetMs?: number;
  /** Goes on with the data of an earlier system; that folder is then kept. */
  dataDir?: string;
  startLimitMs?: number;
  /** Real components for it to use, e.g. `OIDC_ISSUER`. */
  env?: Record<string, string>;
  /** A Kafka to use that somebody else has started and stops. */
  broker?: Broker;
  /** Who else may log in to the test's own Kafka; granted nothing yet. */
  principals?: readonly Principal[];
}

export interface PersonaOptions {
  org?: string;
  n?: number;
  teacher?: string;
  ttlSeconds?: number;
}

/** Who asks: a token, or a persona for whom one is made. */
export type Asker = string | ({ persona: string } & PersonaOptions);

export interface Answer<T> {
  data?: T | null;
  errors?: { message: string; path?: (string | number)[]; extensions?: Record<string, unknown> }[];
}

const CLI = fileURLToPath(new URL('../../cli/dist/main.js', import.meta.url));

/** The real platform, started as `npm start` does, on a data folder of its own. */
export class System {
  constructor(
    readonly url: string,
    readonly dataDir: string,
    readonly transport: SystemOptions['transport'],
    readonly child: ChildProcess,
    readonly output: () => string,
    /** Address of the test's own Kafka, when the transport is Kafka. */
    readonly brokers: string | undefined,
    private readonly release: () => Promise<void>,
    /** Where the principals log in. */
    readonly securedBrokers?: string,
  ) {}

  /** A token of a persona. */
  async token(persona: string, options: PersonaOptions = {}): Promise<string> {
    const { org, n, teacher, ttlSeconds } = options;
    const claims = await personaClaims(this.dataDir, persona, {
      ...(org !== undefined && { org }),
      ...(n !== undefined && { n }),
    });
    const asked = teacher === undefined ? claims : { ...claims, sub: teacher, teacher };
    return mintToken(this.dataDir, asked, ttlSeconds === undefined ? {} : { ttlSeconds });
  }

  /** Asks the gateway over HTTP; without an asker, without a token. */
  async gql<T = Record<string, unknown>>(
    query: string,
    variables: Record<string, unknown> = {},
    asker?: Asker,
  ): Promise<Answer<T>> {
    const token = typeof asker === 'object' ? await this.token(asker.persona, asker) : asker;
    const response = await fetch(`${this.url}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify({ query, variables }),
    });
    return (await response.json()) as Answer<T>;
  }

  /** Asks a subgraph itself, with the gateway's credential unless other headers are given. */
  async askSubgraph(
    service: string,
    query: string,
    options: { token?: string; headers?: Record<string, string> } = {},
  ): Promise<{ status: number; answer: Answer<Record<string, unknown>> }> {
    const { services } = await this.running();
    const { keyFile } = gatewayKeyFiles(this.dataDir);
    const credential = await (await CredentialSigner.open(keyFile)).credentialFor(service);
    const { token, headers = { [CREDENTIAL_HEADER]: credential } } = options;
    const response = await fetch(`${services[service]?.url}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...headers,
      },
      body: JSON.stringify({ query }),
    });
    const answer = (await response.json()) as Answer<Record<string, unknown>>;
    return { status: response.status, answer };
  }

  async running(): Promise<RunState> {
    return JSON.parse(await readFile(path.join(this.dataDir, 'run.json'), 'utf8')) as RunState;
  }

  /** The process of a service, of the gateway or of the database, as it is now. */
  async pid(name: string): Promise<number | undefined> {
    const state = await this.running();
    if (name === 'gateway') return state.gateway?.pid;
    return name === 'postgres' ? state.postgres?.pid : state.services[name]?.pid;
  }

  async kill(name: string, signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const pid = await this.pid(name);
    if (pid === undefined) throw new Error(`${name} is not running`);
    process.kill(pid, signal);
  }

  /** Waits until every service answers, e.g. after one was killed. */
  async ready(timeoutMs = 60_000): Promise<void> {
    await until(async () => (await fetch(`${this.url}/health/ready`)).ok, {
      timeoutMs,
      message: () => `the platform to be ready; its logs are in ${this.dataDir}/logs`,
    });
  }

  /** Sets the platform's clock: an offset to the real time, or the instant that it is now. */
  async setClock(to: number | string): Promise<void> {
    await writeClock(this.dataDir, to);
  }

  /** A service's database as its owner, with all its rows, for checks from outside. */
  async databaseUrl(service: DatabaseName): Promise<string> {
    const { postgres } = await this.running();
    const file = path.join(this.dataDir, 'credentials.json');
    const passwords = JSON.parse(await readFile(file, 'utf8')) as Credentials;
    const { owner: user, database } = namesOf(service);
    const server = `postgres://127.0.0.1:${postgres?.port}/`;
    const url = new URL(urlFor(server, { user, password: passwords[user] ?? '', database }));
    url.searchParams.set('options', SYSTEM_SESSION);
    return url.href;
  }

  async stop(): Promise<void> {
    await end(this.child);
    await this.release();
  }
}

const clockFile = (dataDir: string): string => path.join(dataDir, 'clock');

const writeClock = async (dataDir: string, to: number | string): Promise<void> => {
  const offset = typeof to === 'number' ? to : Date.parse(to) - Date.now();
  if (Number.isNaN(offset)) throw new Error(`${to} is not an instant`);
  await writeFile(clockFile(dataDir), String(Math.round(offset)));
};

const end = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGINT');
  await ended;
};

const launch = (dataDir: string, port: number, options: SystemOptions, brokers?: string) => {
  const { size, seed, today } = options;
  const seeding = [
    ...(size === undefined ? ['--no-seed'] : ['--seed', '--size', size]),
    ...(seed === undefined ? [] : ['--seed-number', String(seed)]),
    ...(today === undefined ? [] : ['--today', today]),
  ];
  // The channel tells the platform when the tests' process is gone.
  return spawn(process.execPath, [CLI, 'up', ...seeding], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      TMPDIR: process.env['TMPDIR'],
      PORT: String(port),
      YANXIU_DATA_DIR: dataDir,
      YANXIU_CLOCK_FILE: clockFile(dataDir),
      ...(brokers !== undefined && { KAFKA_BROKERS: brokers }),
      ...options.env,
    },
  });
};

/** Starts the built platform; the logs of one that does not start are kept and named. */
export const startSystem = async (options: SystemOptions): Promise<System> => {
  const kept = options.dataDir !== undefined;
  const dataDir = options.dataDir ?? (await mkdtemp(path.join(tmpdir(), 'yanxiu-system-')));
  // The database server runs under another account when the tests run as root.
  await chmod(dataDir, 0o711);
  await writeClock(dataDir, options.clockOffsetMs ?? 0);
  const { principals = [] } = options;
  const own =
    options.transport === 'kafka' && !options.broker
      ? await startBroker(path.join(dataDir, 'kafka'), { principals })
      : undefined;
  const broker = own ?? options.broker;
  const port = await freePort();
  const child = launch(dataDir, port, options, broker?.brokers);
  let output = '';
  child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  try {
    await until(() => /^ready: /m.test(output) || child.exitCode !== null, {
      timeoutMs: options.startLimitMs ?? 180_000,
      message: 'the platform to be ready',
    });
    if (child.exitCode !== null) throw new Error('the platform ended while it was starting');
  } catch (cause) {
    await end(child);
    await own?.stop();
    throw new Error(`${String(cause)}; its logs are in ${dataDir}/logs\n${output}`, { cause });
  }
  const url = `http://127.0.0.1:${port}`;
  const { transport } = options;
  return new System(
    url,
    dataDir,
    transport,
    child,
    () => output,
    broker?.brokers,
    async () => {
      await own?.stop();
      if (!kept && !process.env['KEEP_TEST_DATA'])
        await rm(dataDir, { recursive: true, force: true });
    },
    broker?.securedBrokers,
  );
};
