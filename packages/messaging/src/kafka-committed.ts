/** As kafkajs tells of a commit. */
interface Commit {
  topics: readonly {
    topic: string;
    partitions: readonly { partition: number; offset: string }[];
  }[];
}

/** As much of kafkajs's batch as is looked at. */
interface Batch {
  topic: string;
  partition: number;
  messages: readonly { offset: string }[];
}

/** How a topic that was made anew, or cut, is told of. */
export const historyIsGone = (group: string, topic: string, partition: number): Error =>
  new Error(
    `the topic ${topic}, partition ${partition}, is not the one that ${group} has read: ` +
      'it was made anew or cut, and its history is gone',
  );

/**
 * What this process has committed for its group. Nobody moves a group back while it has members;
 * Kafka forgets its positions with a deleted topic, though, and kafkajs then reads what took the
 * topic's place from the start, in silence.
 */
export class Committed {
  readonly #next = new Map<string, bigint>();

  note({ topics }: Commit): void {
    for (const { topic, partitions } of topics) {
      for (const { partition, offset } of partitions) {
        this.#next.set(`${topic}/${partition}`, BigInt(offset));
      }
    }
  }

  /** What is wrong when the batch begins before what was committed. */
  faultOf(group: string, { topic, partition, messages }: Batch): Error | undefined {
    const first = messages[0]?.offset;
    const next = this.#next.get(`${topic}/${partition}`);
    if (first === undefined || next === undefined || BigInt(first) >= next) return undefined;
    return historyIsGone(group, topic, partition);
  }
}
