import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { topics } from '@yanxiu/contracts/catalogue';
import { isStateTopic } from '@yanxiu/contracts/contract';
import { SERVICES, accessOf, type Service } from '@yanxiu/contracts/topic-access';
import {
  forEachService,
  newPassword,
  provisionDatabase,
  type DatabaseUrls,
} from '@yanxiu/cli/provision';
import { until } from '@yanxiu/testkit/waiting';
import { PostgresLog } from './postgres-log.js';
import { grantOf, migratePostgresLog, readerGrant } from './postgres-log-access.js';
import { silent } from './testing/fixture.js';

const SERVER = process.env['TEST_POSTGRES_URL'] ?? '';
const NAME = `events_${randomUUID().slice(0, 8)}`;
const READER = `${NAME}_downstream`;
const names = {
  database: NAME,
  owner: `${NAME}_owner`,
  app: `${NAME}_app`,
  services: forEachService((service) => `${NAME}_${service}`),
};
const roles = [names.owner, names.app, ...Object.values(names.services)];
const passwords = Object.fromEntries(roles.map((role) => [role, newPassword()]));

let urls: Required<DatabaseUrls>;
const logs = new Map<string, PostgresLog>();

const run = async (url: string, sql: string, values: unknown[] = []): Promise<unknown[]> => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql, values)).rows;
  } finally {
    await client.end();
  }
};

const logOf = (url: string): PostgresLog => {
  const log = logs.get(url) ?? new PostgresLog({ url, log: silent });
  logs.set(url, log);
  return log;
};

const send = async (url: string, topic: string): Promise<void> => {
  const publisher = await logOf(url).publisher();
  const value = JSON.stringify({ aggregateversion: 1 });
  await publisher.publish([{ topic, key: randomUUID(), id: randomUUID(), value }]);
};

const seenBy = async (url: string, table = 'log'): Promise<string[]> => {
  const rows = await run(url, `SELECT DISTINCT topic FROM ${table} ORDER BY topic`);
  return (rows as { topic: string }[]).map(({ topic }) => topic);
};

const grants = () => [
  readerGrant(urls.appUrl),
  ...SERVICES.map((service) => grantOf(service, urls.serviceUrls[service])),
];

beforeAll(async () => {
  urls = (await provisionDatabase(SERVER, names, passwords)) as Required<DatabaseUrls>;
  // As a data folder has it from before: one role that appends to everything.
  await migratePostgresLog(urls.ownerUrl, []);
  await run(urls.ownerUrl, `GRANT SELECT, INSERT ON log, log_topic TO ${names.app}`);
  await run(urls.ownerUrl, `GRANT SELECT, INSERT, UPDATE ON log_position TO ${names.app}`);
  await migratePostgresLog(urls.ownerUrl, grants());
  for (const service of SERVICES) {
    await logOf(urls.serviceUrls[service]).ensureTopics(accessOf(service).writes);
    for (const topic of accessOf(service).writes) await send(urls.serviceUrls[service], topic);
  }
});
afterAll(async () => {
  for (const log of logs.values()) await log.close();
  await run(SERVER, `DROP DATABASE ${NAME} WITH (FORCE)`);
  for (const role of [READER, ...roles]) await run(SERVER, `DROP ROLE IF EXISTS ${role}`);
});

describe('a topic of the Postgres log', () => {
  it.each([...SERVICES])('of %s is written by its role, and by no other', async (service) => {
    const url = urls.serviceUrls[service];
    const { writes } = accessOf(service);
    for (const topic of writes) await send(url, topic);
    for (const topic of topics.filter((each) => !writes.includes(each))) {
      await expect(send(url, topic)).rejects.toThrow('violates row-level security policy');
    }
  });

  it.each([...SERVICES])('is seen by %s where it acts on it or writes it', async (service) => {
    const { reads, writes } = accessOf(service);
    const seen = [...reads, ...writes].sort();
    const url = urls.serviceUrls[service];
    expect(await seenBy(url)).toEqual(seen.filter((topic) => !isStateTopic(topic)));
    expect(await seenBy(url, 'log_state')).toEqual(seen.filter(isStateTopic));
  });

  it('is read by a service that acts on it, which keeps its own position and no other', async () => {
    const url = urls.serviceUrls.hours;
    const taken: string[] = [];
    const subscribe = (group: string) =>
      logOf(url).subscribe({
        group,
        topics: ['training.project'],
        onFatal: () => undefined,
        onBatch: async (batch) => void taken.push(...batch.map(({ topic }) => topic)),
      });
    const subscription = await subscribe('hours');
    await until(() => taken.length > 0);
    await subscription.stop();
    await expect(subscribe('funding')).rejects.toThrow('violates row-level security policy');
    const funding = urls.serviceUrls.funding;
    const move = "UPDATE log_position SET seq = 0 WHERE consumer_group = 'hours' RETURNING 1";
    expect(await run(funding, move)).toEqual([]);
    expect(await run(url, move)).not.toEqual([]);
  });

  it('keeps its history whoever asks', async () => {
    const all = [urls.appUrl, ...Object.values(urls.serviceUrls)];
    for (const url of all) {
      for (const change of ['DELETE FROM log', "UPDATE log SET value = ''", 'TRUNCATE log']) {
        await expect(run(url, change)).rejects.toThrow('permission denied');
      }
    }
  });
});

