import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import pg from 'pg';
import { freePort } from '@yanxiu/cli/ports';
import { DATABASES, provisionAll, type DatabaseName } from '@yanxiu/cli/provision';
import { SYSTEM_SESSION } from '@yanxiu/subgraph/scoped-database';
import { startSystem, type System } from '@yanxiu/testkit/system';
import { Points } from './points.js';
import { Proxy } from './proxy.js';
import { KafkaServer, makeFolder, PostgresServer, removeFolder } from './servers.js';

export type TransportKind = 'postgres' | 'kafka';

export interface StageOptions {
  transport: TransportKind;
  /** What the agent is to switch off in every process, for the self-test. */
  mutant?: string;
  /** Further settings of the platform. */
  env?: Record<string, string>;
}

/** On a busy machine; the start is no part of what is measured. */
const START_LIMIT_MS = 600_000;

/** `database` with another port. */
const through = (url: string, port: number): string => {
  const changed = new URL(url);
  changed.port = String(port);
  return changed.href;
};

/**
 * The platform as real processes, with a wire to each database and to the broker that the runner
 * can make bad, and an owner's connection to each database that goes round the wire.
 */
export class Stage {
  readonly pools = new Map<DatabaseName, pg.Pool>();
  readonly wires = new Map<DatabaseName, Proxy>();
  /** Settings of the platform, e.g. for one more process of a service. */
  env: Record<string, string> = {};
  system!: System;
  broker: KafkaServer | undefined;
  brokerWire: Proxy | undefined;

  private constructor(
    readonly transport: TransportKind,
    readonly folder: string,
    readonly points: Points,
    readonly postgres: PostgresServer,
  ) {}

  static async open(options: StageOptions): Promise<Stage> {
    const folder = await makeFolder();
    const postgres = await PostgresServer.open(path.join(folder, 'postgres'));
    const points = new Points(path.join(folder, 'points'));
    await points.prepare(options.mutant);
    const stage = new Stage(options.transport, folder, points, postgres);
    try {
      await stage.#start(options);
    } catch (error) {
      await stage.close();
      throw error;
    }
    return stage;
  }

  get databases(): DatabaseName[] {
    return DATABASES.filter((name) => name !== 'events' || this.transport === 'postgres');
  }

  /** As the owner of the service's database, past every wire. */
  async sql<T extends object>(name: DatabaseName, text: string, values: unknown[] = []) {
    const pool = this.pools.get(name);
    if (!pool) throw new Error(`there is no database ${name}`);
    const { rows } = await pool.query<T>(text, values);
    return rows;
  }

  /** As the superuser, who alone sees what other roles' sessions do. */
  async sessions<T extends object>(text: string, values: unknown[] = []): Promise<T[]> {
    const client = new pg.Client({ connectionString: this.postgres.url });
    await client.connect();
    try {
      const { rows } = await client.query<T>(text, values);
      return rows;
    } finally {
      await client.end();
    }
  }

  /** The wire that the events take: to the broker, or to the database of the log. */
  get eventsWire(): Proxy {
    const wire = this.brokerWire ?? this.wires.get('events');
    if (!wire) throw new Error('the stage has no wire for events');
    return wire;
  }

  async close(): Promise<void> {
    // One that did not start has nothing to stop.
    await this.system?.stop();
    for (const pool of this.pools.values()) await pool.end();
    await this.broker?.stop();
    for (const wire of [...this.wires.values(), this.brokerWire]) await wire?.stop();
    await this.postgres.stop();
    if (!process.env['KEEP_TEST_DATA']) await removeFolder(this.folder);
  }

  async #start(options: StageOptions): Promise<void> {
    const names = this.databases;
    const credentials = path.join(this.folder, 'credentials.json');
    const databases = await provisionAll(this.postgres.url, credentials, names);
    const env = this.env;
    for (const [name, { appUrl, ownerUrl }] of databases) {
      const wire = await Proxy.start(() => this.postgres.port);
      this.wires.set(name, wire);
      const pool = new pg.Pool({ connectionString: ownerUrl, max: 3, options: SYSTEM_SESSION });
      pool.on('error', () => undefined);
      this.pools.set(name, pool);
      env[`DATABASE_URL_${name.toUpperCase()}`] = through(appUrl, wire.port);
      env[`DATABASE_OWNER_URL_${name.toUpperCase()}`] = ownerUrl;
    }
    if (this.transport === 'kafka') {
      const port = await freePort();
      this.brokerWire = await Proxy.start(() => port, true);
      this.broker = await KafkaServer.open(path.join(this.folder, 'kafka'), port, this.brokerWire);
      env['KAFKA_BROKERS'] = `127.0.0.1:${this.brokerWire.port}`;
    }
    const dataDir = path.join(this.folder, 'data');
    await mkdir(dataDir);
    // The broker, if any, is ours: the system is told of it as an installation would be.
    this.system = await startSystem({
      transport: 'postgres',
      size: 'bare',
      dataDir,
      startLimitMs: START_LIMIT_MS,
      env: { ...env, ...this.points.env, ...options.env },
    });
  }
}
