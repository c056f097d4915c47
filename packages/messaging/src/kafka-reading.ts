import type { Consumer, EachBatchHandler, KafkaMessage } from 'kafkajs';
import type { Committed } from './kafka-committed.js';
import type { InboundMessage, ReadOptions, SubscribeOptions } from './port.js';

/** Messages that share one effect transaction. */
const CHUNK = 200;
const HEARTBEAT_MS = 3_000;

/** Gives a group's batches to `onBatch`, and commits positions when their effects are. */
export async function runConsumer(
  consumer: Consumer,
  options: SubscribeOptions,
  committed: Committed,
): Promise<void> {
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
      const gone = committed.faultOf(options.group, batch);
      if (gone) {
        options.onFatal(gone);
        throw gone;
      }
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

/** Resolves when every partition of `open` has been read up to its offset there. */
export function readUntil(
  consumer: Consumer,
  { from, onBatch }: ReadOptions,
  open: Map<string, bigint>,
): Promise<void> {
  return new Promise((resolve, reject) => {
    consumer.on(consumer.events.CRASH, ({ payload }) => {
      if (!payload.restart) reject(payload.error);
    });
    const eachBatch: EachBatchHandler = async ({ batch, heartbeat }) => {
      const name = `${batch.topic}/${batch.partition}`;
      const last = open.get(name);
      if (last === undefined) return;
      const after = BigInt(from?.get(name) ?? -1);
      const wanted = batch.messages.filter(
        ({ offset }) => BigInt(offset) > after && BigInt(offset) <= last,
      );
      for (let start = 0; start < wanted.length; start += CHUNK) {
        const chunk = wanted.slice(start, start + CHUNK);
        await whileBeating(heartbeat, () =>
          onBatch(chunk.map((m) => toMessage(batch.topic, batch.partition, m))),
        );
      }
      if (BigInt(batch.lastOffset()) >= last) open.delete(name);
      if (open.size === 0) resolve();
    };
    const run = { autoCommit: false, eachBatch: failingOnce(eachBatch, reject) };
    consumer.run(run).catch(reject);
    for (const [name, position] of from ?? []) {
      if (!open.has(name)) continue;
      const [topic = '', partition] = splitName(name);
      consumer.seek({ topic, partition, offset: String(BigInt(position) + 1n) });
    }
  });
}

/** kafkajs would try a failed batch again; a reader ends with its first fault. */
const failingOnce =
  (handler: EachBatchHandler, fail: (error: unknown) => void): EachBatchHandler =>
  (payload) =>
    handler(payload).catch(fail);

function splitName(name: string): [string, number] {
  const slash = name.lastIndexOf('/');
  return [name.slice(0, slash), Number(name.slice(slash + 1))];
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

const toMessage = (topic: string, partition: number, message: KafkaMessage): InboundMessage => ({
  topic,
  partition,
  position: message.offset,
  key: message.key?.toString() ?? null,
  value: message.value?.toString() ?? '',
});