describe('a reader of the Postgres log', () => {
  const INSERT = "INSERT INTO log_topic VALUES ('hours.mine', 4)";

  it('sees every topic and writes nothing, also where its role once could', async () => {
    expect(await seenBy(urls.appUrl)).toEqual(topics.filter((topic) => !isStateTopic(topic)));
    await expect(send(urls.appUrl, 'hours.decision')).rejects.toThrow('permission denied');
    await expect(run(urls.appUrl, INSERT)).rejects.toThrow('permission denied');
    const move = 'UPDATE log_position SET seq = 0';
    await expect(run(urls.appUrl, move)).rejects.toThrow('permission denied');
  });

  it('may be another system, as a member of the reading role', async () => {
    const password = newPassword();
    await run(SERVER, `CREATE ROLE ${READER} LOGIN PASSWORD '${password}' IN ROLE ${names.app}`);
    const url = new URL(urls.appUrl);
    url.username = READER;
    url.password = password;
    expect(await seenBy(url.href)).toEqual(await seenBy(urls.appUrl));
    await expect(send(url.href, 'hours.decision')).rejects.toThrow('permission denied');
  });
});

describe('grants of the Postgres log', () => {
  const policies = () =>
    run(
      urls.ownerUrl,
      'SELECT tablename, policyname, roles::text, qual, with_check FROM pg_policies ORDER BY 1, 2',
    );

  it('are the same when they are made again', async () => {
    const before = await policies();
    await migratePostgresLog(urls.ownerUrl, grants());
    expect(await policies()).toEqual(before);
  });

  it('go over to another role, and the former one has none', async () => {
    const moved = { ...grantOf('hours', urls.serviceUrls.hours), role: names.services.funding };
    await migratePostgresLog(urls.ownerUrl, [moved]);
    await expect(send(urls.serviceUrls.hours, 'hours.decision')).rejects.toThrow('row-level');
    await send(urls.serviceUrls.funding, 'hours.decision');
    await migratePostgresLog(urls.ownerUrl, grants());
    await send(urls.serviceUrls.hours, 'hours.decision');
    await expect(send(urls.serviceUrls.funding, 'hours.decision')).rejects.toThrow('row-level');
  });

  it('of all services can be one role’s, for an installation that has no more', async () => {
    const one = names.services.personnel;
    const shared = SERVICES.map((service: Service) => ({
      ...grantOf(service, urls.appUrl),
      role: one,
    }));
    await migratePostgresLog(urls.ownerUrl, shared);
    for (const topic of topics) await send(urls.serviceUrls.personnel, topic);
    await migratePostgresLog(urls.ownerUrl, grants());
  });
});

it('reads a partition by its index, whatever the policies', async () => {
  const text = `EXPLAIN SELECT l.value FROM log l
    WHERE l.topic = 'training.project' AND l.partition = 1
      AND (l.txid, l.seq) > ('0'::xid8, 0) ORDER BY l.txid, l.seq LIMIT 200`;
  const client = new pg.Client({ connectionString: urls.serviceUrls.hours });
  await client.connect();
  await client.query('SET enable_seqscan = off; SET enable_bitmapscan = off');
  const { rows } = await client.query<{ 'QUERY PLAN': string }>(text);
  await client.end();
  const plan = rows.map((line) => line['QUERY PLAN']).join('\n');
  expect(plan).toMatch(/Index Cond: .*topic = 'training.project'.*ROW\(txid, seq\) > ROW/);
});
