import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { SERVICES, type Service } from '@yanxiu/contracts/topic-access';
import { plan } from '@yanxiu/generator/plan';
import { everything, migratePostgresLog } from '@yanxiu/messaging/postgres-log-access';
import { gatewayKeyFiles } from '@yanxiu/subgraph/gateway-credential';
import { ensureLocalIssuer, readPersonas } from '@yanxiu/subgraph/local-issuer';
import { ensureKeyring } from './keyring.js';
import {
  DATABASES,
  newPassword,
  provisionDatabase,
  type DatabaseName,
  type DatabaseUrls,
} from './provision.js';
import { runSeed } from './seed.js';
import { serviceEnvironment } from './service-environment.js';
import { digestOf, idsOf } from './testing/province-digest.js';
import { readUpConfig } from './up-config.js';

jest.setTimeout(180_000);

const today = '2025-06-30';
const known = idsOf(plan({ size: 'bare', seed: 7, today }));

/** A data folder and databases of its own, as `yanxiu up` makes them. */
class Place {
  databases = new Map<DatabaseName, DatabaseUrls>();

  constructor(
    readonly dataDir: string,
    readonly suffix: string,
  ) {}

  async provision(): Promise<void> {
    for (const name of DATABASES) {
      const database = `${name}_${this.suffix}`;
      const names = { database, owner: `${database}_owner`, app: `${database}_app` };
      const passwords = { [names.owner]: newPassword(), [names.app]: newPassword() };
      this.databases.set(name, await provisionDatabase(server(), names, passwords));
    }
    const events = this.urls('events');
    await migratePostgresLog(events.ownerUrl, [everything(`events_${this.suffix}_app`)]);
  }

  urls(name: DatabaseName): DatabaseUrls {
    const urls = this.databases.get(name);
    if (!urls) throw new Error(`no database ${name}`);
    return urls;
  }

  /** Seeds size bare; stops after so many steps, when told to. */
  async seed(stopAfter = Number.POSITIVE_INFINITY): Promise<void> {
    await ensureLocalIssuer(this.dataDir);
    const keyrings = {
      personnel: await ensureKeyring(this.dataDir, 'personnel'),
      evaluation: await ensureKeyring(this.dataDir, 'evaluation'),
    };
    const ports = Object.fromEntries(SERVICES.map((name) => [name, 1])) as Record<Service, number>;
    const config = readUpConfig({ YANXIU_DATA_DIR: this.dataDir });
    const gatewayKeys = gatewayKeyFiles(this.dataDir);
    const facts = { databases: this.databases, ports, keyrings, gatewayKeys };
    const stop = new AbortController();
    await runSeed({
      size: 'bare',
      seed: 7,
      today,
      dataDir: this.dataDir,
      environment: serviceEnvironment(config, facts, process.env),
      log: () => undefined,
      progress: {
        show: (done) => done >= stopAfter && stop.abort(new Error('stopped in the middle')),
        end: () => undefined,
      },
      signal: stop.signal,
    });
  }

  async digest(): Promise<string[]> {
    const lines: string[] = [];
    for (const name of SERVICES) {
      const table = await digestOf(this.urls(name).ownerUrl, known);
      lines.push(...table.map((line) => `${name}.${line}`));
    }
    return lines;
  }

  async drop(): Promise<void> {
    const client = new pg.Client({ connectionString: server() });
    await client.connect();
    for (const name of DATABASES) {
      const database = `${name}_${this.suffix}`;
      await client.query(`DROP DATABASE IF EXISTS ${database} WITH (FORCE)`);
      await client.query(`DROP ROLE IF EXISTS ${database}_owner`);
      await client.query(`DROP ROLE IF EXISTS ${database}_app`);
    }
    await client.end();
    await rm(this.dataDir, { recursive: true });
  }
}

const server = (): string => {
  const url = process.env['TEST_POSTGRES_URL'];
  if (!url) throw new Error('TEST_POSTGRES_URL is not set');
  return url;
};

let places: Place[];

beforeEach(async () => {
  places = [];
  for (let n = 0; n < 2; n += 1) {
    const dataDir = await mkdtemp(path.join(tmpdir(), 'yanxiu-seed-'));
    const place = new Place(dataDir, randomBytes(4).toString('hex'));
    places.push(place);
    await place.provision();
  }
});

afterEach(async () => {
  for (const place of places) await place.drop();
});

it('gives the same province twice, the second time stopped in the middle and gone on with', async () => {
  const [whole, broken] = places;
  if (!whole || !broken) throw new Error('two places are needed');
  await whole.seed();
  await expect(broken.seed(60)).rejects.toThrow('stopped in the middle');
  expect(await stat(path.join(broken.dataDir, 'personas.json')).catch(() => null)).toBeNull();
  await broken.seed();

  const digest = await whole.digest();
  expect(await broken.digest()).toEqual(digest);
  expect(digest.find((line) => line.startsWith('personnel.teacher '))).toMatch(/ 40 /);
  expect(digest.find((line) => line.startsWith('training.teacher_copy '))).toMatch(/ 40 /);
  expect(await readPersonas(broken.dataDir)).toEqual(await readPersonas(whole.dataDir));
});
