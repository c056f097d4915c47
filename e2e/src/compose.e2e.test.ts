import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { freePort } from '@yanxiu/cli/ports';
import { ensureKeyring } from '@yanxiu/cli/keyring';
import { ensureGatewayKey } from '@yanxiu/subgraph/gateway-credential';
import { startBroker, type Broker } from '@yanxiu/testkit/broker';
import { startCluster, type Cluster } from '@yanxiu/testkit/cluster';
import { startOidcIssuer, type OidcIssuer } from '@yanxiu/testkit/oidc-issuer';
import { until } from '@yanxiu/testkit/waiting';
import { parse } from 'yaml';
import { javaAvailable } from '../../infra/kafka/kafka.mjs';

const SERVICES = ['personnel', 'training', 'hours', 'funding', 'evaluation'] as const;
const root = fileURLToPath(new URL('../../', import.meta.url));
// Loudly skipped without Java for Kafka; in CI a failure.
const suite = process.env['CI'] || javaAvailable() ? describe : describe.skip;

interface Compose {
  services: Record<string, { command: string[]; environment: Record<string, string> }>;
}

suite('the processes of docker-compose.yml, run here in the place of containers', () => {
  let folder: string;
  let cluster: Cluster;
  let broker: Broker;
  let issuer: OidcIssuer;
  let compose: Compose;
  const ports = new Map<string, number>();
  const children: ChildProcess[] = [];

  /** The environment that Compose would give, with addresses of this machine. */
  const environmentOf = async (name: string): Promise<Record<string, string>> => {
    const service = name.replace(/-migrate$/, '');
    const { keyFile, jwksFile } = await ensureGatewayKey(folder);
    const here: Record<string, string> = {
      ...cluster.env,
      KAFKA_BROKERS: broker.brokers,
      OIDC_ISSUER: issuer.url,
      OIDC_AUDIENCE: 'yanxiu',
      OIDC_ROLES: 'claims',
      LOG_LEVEL: 'info',
      GATEWAY_KEY_FILE: keyFile,
      GATEWAY_JWKS_FILE: jwksFile,
      HOST: '127.0.0.1',
      PORT: String(ports.get(name)),
      ...Object.fromEntries(
        SERVICES.map((one) => [
          `SUBGRAPH_URL_${one.toUpperCase()}`,
          `http://127.0.0.1:${ports.get(one)}/graphql`,
        ]),
      ),
    };
    const given = Object.entries(compose.services[name]?.environment ?? {})
      // There may be no Redis here; without it the gateway keeps queries in memory.
      .filter(([variable]) => variable !== 'REDIS_URL')
      .map(([variable, value]) => [variable, here[variable] ?? value]);
    const env = Object.fromEntries(given) as Record<string, string>;
    if (env['KEYRING_FILE']) env['KEYRING_FILE'] = await ensureKeyring(folder, service);
    return { PATH: process.env['PATH'] ?? '', ...env };
  };

  const run = async (name: string, without?: string): Promise<ChildProcess> => {
    const [, ...args] = compose.services[name]?.command ?? [];
    const env = await environmentOf(name);
    if (without !== undefined) delete env[without];
    const child = spawn(process.execPath, args, { cwd: root, env, stdio: 'pipe' });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
    }
    child.once('exit', (code) => {
      if (code) void writeFile(path.join(tmpdir(), `yanxiu-compose-${name}.log`), output);
    });
    children.push(child);
    return child;
  };

  const ended = (child: ChildProcess): Promise<number | null> =>
    child.exitCode !== null || child.signalCode !== null
      ? Promise.resolve(child.exitCode)
      : new Promise((resolve) => child.once('exit', resolve));

  const ready = (name: string): Promise<boolean> =>
    until(async () => (await fetch(`http://127.0.0.1:${ports.get(name)}/health/ready`)).ok, {
      timeoutMs: 90_000,
      message: `${name} to be ready (see ${tmpdir()}/yanxiu-compose-${name}.log)`,
    });

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'yanxiu-compose-'));
    const text = await readFile(path.join(root, 'docker-compose.yml'), 'utf8');
    compose = parse(text, { merge: true }) as Compose;
    cluster = await startCluster(folder, SERVICES);
    broker = await startBroker();
    issuer = await startOidcIssuer();
    for (const name of [...SERVICES, 'gateway']) ports.set(name, await freePort());
  });

  afterAll(async () => {
    for (const child of children) child.kill('SIGTERM');
    await Promise.all(children.map(ended));
    await issuer?.stop();
    await broker?.stop();
    await cluster?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('migrates in processes of their own, twice without harm', async () => {
    for (const round of ['first', 'again']) {
      const codes = await Promise.all(
        SERVICES.map(async (name) => ended(await run(`${name}-migrate`))),
      );
      expect([round, codes]).toEqual([round, [0, 0, 0, 0, 0]]);
    }
  });

  it('refuses to migrate without the URL of the owner', async () => {
    expect(await ended(await run('hours-migrate', 'DATABASE_OWNER_URL_HOURS'))).toBe(1);
  });

  it('then serves without the secrets of an owner, for tokens of the issuer alone', async () => {
    for (const name of SERVICES) {
      expect(Object.keys(await environmentOf(name)).join()).not.toContain('OWNER');
      await run(name);
    }
    await run('gateway');
    await ready('gateway');
    const manifest = await readFile(path.join(root, 'gateway/operations/manifest.json'), 'utf8');
    const { operations } = JSON.parse(manifest) as { operations: { id: string; name: string }[] };
    const register = {
      id: operations.find(({ name }) => name === 'RegisterOrgUnit')?.id,
      variables: { input: { code: '140000', name: '山西省教育厅', tier: 'PROVINCE' } },
    };
    const ask = async (headers: Record<string, string>, body: object = register) => {
      const response = await fetch(`http://127.0.0.1:${ports.get('gateway')}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
      });
      return (await response.json()) as { data?: unknown; errors?: { extensions: object }[] };
    };
    expect((await ask({})).errors?.[0]?.extensions).toMatchObject({ code: 'UNAUTHENTICATED' });
    const token = await issuer.sign({ sub: 'officer-1', role: 'OFFICER', unit: '140000' });
    expect(await ask({ authorization: `Bearer ${token}` })).toEqual({
      data: { registerOrgUnit: { orgUnit: { code: '140000', name: '山西省教育厅' } } },
    });
    // In production an officer's text that no client has written is not answered.
    const free = await ask(
      { authorization: `Bearer ${token}` },
      { query: '{ orgUnit(code: "140000") { code } }' },
    );
    expect(free.errors?.[0]?.extensions).toMatchObject({ code: 'FORBIDDEN' });
  });

  it('ends within its grace period when it is told to stop', async () => {
    const serving = children.filter((child) => child.exitCode === null && !child.killed);
    expect(serving).toHaveLength(6);
    const since = performance.now();
    for (const child of serving) child.kill('SIGTERM');
    expect(await Promise.all(serving.map(ended))).toEqual([0, 0, 0, 0, 0, 0]);
    expect(performance.now() - since).toBeLessThan(20_000);
  });
});
