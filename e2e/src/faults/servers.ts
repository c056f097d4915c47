import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { freePort } from '@yanxiu/cli/ports';
import { startPostgres, type RunningPostgres } from '@yanxiu/cli/postgres';
import { startKafka, type RunningKafka } from '../../../infra/kafka/kafka.mjs';
import type { Proxy } from './proxy.js';

/** A server of the runner's own that a case may kill, freeze and bring back on its port. */
export interface Killable {
  readonly pid: number;
  readonly port: number;
  /** Sends the signal; with SIGKILL and SIGQUIT, resolves when the process is gone. */
  signal(signal: NodeJS.Signals): Promise<void>;
  /** Starts it again over the same data. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

export class PostgresServer implements Killable {
  private constructor(
    readonly dataDir: string,
    private running: RunningPostgres,
  ) {}

  static async open(dataDir: string): Promise<PostgresServer> {
    // Durable, as the platform runs it: what was acknowledged must survive the kill.
    return new PostgresServer(dataDir, await startPostgres({ dataDir }));
  }

  get pid(): number {
    return this.running.pid;
  }
  get port(): number {
    return this.running.port;
  }
  /** As the superuser. */
  get url(): string {
    return this.running.url;
  }

  async signal(signal: NodeJS.Signals): Promise<void> {
    process.kill(this.running.pid, signal);
    if (signal === 'SIGKILL' || signal === 'SIGQUIT') await this.running.exited;
  }

  async start(): Promise<void> {
    this.running = await startPostgres({ dataDir: this.dataDir, port: this.running.port });
  }

  stop(): Promise<void> {
    return this.running.stop();
  }
}

export class KafkaServer implements Killable {
  private constructor(
    private readonly options: Parameters<typeof startKafka>[0],
    private running: RunningKafka,
  ) {}

  /** Clients are sent to the proxy, which must lead to `port`. */
  static async open(dataDir: string, port: number, proxy: Proxy): Promise<KafkaServer> {
    const controllerPort = await freePort();
    const options = { dataDir, port, controllerPort, advertisedPort: proxy.port };
    return new KafkaServer(options, await startKafka(options));
  }

  get pid(): number {
    return this.running.pid;
  }
  get port(): number {
    return this.options.port ?? 0;
  }
  /** Where the broker keeps its partitions. */
  get logFolder(): string {
    return path.join(this.options.dataDir, 'log');
  }

  async signal(signal: NodeJS.Signals): Promise<void> {
    const { process: child } = this.running;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    if (signal === 'SIGKILL') await gone;
  }

  async start(): Promise<void> {
    this.running = await startKafka(this.options);
  }

  stop(): Promise<void> {
    return this.running.stop();
  }
}

export const makeFolder = async (): Promise<string> => {
  const folder = await mkdtemp(path.join(tmpdir(), 'yanxiu-faults-'));
  // The database server runs under another account when we run as root.
  await chmod(folder, 0o711);
  return folder;
};

export const removeFolder = (folder: string): Promise<void> =>
  rm(folder, { recursive: true, force: true });
