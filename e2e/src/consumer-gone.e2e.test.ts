import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Kafka, logLevel, type Consumer, type PartitionAssigner } from 'kafkajs';
import { freePort } from '@yanxiu/cli/ports';
import { Supervised } from '@yanxiu/cli/supervisor';
import { startBroker, type Broker } from '@yanxiu/testkit/broker';
import { startCluster, type Cluster } from '@yanxiu/testkit/cluster';
import { ensureGatewayKey } from '@yanxiu/subgraph/gateway-credential';
import { startOidcIssuer, type OidcIssuer } from '@yanxiu/testkit/oidc-issuer';
import { until } from '@yanxiu/testkit/waiting';
import { javaAvailable } from '../../infra/kafka/kafka.mjs';

const MAIN = fileURLToPath(new URL('../../services/funding/dist/main.js', import.meta.url));
// Loudly skipped without Java for Kafka; in CI a failure.
const suite = process.env['CI'] || javaAvailable() ? describe : describe.skip;

/** Another protocol than ours: who joins the group then is turned away for good. */
const alienAssigner: PartitionAssigner = () => ({
  name: 'Alien',
  version: 0,
  assign: async () => [],
  protocol: () => ({ name: 'Alien', metadata: Buffer.alloc(0) }),
});

suite('a consumer that its broker turns away for good', () => {
  let folder: string;
  let cluster: Cluster;
  let broker: Broker;
  let issuer: OidcIssuer;
  let kafka: Kafka;
  let alien: Consumer;
  let env: NodeJS.ProcessEnv;
  let readyUrl: string;
  const children: ChildProcess[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'yanxiu-consumer-'));
    cluster = await startCluster(folder, ['funding']);
    broker = await startBroker();
    issuer = await startOidcIssuer();
    const port = await freePort();
    readyUrl = `http://127.0.0.1:${port}/health/ready`;
    env = {
      PATH: process.env['PATH'],
      ...cluster.env,
      ...{ YANXIU_MODE: 'production', HOST: '127.0.0.1', PORT: String(port) },
      GATEWAY_JWKS_FILE: (await ensureGatewayKey(folder)).jwksFile,
      ...{ KAFKA_BROKERS: broker.brokers, OIDC_ISSUER: issuer.url, OIDC_AUDIENCE: 'yanxiu' },
      OIDC_ROLES: 'claims',
    };
    const brokers = broker.brokers.split(',');
    kafka = new Kafka({ clientId: 'alien', brokers, logLevel: logLevel.NOTHING });
    const admin = kafka.admin();
    await admin.connect();
    await admin.createTopics({ waitForLeaders: true, topics: [{ topic: 'alien' }] });
    await admin.disconnect();
    alien = kafka.consumer({ groupId: 'funding', partitionAssigners: [alienAssigner] });
    await alien.connect();
    await alien.subscribe({ topics: ['alien'] });
    const joined = new Promise((resolve) => alien.on(alien.events.GROUP_JOIN, resolve));
    await alien.run({ eachMessage: async () => {} });
    await joined;
  });
  afterAll(async () => {
    for (const child of children) child.kill('SIGKILL');
    await alien?.disconnect();
    await issuer?.stop();
    await broker?.stop();
    await cluster?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('ends its process, and says why, instead of idling', async () => {
    const child = spawn(process.execPath, [MAIN], { env, stdio: 'pipe' });
    children.push(child);
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    await until(() => child.exitCode !== null, { timeoutMs: 60_000, message: 'its end' });
    expect(child.exitCode).toBe(1);
    expect(output).toContain('the consumer stopped for good; exiting to be restarted');
    expect(output).toContain('incompatible with those of existing members');
  });

  it('is started again, and takes its place as soon as it may', async () => {
    const pids = new Set<number>();
    const supervised = new Supervised(
      {
        ...{ name: 'funding', args: [MAIN], env, cwd: folder, readyUrl },
        logFile: path.join(folder, 'funding.log'),
      },
      { show: () => {}, onPid: (_name, pid) => void (pid !== undefined && pids.add(pid)) },
    );
    try {
      // Its first start may end before it is ready; it is kept up from then on all the same.
      await supervised.ready(new AbortController().signal).catch(() => undefined);
      supervised.keep();
      await until(() => pids.size > 1, { timeoutMs: 60_000, message: 'another start' });
      await alien.disconnect();
      const admin = kafka.admin();
      await admin.connect();
      await until(
        async () => {
          const { groups } = await admin.describeGroups(['funding']);
          return groups[0]?.state === 'Stable' && groups[0].protocol === 'RoundRobinAssigner';
        },
        { timeoutMs: 60_000, message: 'its place in the group' },
      );
      await admin.disconnect();
      await until(async () => (await fetch(readyUrl)).ok, { timeoutMs: 30_000 });
    } finally {
      await supervised.stop();
    }
  });
});
