import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Kafka, logLevel } from 'kafkajs';
import pg from 'pg';
import { pino } from 'pino';
import type { DataSource } from 'typeorm';
import { startPostgres } from '@yanxiu/cli/postgres';
import { KafkaTransport } from '@yanxiu/messaging/kafka';
import { PostgresLog } from '@yanxiu/messaging/postgres-log';
import { everything, migratePostgresLog } from '@yanxiu/messaging/postgres-log-access';
import type { Transport } from '@yanxiu/messaging/port';
import { connectDatabase } from '@yanxiu/subgraph/database';
import { asWriter } from '@yanxiu/subgraph/scoped-database';
import { createTestDatabase, type TestDatabase } from '@yanxiu/testkit/database';
import { startBroker } from '@yanxiu/testkit/broker';

export const log = pino({ level: process.env['LOG_LEVEL'] ?? 'silent' });

type Migrations = NonNullable<Parameters<typeof createTestDatabase>[0]['migrations']>;

/** A real PostgreSQL with its usual durability, and a real Kafka, in a folder of their own. */
export interface Setting {
  brokers: string[];
  /** The same broker, spoken to without anything of ours. */
  raw: Kafka;
  transports: Readonly<Record<'kafka' | 'postgres', Transport>>;
  /** The database of the Postgres log, as its owner. */
  logOwnerUrl: string;
  /** A service's database, migrated, and a pool on it as its consumers have. */
  database(service: string, migrations: Migrations): Promise<{ db: DataSource } & TestDatabase>;
  stop(): Promise<void>;
}

/** Starts both; nothing of what the machine runs already is used. */
export async function openSetting(): Promise<Setting> {
  const folder = await mkdtemp(path.join(tmpdir(), 'yanxiu-bench-events-'));
  // The database server runs under another account when the benchmark runs as root.
  await chmod(folder, 0o711);
  const server = await startPostgres({ dataDir: path.join(folder, 'postgres') });
  process.env['TEST_POSTGRES_URL'] = server.url;
  const broker = await startBroker(path.join(folder, 'kafka'));
  const brokers = [broker.brokers];
  const events = await createTestDatabase({ service: 'events' });
  await migratePostgresLog(events.ownerUrl, [everything(new URL(events.appUrl).username)]);
  const transports = {
    kafka: new KafkaTransport({ brokers, clientId: 'bench', log }),
    postgres: new PostgresLog({ url: events.appUrl, log }),
  };
  const pools: DataSource[] = [];
  return {
    brokers,
    raw: new Kafka({ clientId: 'raw', brokers, logLevel: logLevel.NOTHING }),
    transports,
    logOwnerUrl: events.ownerUrl,
    database: async (service, migrations) => {
      const database = await createTestDatabase({ service, migrations });
      const pool = await connectDatabase({ url: database.appUrl, entities: [], poolSize: 8 });
      pools.push(pool);
      const drop = async (): Promise<void> => {
        await pool.destroy();
        await database.drop();
      };
      return { ...database, db: asWriter(pool), drop };
    },
    stop: async () => {
      for (const pool of pools) if (pool.isInitialized) await pool.destroy();
      await transports.kafka.close();
      await transports.postgres.close();
      await broker.stop();
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** One statement on a connection of its own. */
export async function ask<T extends object>(
  url: string,
  text: string,
  values: unknown[] = [],
): Promise<T[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<T>(text, values)).rows;
  } finally {
    await client.end();
  }
}
