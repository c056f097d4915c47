import { randomUUID } from 'node:crypto';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { setTimeout as delay } from 'node:timers/promises';
import type { DataSource } from 'typeorm';
import { Consumer } from '@yanxiu/messaging/consumer';
import { dataOf, environment, eventOn, faultsOf } from '@yanxiu/messaging/testing/fixture';
import { Effects1700000000001 } from '@yanxiu/messaging/testing/schema';
import { on } from '@yanxiu/messaging/handlers';
import type { Transport } from '@yanxiu/messaging/port';
import { Relay } from '@yanxiu/messaging/relay';
import { withTx } from '@yanxiu/messaging/transaction';
import { quantile, spread, table } from '../figures.js';
import { log, type Setting } from './setting.js';

/** Milliseconds from commit (raw: from the call of `send`) to the effect, one for each event. */
type Round = (count: number, everyMs: number) => Promise<number[]>;

interface Contestant {
  name: string;
  round: Round;
  stop(): Promise<void>;
}

export interface LatencyOptions {
  rounds: number;
  /** Events of a round. */
  count: number;
  perSecond: number;
}

/** Commit → effect committed elsewhere at a steady rate, beside raw kafkajs on the same broker. */
export async function latency(setting: Setting, options: LatencyOptions): Promise<string> {
  const contestants = [
    await rawKafka(setting),
    await ours(setting, 'kafka'),
    await ours(setting, 'postgres'),
  ];
  const p50 = new Map<string, number[]>(contestants.map(({ name }) => [name, []]));
  const p99 = new Map<string, number[]>(contestants.map(({ name }) => [name, []]));
  const everyMs = 1_000 / options.perSecond;
  for (const { round } of contestants) await round(options.perSecond * 2, everyMs);
  for (let n = 0; n < options.rounds; n += 1) {
    for (const { name, round } of contestants) {
      const times = await round(options.count, everyMs);
      if (times.length !== options.count) throw new Error(`${name} took ${times.length} events`);
      p50.get(name)?.push(quantile(times, 0.5));
      p99.get(name)?.push(quantile(times, 0.99));
    }
  }
  for (const { stop } of contestants) await stop();
  const raw = p50.get('raw kafkajs') ?? [];
  return table(
    ['100/s, ms', 'p50', 'p99', 'p50 ÷ raw'],
    contestants.map(({ name }) => [
      name,
      spread(p50.get(name) ?? []),
      spread(p99.get(name) ?? [], 1),
      spread((p50.get(name) ?? []).map((value, n) => value / (raw[n] ?? Number.NaN))),
    ]),
  );
}

/** Starts one thing at each tick of the clock, whether or not the one before has ended. */
async function atSteadyRate(count: number, everyMs: number, start: (n: number) => Promise<void>) {
  const begun = performance.now();
  const under: Promise<void>[] = [];
  for (let n = 0; n < count; n += 1) {
    const wait = begun + n * everyMs - performance.now();
    if (wait > 0) await delay(wait);
    under.push(start(n));
  }
  await Promise.all(under);
}

/** Times by name: begun, ended, and a promise for when all of them have ended. */
class Stopwatch {
  readonly #begun = new Map<string, number>();
  readonly #ended = new Map<string, number>();
  #wanted = 0;
  #done: () => void = () => {};
  finished: Promise<void> = Promise.resolve();

