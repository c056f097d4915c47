import { Kafka, logLevel, type Admin, type Consumer, type KafkaMessage } from 'kafkajs';
import type { Logger } from 'pino';
import { faultPoint } from './fault-point.js';
import type {
  InboundMessage,
  OutboundMessage,
  Publisher,
  SubscribeOptions,
  Subscription,
  Transport,
} from './port.js';

const PARTITIONS = 4;
/** Messages that share one effect transaction. */
const CHUNK = 200;
const SESSION_TIMEOUT_MS = 10_000;
const HEARTBEAT_MS = 3_000;

export interface KafkaOptions {
  brokers: readonly string[];
  clientId: string;
  log: Logger;
  /** Replication of topics that are created here; the broker's own default when not given. */
  replicationFactor?: number;
}

/**
 * Kafka through kafkajs. The producer is not idempotent: kafkajs with `idempotent: true` lost
 * acknowledged messages under a frozen broker (docs/decisions/0003); duplicates are the inbox's.
 */
export class KafkaTransport implements Transport {
  readonly kind = 'kafka';
  readonly #kafka: Kafka;
  readonly #options: KafkaOptions;
  #admin: Promise<Admin> | undefined;

  constructor(options: KafkaOptions) {
    this.#options = options;
    this.#kafka = new Kafka({
      clientId: options.clientId,
      brokers: [...options.brokers],
      connectionTimeout: 3_000,
      requestTimeout: 15_000,
      retry: { retries: 5, initialRetryTime: 200, maxRetryTime: 5_000 },
      logCreator:
        () =>
        ({ level, label, log }) => {
          const { message, error } = log as { message: string; error?: string };
          const name = level <= logLevel.ERROR ? 'warn' : 'debug';
          options.log[name]({ kafka: label, error }, message);
        },
    });
  }

  async ensureTopics(topics: readonly string[]): Promise<void> {
    const admin = await this.#connectedAdmin();
    const existing = new Set(await admin.listTopics());
    const missing = topics.filter((topic) => !existing.has(topic));
    if (missing.length === 0) return;
    await admin.createTopics({
      waitForLeaders: true,
      topics: missing.map((topic) => ({
        topic,
        numPartitions: PARTITIONS,
        replicationFactor: this.#options.replicationFactor ?? -1,
        // Event topics keep their whole history: they are the only source of a rebuild.
        configEntries: [{ name: 'retention.ms', value: '-1' }],
      })),
    });
  }

  async publisher(): Promise<Publisher> {
    const producer = this.#kafka.producer({
      idempotent: false,
      allowAutoTopicCreation: false,
      maxInFlightRequests: 1,
    });
    await producer.connect();
    return {
      publish: async (messages) => {
        await producer.sendBatch({ acks: -1, topicMessages: byTopic(messages) });
      },
      close: () => producer.disconnect(),
    };
  }

  async subscribe(options: SubscribeOptions): Promise<Subscription> {
    const consumer = this.#kafka.consumer({
      groupId: options.group,
      sessionTimeout: SESSION_TIMEOUT_MS,
      heartbeatInterval: HEARTBEAT_MS,
      maxWaitTimeInMs: 500,
      allowAutoTopicCreation: false,
    });
    let stopping = false;
    consumer.on(consumer.events.CRASH, ({ payload }) => {
      if (!stopping && !payload.restart) options.onFatal(payload.error);
    });
    consumer.on(consumer.events.COMMIT_OFFSETS, () => faultPoint('consumer.after-position'));
    await consumer.connect();
    await consumer.subscribe({ topics: [...options.topics], fromBeginning: true });
    await runConsumer(consumer, options);
    return {
      stop: async () => {
        stopping = true;
        await consumer.disconnect();
      },
    };
  }

  async lag(group: string, topics: readonly string[]): Promise<number> {
    const admin = await this.#connectedAdmin();
    const committed = await admin.fetchOffsets({ groupId: group, topics: [...topics] });
    let lag = 0;
    for (const { topic, partitions } of committed) {
      const taken = new Map(partitions.map((p) => [p.partition, Number(p.offset)]));
      for (const { partition, offset, low } of await admin.fetchTopicOffsets(topic)) {
        lag += Number(offset) - Math.max(taken.get(partition) ?? 0, Number(low));
      }
    }
    return lag;
  }

  async close(): Promise<void> {
    await (await this.#admin)?.disconnect();
  }

  #connectedAdmin(): Promise<Admin> {
    const admin = this.#kafka.admin();
    this.#admin ??= admin.connect().then(
      () => admin,
      (error: unknown) => {
        this.#admin = undefined;
        throw error;
      },
    );
    return this.#admin;
  }
}

async function runConsumer(consumer: Consumer, options: SubscribeOptions): Promise<void> {
  await consumer.run({
    eachBatchAutoResolve: false,
    autoCommit: true,
    eachBatch: async ({
      batch,
      resolveOffset,
      heartbeat,
      commitOffsetsIfNecessary,
      isRunning,
      isStale,
    }) => {
      for (let start = 0; start < batch.messages.length; start += CHUNK) {
        if (!isRunning() || isStale()) return;
        const chunk = batch.messages.slice(start, start + CHUNK);
        await whileBeating(heartbeat, () =>
          options.onBatch(chunk.map((m) => toMessage(batch.topic, batch.partition, m))),
        );
        const last = chunk.at(-1);
        if (last) resolveOffset(last.offset);
        await commitOffsetsIfNecessary();
        await heartbeat();
      }
    },
  });
}

/** kafkajs sends heartbeats only between messages; a long effect needs them too. */
async function whileBeating(beat: () => Promise<void>, work: () => Promise<void>): Promise<void> {
  const timer = setInterval(() => void beat().catch(() => {}), HEARTBEAT_MS);
  try {
    await work();
  } finally {
    clearInterval(timer);
  }
}

function byTopic(messages: readonly OutboundMessage[]) {
  const topics = new Map<string, { key: string; value: string; headers: { id: string } }[]>();
  for (const { topic, key, value, id } of messages) {
    const list = topics.get(topic) ?? [];
    list.push({ key, value, headers: { id } });
    topics.set(topic, list);
  }
  return [...topics].map(([topic, list]) => ({ topic, messages: list }));
}

const toMessage = (topic: string, partition: number, message: KafkaMessage): InboundMessage => ({
  topic,
  partition,
  position: message.offset,
  key: message.key?.toString() ?? null,
  value: message.value?.toString() ?? '',
});
