import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { mintToken } from '@yanxiu/subgraph/local-issuer';
import { startSystem, type System } from '@yanxiu/testkit/system';
import { until } from '@yanxiu/testkit/waiting';

const CLI = fileURLToPath(new URL('../../packages/cli/dist/main.js', import.meta.url));
const ROOT = '140000';
const CONSUMERS = ['training', 'hours', 'funding', 'evaluation'];

const VIEWS = [
  ['training', 'teachers'],
  ['training', 'institution-ratings'],
  ['hours', 'projects'],
  ['hours', 'enrolments'],
  ['evaluation', 'institutions'],
  ['evaluation', 'participants'],
] as const;

let system: System;
let folder: string;
let operator: string;
let officer: string;

interface Run {
  code: number;
  stdout: string;
  stderr: string;
}

/** `yanxiu …` as the person on duty types it. */
const yanxiu = (...args: string[]): Promise<Run> => asked(operator, args);

const asked = (token: string, args: readonly string[]): Promise<Run> =>
  new Promise((resolve) => {
    const env = { PATH: process.env['PATH'], YANXIU_DATA_DIR: system.dataDir, YANXIU_TOKEN: token };
    execFile(process.execPath, [CLI, ...args], { env }, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr });
    });
  });

const inDatabase = async <R>(
  service: Parameters<System['databaseUrl']>[0],
  work: (client: pg.Client) => Promise<R>,
): Promise<R> => {
  const client = new pg.Client({ connectionString: await system.databaseUrl(service) });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
};

const unitEvent = (code: string, more: object = {}): string =>
  JSON.stringify({
    specversion: '1.0',
    id: randomUUID(),
    source: '/yanxiu/personnel',
    type: 'cn.yanxiu.personnel.org-unit.registered.v1',
    subject: code,
    time: new Date().toISOString(),
    datacontenttype: 'application/json',
    aggregateversion: 1,
    correlationid: randomUUID(),
    data: {
      ...{ code, name: '太原市', tier: 'CITY', sector: null, stage: null, parentCode: ROOT },
      validFrom: '2020-01-01',
      ...more,
    },
  });

/** Puts a message into the log as a broken publisher would. */
const sendByHand = (key: string, value: string): Promise<void> =>
  inDatabase('events', async (client) => {
    await client.query(
      `INSERT INTO log (topic, partition, event_id, key, value)
       VALUES ('personnel.org-unit', 0, $1, $2, $3)`,
      [randomUUID(), key, value],
    );
  });

interface ListedLetter {
  id: string;
  service: string;
  key: string;
  fault: string;
}

const listed = async (...args: string[]): Promise<ListedLetter[]> => {
  const { stdout } = await yanxiu('events', 'dead-letters', 'list', '--json', ...args);
  return JSON.parse(stdout) as ListedLetter[];
};

beforeAll(async () => {
  system = await startSystem({ transport: 'postgres' });
  folder = await mkdtemp(path.join(tmpdir(), 'yanxiu-duty-'));
  operator = await mintToken(system.dataDir, { sub: 'duty-1', role: 'PLATFORM', unit: ROOT });
  officer = await mintToken(system.dataDir, { sub: 'officer-1', role: 'OFFICER', unit: ROOT });
  const planted = await system.gql(
    `mutation($input: RegisterOrgUnitInput!) {
      registerOrgUnit(input: $input) { orgUnit { code } }
      publishDefaultPolicies(input: {}) { published }
    }`,
    { input: { code: ROOT, name: '山西省教育厅', tier: 'PROVINCE' } },
    officer,
  );
  expect(planted.errors).toBeUndefined();
});
afterAll(async () => {
  await system.stop();
  await rm(folder, { recursive: true, force: true });
});

describe('yanxiu verify events', () => {
  it('finds all well', async () => {
    const { code, stdout } = await yanxiu('verify', 'events');
    expect(stdout).toMatch(/^personnel\.policy +\d+ +0 +\d+ +training/m);
    expect([code, stdout.trimEnd().split('\n').at(-1)]).toEqual([0, 'missing 0']);
  });

  it('names what is missing, and where it was seen last', async () => {
    const id = await inDatabase('hours', async (client) => {
      const { rows } = await client.query<{ event_id: string }>(
        `DELETE FROM inbox_taken WHERE topic = 'personnel.org-unit' RETURNING event_id`,
      );
      return rows[0]?.event_id ?? '';
    });
    const { code, stdout } = await yanxiu('verify', 'events', '--since', '1h', '--wait', '1');
    expect(code).toBe(2);
    expect(stdout).toContain(`missing in hours: ${id} personnel.org-unit ${ROOT} 1: in the log`);
    await inDatabase('hours', (client) =>
      client.query(
        `INSERT INTO inbox_taken (consumer, topic, event_id, key, version)
         VALUES ('hours', 'personnel.org-unit', $1, $2, 1)`,
        [id, ROOT],
      ),
    );
    expect((await yanxiu('verify', 'events')).code).toBe(0);
  });
});