  expect(count: number): void {
    this.#begun.clear();
    this.#ended.clear();
    this.#wanted = count;
    this.finished = new Promise((resolve) => (this.#done = resolve));
  }

  begin(name: string): void {
    this.#begun.set(name, performance.now());
  }

  end(name: string, at = performance.now()): void {
    this.#ended.set(name, at);
    if (this.#ended.size === this.#wanted) this.#done();
  }

  times(): number[] {
    return [...this.#ended].map(([name, at]) => at - (this.#begun.get(name) ?? Number.NaN));
  }
}

async function rawKafka({ raw }: Setting): Promise<Contestant> {
  const topic = `raw.${randomUUID().slice(0, 8)}`;
  const admin = raw.admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic, numPartitions: 4 }], waitForLeaders: true });
  await admin.disconnect();
  const producer = raw.producer({ allowAutoTopicCreation: false });
  const consumer = raw.consumer({ groupId: topic });
  const watch = new Stopwatch();
  await producer.connect();
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  await consumer.run({ eachMessage: async ({ message }) => watch.end(String(message.key)) });
  const value = JSON.stringify({ ...envelopeLike(), data: dataOf() });
  return {
    name: 'raw kafkajs',
    round: async (count, everyMs) => {
      watch.expect(count);
      await atSteadyRate(count, everyMs, async () => {
        const key = randomUUID();
        watch.begin(key);
        await producer.send({ topic, acks: -1, messages: [{ key, value }] });
      });
      await watch.finished;
      return watch.times();
    },
    stop: async () => {
      await consumer.disconnect();
      await producer.disconnect();
    },
  };
}

/** As long as an envelope of ours. */
const envelopeLike = () => ({
  specversion: '1.0',
  id: randomUUID(),
  source: '/yanxiu/test',
  type: eventOn('').type,
  subject: randomUUID(),
  time: new Date().toISOString(),
  datacontenttype: 'application/json',
  correlationid: randomUUID(),
  aggregateversion: 1,
});

/** Outbox, relay, transport and inbox between two databases. */
async function ours(setting: Setting, kind: 'kafka' | 'postgres'): Promise<Contestant> {
  const from = await setting.database('sender', [Effects1700000000001]);
  const to = await setting.database('receiver', [Effects1700000000001]);
  const transport: Transport = setting.transports[kind];
  const topic = `test.${randomUUID().slice(0, 8)}`;
  await transport.ensureTopics([topic]);
  const watch = new Stopwatch();
  let uncommitted: string[] = [];
  const handler = on(eventOn(topic), async (event, { manager }) => {
    await manager.query('INSERT INTO effect (event_id, key, version) VALUES ($1, $2, $3)', [
      event.id,
      event.subject,
      event.aggregateversion,
    ]);
    uncommitted.push(event.subject);
  });
  const consumer = new Consumer({
    consumer: `bench-${topic}`,
    dataSource: to.db,
    handlers: [handler],
    environment,
    transport,
    log,
    onFatal: (error) => {
      throw error;
    },
  });
  const onCommit = () => {
    for (const key of uncommitted) watch.end(key);
    uncommitted = [];
  };
  const relay = new Relay({ databaseUrl: from.appUrl, transport, log });
  relay.start();
  await consumer.start();
  return {
    name: kind === 'kafka' ? 'outbox → Kafka → inbox' : 'outbox → Postgres log → inbox',
    round: async (count, everyMs) => {
      watch.expect(count);
      subscribe('yanxiu:fault:inbox.after-commit', onCommit);
      await atSteadyRate(count, everyMs, async () => {
        const key = randomUUID();
        await commit(from.db, topic, key);
        watch.begin(key);
      });
      await watch.finished;
      unsubscribe('yanxiu:fault:inbox.after-commit', onCommit);
      return watch.times();
    },
    stop: async () => {
      await relay.stop();
      await consumer.stop();
      const wrong = await faultsOf(from.db, to.db);
      if (wrong.length > 0) throw new Error(`${kind}: ${wrong.slice(0, 5).join('; ')}`);
    },
  };
}

async function commit(db: DataSource, topic: string, key: string): Promise<void> {
  const origin = {
    service: 'test',
    now: new Date(),
    newId: environment.ids(''),
    correlationId: key,
  };
  await db.transaction((manager) =>
    withTx(manager, origin, (tx) => tx.emit(eventOn(topic), key, dataOf())),
  );
}
