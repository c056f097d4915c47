import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Transport } from '@yanxiu/messaging/port';
import { readKafka } from '@yanxiu/subgraph/config';
import { createLog } from '@yanxiu/subgraph/log';
import { UserError } from './data-lock.js';
import {
  DATABASES,
  namesOf,
  urlsOf,
  type Credentials,
  type DatabaseName,
  type DatabaseUrls,
} from './provision.js';
import type { RunState } from './run-file.js';
import { dataFolder, logRoles, type Env } from './up-config.js';

/** A database of the platform as its runtime role, and as its owner where that is known here. */
export interface RunningDatabase extends Omit<DatabaseUrls, 'ownerUrl'> {
  ownerUrl: string | null;
}

export type RunningDatabases = ReadonlyMap<DatabaseName, RunningDatabase>;

const readJson = async <T>(file: string): Promise<T | null> => {
  const text = await readFile(file, 'utf8').catch(() => null);
  return text === null ? null : (JSON.parse(text) as T);
};

/** What runs on this data folder; null when nothing does. */
export const runState = (env: Env): Promise<RunState | null> =>
  readJson<RunState>(path.join(dataFolder(env), 'run.json'));

/**
 * The platform's databases: those that the environment names, and those of the embedded server
 * that runs on the data folder. Starts nothing.
 */
export const runningDatabases = async (env: Env): Promise<RunningDatabases> => {
  const databases = new Map<DatabaseName, RunningDatabase>();
  const embedded: DatabaseName[] = [];
  for (const name of DATABASES) {
    const appUrl = env[`DATABASE_URL_${name.toUpperCase()}`]?.trim();
    const ownerUrl = env[`DATABASE_OWNER_URL_${name.toUpperCase()}`]?.trim() || null;
    if (appUrl) databases.set(name, { appUrl, ownerUrl, ...logRoles(name, appUrl, env) });
    else if (name !== 'events' || !env['KAFKA_BROKERS']) embedded.push(name);
  }
  if (embedded.length === 0) return databases;
  const dataDir = dataFolder(env);
  const port = (await runState(env))?.postgres?.port;
  const passwords = await readJson<Credentials>(path.join(dataDir, 'credentials.json'));
  if (!port || !passwords) {
    throw new UserError(
      `no platform runs on ${dataDir}: start it with "npm start", or set YANXIU_DATA_DIR or ` +
        'DATABASE_URL_<SERVICE>',
    );
  }
  for (const name of embedded) {
    databases.set(name, urlsOf(`postgres://127.0.0.1:${port}/`, namesOf(name), passwords));
  }
  return databases;
};

/** The transport that the platform uses: Kafka where `KAFKA_BROKERS` names it. */
export const runningTransport = async (
  env: Env,
  databases: RunningDatabases,
): Promise<Transport> => {
  const log = createLog('cli', 'silent');
  const kafka = readKafka(env);
  if (kafka) {
    const { KafkaTransport } = await import('@yanxiu/messaging/kafka');
    return new KafkaTransport({ ...kafka, clientId: 'yanxiu-cli', log });
  }
  const { PostgresLog } = await import('@yanxiu/messaging/postgres-log');
  const events = databases.get('events');
  if (!events) throw new UserError('DATABASE_URL_EVENTS is not set');
  return new PostgresLog({ url: events.appUrl, log });
};