describe('yanxiu events', () => {
  it('tells what waits in outboxes and before consumers', async () => {
    const outbox = await yanxiu('events', 'outbox');
    expect(outbox.stdout).toMatch(/^service +pending {2}oldest\npersonnel +0\n/);
    const lag = await yanxiu('events', 'lag', '--service', 'funding');
    expect(lag.stdout).toMatch(/^funding {3}personnel\.org-unit +0 +0$/m);
    expect([outbox.code, lag.code]).toEqual([0, 0]);
  });

  it('has the same figures measured for an alert', async () => {
    const { services } = await system.running();
    const text = await (await fetch(`${services['hours']?.url}/metrics`)).text();
    for (const line of [
      'yanxiu_outbox_pending 0',
      'yanxiu_inbox_held 0',
      'yanxiu_dead_letters 0',
    ]) {
      expect(text).toContain(`\n${line}\n`);
    }
    expect(text).toContain('yanxiu_consumer_lag{topic="personnel.org-unit"} 0');
    expect(text).toMatch(/yanxiu_retries_total\{what="relay"\} \d/);
  });

  it('is refused to an officer', async () => {
    const { code, stderr } = await asked(officer, ['events', 'outbox']);
    expect(code).toBe(1);
    expect(stderr).toContain('(FORBIDDEN)');
  });

  it('lists, shows, redrives and discards dead letters', async () => {
    await sendByHand('140100', unitEvent('140100', { tier: 'KINGDOM' }));
    await until(async () => (await listed()).length === CONSUMERS.length, { timeoutMs: 20_000 });
    const letters = await listed();
    expect(letters.map(({ service }) => service)).toEqual(CONSUMERS);
    expect(letters.map(({ fault }) => fault)).toEqual(CONSUMERS.map(() => 'BAD_DATA'));

    const [first, second] = letters.map(({ id }) => id) as [string, string];
    const shown = await yanxiu('events', 'dead-letters', 'show', first);
    expect(shown.stdout).toContain('"tier": "KINGDOM"');
    const message = JSON.parse(shown.stdout.slice(shown.stdout.indexOf('{'))) as { data: object };
    const file = path.join(folder, 'corrected.json');
    await writeFile(file, JSON.stringify({ ...message, data: { ...message.data, tier: 'CITY' } }));

    const failing = await yanxiu('events', 'dead-letters', 'redrive', first);
    expect([failing.code, failing.stderr]).toEqual([
      1,
      expect.stringContaining('(DEAD-LETTER-FAILED)'),
    ]);
    const mended = await yanxiu('events', 'dead-letters', 'redrive', first, '--value', file);
    expect(mended.stdout).toBe(`${first} of training: REDRIVEN\n`);
    await inDatabase('training', async (client) => {
      const { rows } = await client.query('SELECT tier FROM org_unit WHERE code = $1', ['140100']);
      expect(rows).toEqual([{ tier: 'CITY' }]);
      const audit = await client.query(`SELECT actor, action FROM audit WHERE subject_id = $1`, [
        first,
      ]);
      expect(audit.rows).toEqual([{ actor: 'duty-1', action: 'dead-letter.redrive' }]);
    });
    const reason = ['--reason', 'made by hand'];
    const given = await yanxiu('events', 'dead-letters', 'discard', second, ...reason);
    expect(given.stdout).toBe(`${second} of hours: DISCARDED\n`);
    expect((await listed()).map(({ service }) => service)).toEqual(['funding', 'evaluation']);
    expect(await listed('--all', '--service', 'hours')).toMatchObject([{ id: second }]);
    const nobody = await yanxiu('events', 'dead-letters', 'show', randomUUID());
    expect([nobody.code, nobody.stderr]).toEqual([1, expect.stringContaining('no dead letter')]);
  });
});

describe('yanxiu rebuild', () => {
  it.each(VIEWS)('finds %s %s as the log makes it', async (service, view) => {
    const { code, stdout, stderr } = await yanxiu('rebuild', service, view, '--check');
    expect([code, code === 0 ? '' : stderr]).toEqual([0, '']);
    expect(stdout).toContain('make it the same');
  });

  it('tells of a difference, mends it, and is audited', async () => {
    await inDatabase('funding', (client) => client.query(`UPDATE org_unit SET name = 'x'`));
    const check = await yanxiu('rebuild', 'funding', 'org-units', '--check');
    expect([check.code, check.stdout]).toEqual([2, expect.stringContaining('left as it is')]);
    const mended = await yanxiu('rebuild', 'funding', 'org-units');
    expect(mended).toMatchObject({ code: 0, stdout: expect.stringContaining('put right') });
    await inDatabase('funding', async (client) => {
      const { rows } = await client.query('SELECT name FROM org_unit WHERE code = $1', [ROOT]);
      expect(rows).toEqual([{ name: '山西省教育厅' }]);
      const audit = await client.query(`SELECT action FROM audit WHERE subject_id = 'org-units'`);
      expect(audit.rows).toEqual([{ action: 'view.rebuild' }]);
    });
    expect((await yanxiu('rebuild', 'funding', 'org-units', '--check')).code).toBe(0);
  });

  it('names the views that there are when asked for another', async () => {
    const { code, stderr } = await yanxiu('rebuild', 'hours', 'ledger');
    expect(code).toBe(1);
    expect(stderr).toContain(
      'hours has no view "ledger"; it has: org-units, policies, role-assignments, projects',
    );
  });
});
