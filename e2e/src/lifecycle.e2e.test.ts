import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '@yanxiu/cli/ports';
import { mintToken } from '@yanxiu/subgraph/local-issuer';
import { descendants, stillRunning, type Descendant } from '@yanxiu/testkit/processes';
import { startSystem, type Answer, type System } from '@yanxiu/testkit/system';
import { until } from '@yanxiu/testkit/waiting';

const ROOT = '140000';
const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));
const OFFICER = { sub: 'officer-1', role: 'OFFICER', unit: ROOT };

interface Readiness {
  status: string;
  missing: string[];
  services: Record<string, { state: string; reason?: string }>;
}

const token = (system: System): Promise<string> => mintToken(system.dataDir, OFFICER);

/** Plants the tree of an empty platform. */
const registerRoot = async (system: System, name: string): Promise<void> => {
  const answer = await system.gql(
    'mutation($input: RegisterOrgUnitInput!) { registerOrgUnit(input: $input) { orgUnit { code } } }',
    { input: { code: ROOT, name, tier: 'PROVINCE' } },
    await token(system),
  );
  expect(answer).toEqual({ data: { registerOrgUnit: { orgUnit: { code: ROOT } } } });
};

const rootName = async (system: System, asker?: string): Promise<Answer<unknown>> =>
  system.gql(`{ orgUnit(code: "${ROOT}") { name } }`, {}, asker ?? (await token(system)));

/** A question to two subgraphs at once: an officer's own hours are null, never an error. */
const unitAndHours = async (system: System) =>
  system.gql(
    `{ orgUnit(code: "${ROOT}") { name } myHours(year: 2026) { year } }`,
    {},
    await token(system),
  );

const readiness = async (system: System): Promise<[number, Readiness]> => {
  const response = await fetch(`${system.url}/health/ready`);
  return [response.status, (await response.json()) as Readiness];
};

const started = async (system: System): Promise<Descendant[]> => {
  const pid = system.child.pid;
  if (pid === undefined) throw new Error('the platform has no process');
  return descendants(pid);
};

describe('the platform as processes', () => {
  let folder: string;
  let first: System;
  const running: System[] = [];

  const start = async (dataDir: string): Promise<System> => {
    const system = await startSystem({ transport: 'postgres', dataDir });
    running.push(system);
    return system;
  };

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'yanxiu-lifecycle-'));
    first = await start(await mkdtemp(path.join(folder, 'first-')));
    await registerRoot(first, '山西省教育厅');
  });

  afterAll(async () => {
    await Promise.all(running.map((system) => system.stop()));
    await rm(folder, { recursive: true, force: true });
  });

  it('stops all that it has started on SIGINT, and goes on where it was', async () => {
    const before = await started(first);
    const programs = before.map(({ command }) => command).join('\n');
    for (const name of ['personnel', 'training', 'hours', 'funding', 'evaluation']) {
      expect(programs).toContain(`services/${name}/dist/main.js`);
    }
    expect(programs).toContain('gateway/dist/main.js');
    expect(programs).toMatch(/postgres.* -D /);
    expect((await stillRunning(before)).length).toBeGreaterThan(7);
    await first.stop();
    expect(first.child.exitCode).toBe(0);
    expect(await stillRunning(before)).toEqual([]);
    first = await start(first.dataDir);
    expect(await rootName(first)).toEqual({ data: { orgUnit: { name: '山西省教育厅' } } });
  });

  it('stops all when npm alone is sent SIGINT, as a script does with `npm start &`', async () => {
    const { dataDir } = first;
    await first.stop();
    const npm = spawn('npm', ['start', '--', '--no-seed'], {
      cwd: REPOSITORY,
      env: { ...process.env, PORT: String(await freePort()), YANXIU_DATA_DIR: dataDir },
      stdio: ['ignore', 'pipe', 'inherit'],
      detached: true,
    });
    let output = '';
    npm.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    await until(() => /^ready: /m.test(output) || npm.exitCode !== null, {
      timeoutMs: 60_000,
      message: () => `npm start to be ready; it printed ${output}`,
    });
    const below = await descendants(npm.pid ?? 0);
    expect(below.length).toBeGreaterThan(7);
    const ended = once(npm, 'exit');
    npm.kill('SIGINT');
    expect(await ended).toEqual([0, null]);
    expect(await stillRunning(below)).toEqual([]);
    first = await start(dataDir);
  });

  it('runs a second one beside it, with data and tokens of its own', async () => {
    const second = await start(await mkdtemp(path.join(folder, 'second-')));
    expect(second.url).not.toBe(first.url);
    await registerRoot(second, 'Another province');
    expect(await rootName(second)).toEqual({ data: { orgUnit: { name: 'Another province' } } });
    expect(await rootName(first)).toEqual({ data: { orgUnit: { name: '山西省教育厅' } } });
    const refused = await rootName(first, await token(second));
    expect(refused.errors?.[0]?.extensions?.['code']).toBe('UNAUTHENTICATED');
    await second.stop();
    expect((await readiness(first))[0]).toBe(200);
  });

  it('answers what it can while a subgraph hangs, and names it', async () => {
    await first.kill('hours', 'SIGSTOP');
    try {
      const [status, state] = await readiness(first);
      expect([status, state.status, state.missing]).toEqual([503, 'not ready', ['hours']]);
      const { data, errors } = await unitAndHours(first);
      expect(data).toEqual({ orgUnit: { name: '山西省教育厅' }, myHours: null });
      expect(errors).toHaveLength(1);
      expect(errors?.[0]?.extensions).toMatchObject({ code: 'UNAVAILABLE', service: 'hours' });
    } finally {
      await first.kill('hours', 'SIGCONT');
    }
    await first.ready();
    expect(await unitAndHours(first)).toEqual({
      data: { orgUnit: { name: '山西省教育厅' }, myHours: null },
    });
  });

  it('starts a gateway that answers while a subgraph is down', async () => {
    await first.kill('hours', 'SIGSTOP');
    try {
      const before = await first.pid('gateway');
      await first.kill('gateway');
      await until(async () => (await fetch(`${first.url}/health/live`)).ok, {
        timeoutMs: 60_000,
        message: 'the new gateway to answer',
      });
      expect(await first.pid('gateway')).not.toBe(before);
      expect((await readiness(first))[1].missing).toEqual(['hours']);
      expect(await rootName(first)).toEqual({ data: { orgUnit: { name: '山西省教育厅' } } });
    } finally {
      await first.kill('hours', 'SIGCONT');
    }
    await first.ready();
  });

  it('is ready again after a subgraph was killed', async () => {
    const before = await first.pid('hours');
    await first.kill('hours');
    await until(async () => (await first.pid('hours')) !== before, { message: 'a new process' });
    await first.ready();
    expect((await unitAndHours(first)).errors).toBeUndefined();
  });
});
