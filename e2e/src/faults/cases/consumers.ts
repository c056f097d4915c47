import { setTimeout as delay } from 'node:timers/promises';
import { Kafka, logLevel, type Admin } from 'kafkajs';
import { accessOf, type Service } from '@yanxiu/contracts/topic-access';
import { until } from '@yanxiu/testkit/waiting';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { BOTH, isAlive, type Case, type Trial } from '../case.js';
import type { Stage } from '../stage.js';
import { restarted } from './processes.js';

const CONSUMERS = ['training', 'hours', 'funding', 'evaluation'] as const;

async function asAdmin<T>(stage: Stage, work: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = new Kafka({
    brokers: [`127.0.0.1:${stage.brokerWire?.port}`],
    clientId: 'outsider',
    logLevel: logLevel.NOTHING,
  }).admin();
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.disconnect();
  }
}

const lowest = async (stage: Stage, service: Service): Promise<boolean> => {
  if (stage.transport === 'postgres') {
    const rows = await stage.sql(
      'events',
      'SELECT 1 FROM log_position WHERE consumer_group = $1 AND seq > 0',
      [service],
    );
    return rows.length === 0;
  }
  const topics = [...accessOf(service).reads];
  const all = await asAdmin(stage, (admin) => admin.fetchOffsets({ groupId: service, topics }));
  return all.every(({ partitions }) => partitions.every(({ offset }) => Number(offset) <= 0));
};

/** The group goes back to the beginning of every topic, while its service stands still. */
async function resetOffsets(trial: Trial): Promise<void> {
  const { stage } = trial;
  const service = trial.pick(CONSUMERS);
  const letGo = await stage.points.holdStart(service);
  try {
    const pid = await stage.system.pid(service);
    if (pid === undefined) throw new Error(`${service} is not running`);
    await stage.system.kill(service);
    await until(() => !isAlive(pid), { message: `${service} to be gone` });
    if (stage.transport === 'kafka') {
      await asAdmin(stage, async (admin) => {
        for (const topic of accessOf(service).reads) {
          // Refused while the group still counts the dead member.
          await until(
            () => admin.resetOffsets({ groupId: service, topic, earliest: true }).then(() => true),
            { timeoutMs: 30_000, everyMs: 500, message: `the offsets of ${topic} to be reset` },
          );
        }
      });
    } else {
      await stage.sql(
        'events',
        "UPDATE log_position SET txid = '0', seq = 0 WHERE consumer_group = $1",
        [service],
      );
    }
    await trial.expectHit(() => lowest(stage, service));
  } finally {
    await letGo();
  }
  trial.notes.push(`${service} reads everything again`);
}

interface LogLine {
  time: number | string;
  msg: string;
  err?: { message?: string };
}

/** Lines of level error and above that a service has logged since. */
async function errorsIn(stage: Stage, service: string, since: number): Promise<string[]> {
  const file = path.join(stage.system.dataDir, 'logs', `${service}.log`);
  return (await readFile(file, 'utf8').catch(() => ''))
    .split('\n')
    .filter((line) => /"level":[56]0/.test(line))
    .map((line) => JSON.parse(line) as LogLine)
    .filter(({ time }) => new Date(time).getTime() >= since)
    .map(({ msg, err }) => `${msg}: ${err?.message ?? ''}`);
}

/** The history of a topic is gone: whoever had read from it must say so, and go no further. */
async function recreateTopic(trial: Trial): Promise<void> {
  const { stage } = trial;
  const topic = 'personnel.teacher';
  const since = Date.now();
  await asAdmin(stage, async (admin) => {
    await admin.deleteTopics({ topics: [topic] });
    await until(async () => !(await admin.listTopics()).includes(topic), { timeoutMs: 20_000 });
    const topics = [{ topic, numPartitions: 4 }];
    await until(() => admin.createTopics({ topics, waitForLeaders: false }));
  });
  await trial.expectHit(async () => {
    const [first] = await asAdmin(stage, (admin) => admin.fetchTopicOffsets(topic));
    return first !== undefined;
  });
  for (const service of ['training', 'hours']) {
    await until(
      async () =>
        (await errorsIn(stage, service, since)).some((text) => /history is gone/.test(text)),
      { timeoutMs: 60_000, message: `${service} to raise an alarm` },
    ).catch((error: unknown) => trial.wrong.push(`F15 ${String(error)}`));
    const told = new Set(await errorsIn(stage, service, since));
    trial.notes.push(`${service} says: ${[...told].slice(0, 2).join('; ')}`);
  }
}

async function terminate(trial: Trial, service: Service | 'gateway'): Promise<void> {
  const { system } = trial.stage;
  const pid = await system.pid(service);
  if (pid === undefined) throw new Error(`${service} is not running`);
  process.kill(pid, 'SIGTERM');
  await trial.expectHit(() => !isAlive(pid), 20_000);
  await restarted(trial, service, pid);
  await system.ready();
}

/** Groups, offsets and planned restarts. */
export const consumerCases: readonly Case[] = [
  {
    id: 'F15',
    fault: "a consumer's positions reset to the beginning",
    transports: BOTH,
    seeds: 1,
    run: resetOffsets,
  },
  {
    id: 'F15b',
    fault: 'a topic deleted and created anew: an alarm, not silence',
    transports: ['kafka'],
    seeds: 1,
    ruins: true,
    run: recreateTopic,
  },
  {
    id: 'F23',
    fault: 'SIGTERM of gateway and producer under load, ten rolling restarts of consumers',
    transports: BOTH,
    seeds: 1,
    run: async (trial) => {
      await terminate(trial, 'gateway');
      await terminate(trial, 'personnel');
      for (let n = 0; n < 10; n += 1) {
        await terminate(trial, CONSUMERS[n % CONSUMERS.length] ?? 'hours');
        await delay(500);
      }
    },
  },
];
