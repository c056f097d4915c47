import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Kafka, logLevel, type Admin } from 'kafkajs';
import { startBroker, type Broker } from '@yanxiu/testkit/broker';
import { until } from '@yanxiu/testkit/waiting';
import { KafkaTransport } from './kafka.js';
import type { Publisher, Subscription } from './port.js';
import { silent } from './testing/fixture.js';

let broker: Broker;
let transport: KafkaTransport;

beforeAll(async () => {
  broker = await startBroker();
  const brokers = [broker.brokers];
  transport = new KafkaTransport({ brokers, clientId: 'test', log: silent });
});
afterAll(async () => {
  await transport?.close();
  await broker?.stop();
});

async function asAdmin(work: (admin: Admin) => Promise<void>): Promise<void> {
  const admin = new Kafka({ brokers: [broker.brokers], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  try {
    await work(admin);
  } finally {
    await admin.disconnect();
  }
}

const makeAnew = (topic: string): Promise<void> =>
  asAdmin(async (admin) => {
    await admin.deleteTopics({ topics: [topic] });
    await until(async () => !(await admin.listTopics()).includes(topic));
    const topics = [{ topic, numPartitions: 4 }];
    await until(() => admin.createTopics({ topics, waitForLeaders: false }));
  });

const deleteRecords = (topic: string): Promise<void> =>
  asAdmin(async (admin) => {
    // kafkajs wants to have heard of the topic before.
    await admin.fetchTopicOffsets(topic);
    const partitions = [0, 1, 2, 3].map((partition) => ({ partition, offset: '-1' }));
    await admin.deleteTopicRecords({ topic, partitions });
  });

interface Reader {
  faults: string[];
  subscription: Subscription;
}

describe('a topic whose history is gone', () => {
  let topic: string;
  let group: string;
  let publisher: Publisher;
  const readers: Reader[] = [];

  beforeEach(async () => {
    topic = `test.${randomUUID().slice(0, 8)}`;
    group = randomUUID();
    await transport.ensureTopics([topic]);
    publisher = await transport.publisher();
  });
  afterEach(async () => {
    for (const { subscription } of readers.splice(0)) await subscription.stop();
    await publisher.close();
  });

  const send = (count = 4) =>
    publisher.publish(
      Array.from({ length: count }, () => randomUUID()).map((key) => ({
        ...{ topic, key, id: key, value: '{}' },
      })),
    );
  const read = async (): Promise<Reader> => {
    const faults: string[] = [];
    const subscription = await transport.subscribe({
      group,
      topics: [topic],
      onBatch: async () => {},
      onFatal: ({ message }) => faults.push(message),
    });
    const reader = { faults, subscription };
    readers.push(reader);
    return reader;
  };
  const taken = async () => {
    // Many, so that what takes the topic's place is shorter.
    await send(2_000);
    await until(async () => (await transport.lag(group, [topic])) === 0, { timeoutMs: 30_000 });
  };

  it('ends the subscription for good when what it has not read was deleted', async () => {
    const { subscription } = await read();
    await taken();
    await subscription.stop();
    await send();
    await deleteRecords(topic);
    const { faults } = await read();
    await until(() => faults.length > 0, { timeoutMs: 45_000 });
    expect(faults[0]).toContain(`the topic ${topic}`);
  });

  it('ends the subscription for good when the topic was made anew', async () => {
    const { faults } = await read();
    await taken();
    await makeAnew(topic);
    await until(
      async () => {
        await send();
        return faults.length > 0;
      },
      { timeoutMs: 45_000, everyMs: 100 },
    );
    expect(faults[0]).toContain(`the topic ${topic}`);
  });
});
