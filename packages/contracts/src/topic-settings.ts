import { isStateTopic, type Retention } from './contract.js';

/** Partitions of every topic: a key stays in the order of its versions as long as this stands. */
export const PARTITIONS = 4;

/** Kafka's settings of a topic by how long it keeps its messages. */
export const topicSettings: Readonly<Record<Retention, Readonly<Record<string, string>>>> = {
  // The whole history: the only source of a rebuild.
  forever: { 'cleanup.policy': 'delete', 'retention.ms': '-1' },
  compacted: { 'cleanup.policy': 'compact', 'retention.ms': '-1' },
};

/** A topic as Kafka's CreateTopics takes it, without its replication. */
export const topicConfig = (topic: string) => ({
  topic,
  numPartitions: PARTITIONS,
  configEntries: Object.entries(topicSettings[isStateTopic(topic) ? 'compacted' : 'forever']).map(
    ([name, value]) => ({ name, value }),
  ),
});
