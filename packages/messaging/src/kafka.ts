import { randomUUID } from 'node:crypto';
import { Kafka, type Admin } from 'kafkajs';
import type { Logger } from 'pino';
import { topicConfig } from '@yanxiu/contracts/topic-settings';
import { connect, firstAnswer, securityOf, type KafkaSettings } from './kafka-client.js';
import { Committed } from './kafka-committed.js';
import { untilKnown } from './kafka-new.js';
import { kafkaLog } from './kafka-log.js';
import { readUntil, runConsumer } from './kafka-reading.js';
import { byTopicAndPartition, sumOfLags } from './partition-lag.js';
import { faultPoint } from './fault-point.js';
import { groupBy } from '@yanxiu/contracts/group-by';
import type {
  OutboundMessage,
  PartitionLag,
  Publisher,
  ReadOptions,
  ReadPositions,
  SubscribeOptions,
  Subscription,
  Transport,
} from './port.js';

const SESSION_TIMEOUT_MS = 10_000;
const HEARTBEAT_MS = 3_000;
/** A broker is given so long to appoint the coordinator of a first group, and leaders of topics. */
const NEW_LIMIT_MS = 60_000;

export interface KafkaOptions extends KafkaSettings {
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
  /** By group: how to end its subscription for good. */
  readonly #fatal = new Map<string, (error: Error) => void>();

  constructor(options: KafkaOptions) {
    this.#options = options;
    this.#kafka = new Kafka({
      clientId: options.clientId,
      brokers: [...options.brokers],
      connectionTimeout: 3_000,
      requestTimeout: 15_000,
      retry: { retries: 5, initialRetryTime: 200, maxRetryTime: 5_000 },
      ...securityOf(options),
      logCreator: kafkaLog(options.log, (group, error) => this.#fatal.get(group)?.(error)),
    });
  }

  async ensureTopics(topics: readonly string[]): Promise<void> {
    const admin = await this.#connectedAdmin();
    const existing = new Set(await admin.listTopics());
    const missing = topics.filter((topic) => !existing.has(topic));
    if (missing.length === 0) return;
    const { replicationFactor = -1 } = this.#options;
    const wanted = missing.map((topic) => ({ replicationFactor, ...topicConfig(topic) }));
    // Its own wait for leaders ends at a broker that has not heard of the topic yet.
    await admin.createTopics({ waitForLeaders: false, topics: wanted }).catch((error: unknown) => {
      throw mayNotMake(error) ? new TopicsMissing(missing, error) : error;
    });
    // Told of a leader is not yet led: a partition is ready when its leader answers for it.
    await untilKnown(() => admin.fetchTopicMetadata({ topics: missing }), NEW_LIMIT_MS);
    for (const topic of missing)
      await untilKnown(() => admin.fetchTopicOffsets(topic), NEW_LIMIT_MS);
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
    const committed = new Committed();
    consumer.on(consumer.events.COMMIT_OFFSETS, ({ payload }) => {
      committed.note(payload);
      faultPoint('consumer.after-position');
    });
    this.#fatal.set(options.group, options.onFatal);
    const admin = await this.#connectedAdmin();
    await untilKnown(() => admin.describeGroups([options.group]), NEW_LIMIT_MS);
    await consumer.connect();
    await consumer.subscribe({ topics: [...options.topics], fromBeginning: true });
    await runConsumer(consumer, options, committed);
    return {
      stop: async () => {
        stopping = true;
        this.#fatal.delete(options.group);
        await consumer.disconnect();
      },
    };
  }

  async lag(group: string, topics: readonly string[]): Promise<number> {
    return sumOfLags(await this.partitionLags(group, topics));
  }

  async partitionLags(group: string, topics: readonly string[]): Promise<PartitionLag[]> {
    const admin = await this.#connectedAdmin();
    const committed = await admin.fetchOffsets({ groupId: group, topics: [...topics] });
    const lags: PartitionLag[] = [];
    for (const { topic, partitions } of committed) {
      const taken = new Map(partitions.map((p) => [p.partition, Number(p.offset)]));
      for (const { partition, offset, low } of await admin.fetchTopicOffsets(topic)) {
        const lag = Number(offset) - Math.max(taken.get(partition) ?? 0, Number(low));
        lags.push({ topic, partition, lag });
      }
    }
    return lags.sort(byTopicAndPartition);
  }

  async read(options: ReadOptions): Promise<ReadPositions> {
    const admin = await this.#connectedAdmin();
    const ends = new Map<string, string>();
    const open = new Map<string, bigint>();
    for (const topic of options.topics) {
      for (const { partition, offset, low } of await admin.fetchTopicOffsets(topic)) {
        const name = `${topic}/${partition}`;
        const last = BigInt(offset) - 1n;
        ends.set(name, String(last));
        if (last > BigInt(options.from?.get(name) ?? BigInt(low) - 1n)) open.set(name, last);
      }
    }
    if (open.size === 0) return ends;
    // kafkajs reads only as a member of a group: one of its own, without commits, then deleted.
    const groupId = `${this.#options.clientId}-read-${randomUUID()}`;
    const consumer = this.#kafka.consumer({ groupId, allowAutoTopicCreation: false });
    try {
      await consumer.connect();
      await consumer.subscribe({ topics: [...options.topics], fromBeginning: true });
      await readUntil(consumer, options, open);
    } finally {
      await consumer.disconnect();
      await admin.deleteGroups([groupId]).catch(() => undefined);
    }
    return ends;
  }

  async close(): Promise<void> {
    await (await this.#admin)?.disconnect();
  }

  #connectedAdmin(): Promise<Admin> {
    const admin = this.#kafka.admin();
    this.#admin ??= firstAnswer(this.#options, connect(admin)).then(
      () => admin,
      (error: unknown) => {
        this.#admin = undefined;
        throw error;
      },
    );
    return this.#admin;
  }
}

/** Topics that are not there for this login, which may not make any. */
class TopicsMissing extends Error {
  constructor(topics: readonly string[], cause: unknown) {
    super(
      `Kafka does not show ${topics.join(', ')} to this login: have an administrator run ` +
        'infra/kafka/acls.mjs, which makes the topics and says who may use them',
      { cause },
    );
  }
}

function mayNotMake(error: unknown): boolean {
  const { errors = [] } = error as { errors?: { type?: string }[] };
  return errors.some(({ type }) => type === 'TOPIC_AUTHORIZATION_FAILED');
}

const byTopic = (messages: readonly OutboundMessage[]) =>
  [...groupBy(messages, ({ topic }) => topic)].map(([topic, ofTopic]) => ({
    topic,
    messages: ofTopic.map(({ key, value, id }) => ({ key, value, headers: { id } })),
  }));
