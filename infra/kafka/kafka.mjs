import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { Kafka, logLevel } from 'kafkajs';
import { classPath, java, whatIsMissing } from './classpath.mjs';
import { securedProperties } from './secured.mjs';

const readyWithinMs = 110_000;
const stopWithinMs = 15_000;

/** Whether Kafka can be started on this machine. */
export function javaAvailable() {
  return whatIsMissing() === undefined;
}

/** A port of 127.0.0.1 that nobody listens on now. */
export function freePort(port = 0) {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      const { port: found } = server.address();
      server.close(() => resolve(found));
    });
  });
}

/** One node that is broker and controller, reachable from this machine only. */
function properties(dataDir, ports, { principals, admin }) {
  const { port, controllerPort, advertisedPort } = ports;
  const lines = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${advertisedPort}`,
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAINTEXT',
    'log.dirs': join(dataDir, 'log').replaceAll('\\', '/'),
    'num.partitions': 4,
    'auto.create.topics.enable': false,
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 4,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'transaction.state.log.num.partitions': 4,
    'share.coordinator.state.topic.replication.factor': 1,
    'share.coordinator.state.topic.min.isr': 1,
    'group.initial.rebalance.delay.ms': 0,
    // The default holds every offset commit for 5 ms, and kafkajs waits for each.
    'group.coordinator.append.linger.ms': 0,
    'log.retention.ms': -1,
    ...(admin && securedProperties(join(dataDir, 'tls'), ports, admin)),
    ...(ports.saslPort && outside(ports, principals)),
  };
  return Object.entries(lines).map(([name, value]) => `${name}=${value}`).join('\n') + '\n';
}

/**
 * A second listener for principals with a password, who may do what they are granted and no more.
 * The platform's own listener stays without login: it is on 127.0.0.1 only. PLAIN is there for
 * kcat: before librdkafka 2.6.1 its SCRAM is refused by Kafka from 3.8.1 on.
 */
function outside({ port, controllerPort, advertisedPort, saslPort }, principals) {
  const own = `CONTROLLER://127.0.0.1:${controllerPort},SASL_PLAINTEXT://127.0.0.1:${saslPort}`;
  const advertised = `SASL_PLAINTEXT://127.0.0.1:${saslPort}`;
  const login = 'org.apache.kafka.common.security';
  const users = principals.map(({ name, password }) => `user_${name}="${password}"`).join(' ');
  return {
    listeners: `PLAINTEXT://127.0.0.1:${port},${own}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${advertisedPort},${advertised}`,
    'listener.security.protocol.map':
      'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL_PLAINTEXT:SASL_PLAINTEXT',
    'sasl.enabled.mechanisms': 'SCRAM-SHA-256,PLAIN',
    'listener.name.sasl_plaintext.scram-sha-256.sasl.jaas.config':
      `${login}.scram.ScramLoginModule required;`,
    'listener.name.sasl_plaintext.plain.sasl.jaas.config':
      `${login}.plain.PlainLoginModule required ${users};`,
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    'allow.everyone.if.no.acl.found': false,
    'super.users': 'User:ANONYMOUS',
  };
}

function jvm(classes) {
  return [
    ...['-Xms128m', '-Xmx512m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xshare:auto'],
    ...['-Djava.awt.headless=true', '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn'],
    ...['-cp', classes],
  ];
}

function formatStorage(classes, dataDir, config, { principals, admin }) {
  if (existsSync(join(dataDir, 'log/meta.properties'))) return;
  const args = ['format', '-t', 'eWFueGl1LWthZmthLTAwMQ', '-c', config];
  const mechanism = admin ? 'SCRAM-SHA-512' : 'SCRAM-SHA-256';
  for (const { name, password } of admin ? [admin, ...principals] : principals) {
    args.push('--add-scram', `${mechanism}=[name=${name},password=${password}]`);
  }
  const done = spawnSync(java(), [...jvm(classes), 'kafka.tools.StorageTool', ...args], {
    encoding: 'utf8',
  });
  if (done.status === 0) return;
  throw new Error(`Kafka's storage could not be formatted:\n${done.stdout}${done.stderr}`);
}

