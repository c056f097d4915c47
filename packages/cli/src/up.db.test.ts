import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { SERVICES } from '@yanxiu/contracts/topic-access';
import { until } from '@yanxiu/testkit/waiting';
import { freePort } from './ports.js';
import { isAlive } from './process-identity.js';
import type { RunState } from './run-file.js';

/** Answers its own environment, as a service or the gateway would answer their own pages. */
const FAKE = `
import { createServer } from 'node:http';
process.on('SIGTERM', () => process.exit(0));
const answer = JSON.stringify({ env: process.env, args: process.argv.slice(2) });
const server = createServer((_, response) => response.end(answer));
server.listen(Number(process.env.PORT), process.env.HOST);
`;

jest.setTimeout(60_000);

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

interface Answer {
  env: Record<string, string>;
  args: string[];
}

class Started {
  stdout = '';
  stderr = '';
  readonly ended: Promise<number | null>;

  constructor(readonly child: ChildProcess) {
    child.stdout?.on('data', (chunk: Buffer) => (this.stdout += chunk.toString()));
    child.stderr?.on('data', (chunk: Buffer) => (this.stderr += chunk.toString()));
    this.ended = new Promise((resolve) => child.once('close', resolve));
  }
}

describe('yanxiu up', () => {
  let root: string;
  let dataDir: string;
  let port: number;
  let all: Started[];

  const start = (env: Record<string, string> = {}): Started => {
    const program = `
      import { up } from ${JSON.stringify(here('./up.ts'))};
      try { process.exitCode = await up({ seed: undefined, root: ${JSON.stringify(`${root}/`)} }); }
      catch (error) { console.error(error.message); process.exitCode = 1; }`;
    const args = ['--conditions=development', '--import', 'tsx', '--input-type=module', '-e'];
    const child = spawn(process.execPath, [...args, program], {
      cwd: here('../../..'),
      env: {
        PATH: process.env['PATH'],
        YANXIU_DATA_DIR: dataDir,
        PORT: String(port),
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const started = new Started(child);
    all.push(started);
    return started;
  };

  const ready = async (started: Started): Promise<void> => {
    await until(() => started.stdout.includes('ready: ') || started.child.exitCode !== null, {
      timeoutMs: 30_000,
      message: 'the ready line',
    });
    expect([started.child.exitCode, started.stderr]).toEqual([null, expect.anything()]);
  };

  const running = async (): Promise<RunState> =>
    JSON.parse(await readFile(path.join(dataDir, 'run.json'), 'utf8')) as RunState;

  const pidsOf = (state: RunState): number[] =>
    [state.gateway, state.postgres, ...Object.values(state.services)].map((one) => one?.pid ?? 0);

  const ask = async (url = ''): Promise<Answer> => (await fetch(url)).json() as Promise<Answer>;

  const stop = async (started: Started, signal: NodeJS.Signals = 'SIGINT'): Promise<unknown> => {
    started.child.kill(signal);
    return started.ended;
  };

  beforeEach(async () => {
    all = [];
    root = await mkdtemp(path.join(tmpdir(), 'yanxiu-up-'));
    await chmod(root, 0o711);
    dataDir = path.join(root, 'data');
    port = await freePort();
    for (const folder of ['gateway', ...SERVICES.map((name) => `services/${name}`)]) {
      await mkdir(path.join(root, folder, 'dist'), { recursive: true });
      await writeFile(path.join(root, folder, 'package.json'), '{"type":"module"}');
      await writeFile(path.join(root, folder, 'dist/main.js'), FAKE);
    }
  });

  afterEach(async () => {
    for (const started of all) if (started.child.exitCode === null) await stop(started);
    await rm(root, { recursive: true, force: true });
  });

  it('prints the ready block, runs everything, and leaves nothing after Ctrl-C', async () => {
    const started = start();
    await ready(started);
    expect(started.stdout.split('\n')[0]).toBe(`ready: http://127.0.0.1:${port}`);
    expect(started.stdout.match(/ready:/g)).toHaveLength(1);
    const pids = pidsOf(await running());
    expect(pids).toHaveLength(7);
    expect(pids.every(isAlive)).toBe(true);
    expect(await stop(started)).toBe(0);
    expect(pids.filter(isAlive)).toEqual([]);
    expect(await stat(path.join(dataDir, 'run.json')).catch(() => 'none')).toBe('none');
  });

  it('gives each service its own database and secrets and no other', async () => {
    await ready(start({ DATABASE_SECRET: 'of someone else' }));
    const { services, gateway } = await running();
    const { env, args } = await ask(services['personnel']?.url);
    expect(args).toEqual(['--roles', 'serve,relay,consume']);
    const databases = Object.keys(env).filter((name) => name.startsWith('DATABASE_'));
    expect(databases.sort()).toEqual([
      'DATABASE_OWNER_URL_PERSONNEL',
      'DATABASE_URL_EVENTS',
      'DATABASE_URL_PERSONNEL',
    ]);
    const client = new pg.Client({ connectionString: env['DATABASE_URL_EVENTS'] ?? '' });
    await client.connect();
    expect((await client.query('SELECT count(*)::int AS n FROM log')).rows).toEqual([{ n: 0 }]);
    await client.end();
    const keyring = env['KEYRING_FILE'] ?? '';
    expect((await stat(keyring)).mode & 0o777).toBe(0o600);
    const keys = JSON.parse(await readFile(keyring, 'utf8')) as {
      keys: { k1: string };
      hashKeys: { h1: string };
    };
    expect([keys.keys.k1, keys.hashKeys.h1].map((k) => Buffer.from(k, 'base64').length)).toEqual([
      32, 32,
    ]);
    expect((await ask(services['hours']?.url)).env['KEYRING_FILE']).toBeUndefined();
    const front = await ask(gateway?.url);
    expect((await stat(front.env['GATEWAY_KEY_FILE'] ?? '')).mode & 0o777).toBe(0o600);
    expect(front.env['GATEWAY_JWKS_FILE']).toBeUndefined();
    expect(env['GATEWAY_KEY_FILE']).toBeUndefined();
    expect(await readFile(env['GATEWAY_JWKS_FILE'] ?? '', 'utf8')).not.toContain('"d"');
    expect(Object.keys(front.env).filter((name) => name.startsWith('DATABASE_'))).toEqual([]);
    expect(front.env['SUBGRAPH_URL_HOURS']).toBe(`${services['hours']?.url}/graphql`);
  });

  it('starts a killed service and a killed database again', async () => {
    await ready(start());
    const before = await running();
    process.kill(before.services['hours']?.pid ?? 0, 'SIGKILL');
    process.kill(before.postgres?.pid ?? 0, 'SIGKILL');
    const after = await until(
      async () => {
        const state = await running();
        const hours = state.services['hours']?.pid;
        const postgres = state.postgres?.pid;
        const both = hours !== before.services['hours']?.pid && postgres !== before.postgres?.pid;
        return both && hours && postgres ? state : undefined;
      },
      { message: 'new pids', timeoutMs: 20_000 },
    );
    expect(after.postgres?.port).toBe(before.postgres?.port);
    expect(after.services['training']).toEqual(before.services['training']);
    const { env } = await until(() => ask(after.services['hours']?.url));
    const client = new pg.Client({ connectionString: env['DATABASE_URL_HOURS'] ?? '' });
    await until(() => client.connect().then(() => true));
    await client.end();
  });

  it('leaves no child behind when it is killed, and goes on with its data', async () => {
    const first = start();
    await ready(first);
    const state = await running();
    await stop(first, 'SIGKILL');
    const children = pidsOf(state).filter((pid) => pid !== state.postgres?.pid);
    await until(() => children.every((pid) => !isAlive(pid)), { message: 'the children to end' });
    await ready(start());
    await until(() => !isAlive(state.postgres?.pid ?? 0), { message: 'the old server to end' });
  });

  it('stops what it has started when Ctrl-C comes before it is ready', async () => {
    const program = path.join(root, 'services/hours/dist/main.js');
    await writeFile(program, FAKE.replace('server.listen', 'void '));
    const started = start();
    const state = await until(
      async () => {
        const found = await running();
        return found.services['hours']?.pid && found.gateway?.pid ? found : undefined;
      },
      { timeoutMs: 20_000, message: 'the services to be started' },
    );
    expect(await stop(started)).toBe(0);
    expect(started.stdout).toBe('');
    expect(pidsOf(state).filter(isAlive)).toEqual([]);
  });

  it('refuses a data folder in use, and runs beside with another one', async () => {
    await ready(start());
    const second = start({ PORT: String(await freePort()) });
    expect(await second.ended).toBe(1);
    expect(second.stderr).toMatch(/another yanxiu \(pid \d+\) is running on/);
    const other = { YANXIU_DATA_DIR: path.join(root, 'other'), PORT: String(await freePort()) };
    await ready(start(other));
  });

  it('refuses a port in use', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await until(() => server.listening);
    const taken = (server.address() as AddressInfo).port;
    const started = start({ PORT: String(taken) });
    expect(await started.ended).toBe(1);
    expect(started.stderr).toContain(`PORT ${taken} is in use`);
    server.close();
  });

  it('tells which service could not start, and why', async () => {
    const program = path.join(root, 'services/funding/dist/main.js');
    await writeFile(program, "console.error('no table here'); process.exit(4);");
    const started = start();
    expect(await started.ended).toBe(1);
    expect(started.stderr).toMatch(/funding ended while it was starting/);
    expect(started.stderr).toContain('no table here');
  });

  const nobody = 'postgres://nobody:x@127.0.0.1:1/nothing';
  it.each([
    [
      'DATABASE_URL_HOURS',
      { DATABASE_URL_HOURS: nobody, DATABASE_OWNER_URL_HOURS: nobody },
      /DATABASE_URL_HOURS: .*ECONNREFUSED/,
    ],
    ['DATABASE_URL_HOURS', { DATABASE_URL_HOURS: nobody }, /DATABASE_OWNER_URL_HOURS is missing/],
    ['KAFKA_BROKERS', { KAFKA_BROKERS: '127.0.0.1:1' }, /KAFKA_BROKERS: .*ECONNREFUSED/],
    ['REDIS_URL', { REDIS_URL: 'redis://127.0.0.1:1' }, /REDIS_URL: .*ECONNREFUSED/],
    ['OIDC_ISSUER', { OIDC_ISSUER: 'http://127.0.0.1:1' }, /OIDC_ISSUER: /],
    ['YANXIU_MODE', { YANXIU_MODE: 'production' }, /OIDC_ISSUER is not set[^]*KEYRING_FILE/],
    ['HOST', { HOST: '0.0.0.0' }, /HOST is "0.0.0.0"/],
  ])('refuses a wrong %s within 10 s and says so', async (_, env, message) => {
    const since = performance.now();
    const started = start(env);
    expect(await started.ended).toBe(1);
    expect(performance.now() - since).toBeLessThan(10_000);
    expect(started.stderr).toMatch(message);
    expect(started.stdout).toBe('');
  });

  it.each([
    ['KAFKA_BROKERS', (at: number) => ({ KAFKA_BROKERS: `127.0.0.1:${at}` })],
    ['REDIS_URL', (at: number) => ({ REDIS_URL: `redis://127.0.0.1:${at}` })],
    ['OIDC_ISSUER', (at: number) => ({ OIDC_ISSUER: `http://127.0.0.1:${at}` })],
  ])(
    'does not hang on a %s that never answers',
    async (name, env) => {
      const server = createServer(() => undefined).listen(0, '127.0.0.1');
      await until(() => server.listening);
      const since = performance.now();
      const started = start(env((server.address() as AddressInfo).port));
      expect(await started.ended).toBe(1);
      expect(performance.now() - since).toBeLessThan(10_000);
      expect(started.stderr).toContain(name);
      server.close();
    },
    30_000,
  );
});
