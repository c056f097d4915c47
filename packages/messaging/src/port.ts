/** A message on its way out: one event for one topic. */
export interface OutboundMessage {
  topic: string;
  key: string;
  /** Event id; the Postgres log appends a given id once. */
  id: string;
  /** The envelope as JSON text. */
  value: string;
}

/** A message as a transport delivers it; nothing about its value is known yet. */
export interface InboundMessage {
  topic: string;
  partition: number;
  /** Where it stands in its partition, in the transport's own words. */
  position: string;
  key: string | null;
  value: string;
}

export interface Publisher {
  /** Resolves when every message is durable, in the given order per key; rejects otherwise. */
  publish(messages: readonly OutboundMessage[]): Promise<void>;
  close(): Promise<void>;
}

export interface SubscribeOptions {
  /** Consumer group: members share the partitions, each group sees every message. */
  group: string;
  /** Events' topics, or topics `….state`: the two are not read by one subscription. */
  topics: readonly string[];
  /**
   * Called with messages of one topic, consecutive ones of each partition. Resolves when their
   * effects are committed; when it rejects, the same messages are delivered again.
   */
  onBatch(messages: readonly InboundMessage[]): Promise<void>;
  /** The subscription ended for good; the process must exit and be restarted, never idle. */
  onFatal(error: Error): void;
}

/** `topic/partition` → position of the last message there. */
export type ReadPositions = ReadonlyMap<string, string>;

export interface ReadOptions {
  topics: readonly string[];
  /** Where an earlier read ended: only what came after it is read. */
  from?: ReadPositions;
  /** Called with consecutive messages of one partition; when it rejects, so does the read. */
  onBatch(messages: readonly InboundMessage[]): Promise<void>;
}

/** What a group has not yet taken of one partition. */
export interface PartitionLag {
  topic: string;
  partition: number;
  /** Messages; the Postgres log counts no further than 100,000. */
  lag: number;
}

export interface Subscription {
  stop(): Promise<void>;
}

/**
 * The port behind which Kafka and the Postgres log stand. Delivery is at least once, ordered per
 * key.
 */
export interface Transport {
  readonly kind: 'postgres' | 'kafka';
  /**
   * Creates what is missing. A topic `….state` keeps the newest message of each key, any other all
   * of them; rejects within 10 s when the transport cannot be reached.
   */
  ensureTopics(topics: readonly string[]): Promise<void>;
  publisher(): Promise<Publisher>;
  subscribe(options: SubscribeOptions): Promise<Subscription>;
  /** Messages of these topics that the group has not yet committed. */
  lag(group: string, topics: readonly string[]): Promise<number>;
  /** The same for each partition, in the order of topic and partition. */
  partitionLags(group: string, topics: readonly string[]): Promise<PartitionLag[]>;
  /**
   * Reads from the start to the end as it stands at the call, in no group and without an effect on
   * any; resolves to where it ended. A message whose transaction is still open counts as later.
   */
  read(options: ReadOptions): Promise<ReadPositions>;
  close(): Promise<void>;
}