/** Resolves when the broker answers, rejects when the process ends or takes too long. */
async function untilReady(brokers, exited, security) {
  const kafka = new Kafka({
    clientId: 'yanxiu-ready',
    brokers: [brokers],
    logLevel: logLevel.NOTHING,
    connectionTimeout: 5000,
    retry: { retries: 0 },
    ...security,
  });
  const deadline = Date.now() + readyWithinMs;
  const ended = exited.then(() => 'ended');
  while (Date.now() < deadline) {
    const admin = kafka.admin();
    const attempt = admin.connect().then(() => admin.describeCluster());
    const state = await Promise.race([attempt.then(() => 'ready', () => 'not yet'), ended]);
    await admin.disconnect().catch(() => undefined);
    if (state === 'ready') return;
    if (state === 'ended') throw new Error('Kafka ended while it was starting');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`Kafka did not answer within ${readyWithinMs / 1000} s`);
}

/** As kafkajs takes it: the administrator's login, and who vouches for the broker. */
function loginOf(admin, ca) {
  if (!admin) return {};
  const { name: username, password } = admin;
  const sasl = { mechanism: 'scram-sha-512', username, password };
  return { sasl, ssl: { ca: [readFileSync(ca, 'utf8')] } };
}

/** Asks the process to stop and resolves when it has; after 15 s it is killed. */
async function stopProcess(child, exited) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), stopWithinMs);
  await exited;
  clearTimeout(timer);
}

/** Starts a real single-node Kafka over `dataDir`; what was there before is still there. */
export async function startKafka(options) {
  const { dataDir, port, controllerPort, log = () => undefined, principals = [], admin } = options;
  const missing = whatIsMissing();
  if (missing !== undefined) throw new Error(`Kafka cannot be started: ${missing} is missing`);
  const classes = await classPath();
  const brokerPort = port ?? (await freePort());
  const quorumPort = controllerPort ?? (await freePort());
  mkdirSync(dataDir, { recursive: true });
  const config = join(dataDir, 'server.properties');
  const saslPort = principals.length > 0 && !admin ? await freePort() : undefined;
  const ports = {
    port: brokerPort,
    controllerPort: quorumPort,
    advertisedPort: options.advertisedPort ?? brokerPort,
    saslPort,
  };
  const users = { principals, admin };
  writeFileSync(config, properties(dataDir, ports, users), { mode: 0o600 });
  formatStorage(classes, dataDir, config, users);

  const child = spawn(java(), [...jvm(classes), 'kafka.Kafka', config], {
    stdio: ['ignore', 'pipe', 'pipe'],
    // Not in the terminal's group: ^C reaches Kafka through stop() only.
    detached: process.platform !== 'win32',
  });
  let tail = '';
  const take = (chunk) => {
    tail = (tail + chunk).slice(-2000);
    log(String(chunk));
  };
  child.stdout.on('data', take);
  child.stderr.on('data', take);
  const exited = new Promise((resolve) => child.once('close', resolve));
  const killWithUs = () => child.kill('SIGKILL');
  process.once('exit', killWithUs);
  void exited.then(() => process.off('exit', killWithUs));

  const brokers = `127.0.0.1:${brokerPort}`;
  const ca = admin ? join(dataDir, 'tls/ca.pem') : undefined;
  try {
    await untilReady(brokers, exited, loginOf(admin, ca));
  } catch (error) {
    await stopProcess(child, exited);
    throw new Error(`${error.message}:\n${tail}`, { cause: error });
  }
  return {
    brokers,
    ca,
    securedBrokers: saslPort === undefined ? undefined : `127.0.0.1:${saslPort}`,
    pid: child.pid,
    process: child,
    stop: () => stopProcess(child, exited),
  };
}
