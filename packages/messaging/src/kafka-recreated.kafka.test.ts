import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Kafka, logLevel } from 'kafkajs';
import { startBroker, type Broker } from '@yanxiu/testkit/broker';
import { until } from '@yanxiu/testkit/waiting';
import { KafkaTransport } from './kafka.js';
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

async function makeAnew(topic: string): Promise<void> {
  const admin = new Kafka({ brokers: [broker.brokers], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  await admin.deleteTopics({ topics: [topic] });
  await until(async () => !(await admin.listTopics()).includes(topic));
  await admin.createTopics({ topics: [{ topic, numPartitions: 4 }], waitForLeaders: true });
  await admin.disconnect();
}

it('ends the subscription for good when its topic was made anew', async () => {
  const topic = `test.${randomUUID().slice(0, 8)}`;
  const group = randomUUID();
  await transport.ensureTopics([topic]);
  const publisher = await transport.publisher();
  const send = () =>
    publisher.publish(
      ['a', 'b', 'c', 'd', 'e', 'f'].map((key) => ({ topic, key, id: randomUUID(), value: '{}' })),
    );
  const subscribe = async () => {
    const faults: string[] = [];
    const subscription = await transport.subscribe({
      group,
      topics: [topic],
      onBatch: async () => {},
      onFatal: ({ message }) => faults.push(message),
    });
    return { faults, subscription };
  };
  const first = await subscribe();
  await send();
  await until(async () => (await transport.lag(group, [topic])) === 0, { timeoutMs: 30_000 });
  expect(first.faults).toEqual([]);

  await makeAnew(topic);
  await until(() => first.faults.length > 0, { timeoutMs: 45_000 });
  expect(first.faults[0]).toContain(`the topic ${topic}`);
  await first.subscription.stop();
  await publisher.close();
});
