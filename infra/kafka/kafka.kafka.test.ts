import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Kafka, logLevel } from 'kafkajs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startKafka } from './kafka.mjs';
import type { RunningKafka } from './kafka.mjs';

let dataDir: string;
let broker: RunningKafka;

function client(): Kafka {
  const brokers = [broker.brokers];
  return new Kafka({ clientId: 'test', brokers, logLevel: logLevel.NOTHING });
}

async function produce(value: string): Promise<void> {
  const producer = client().producer();
  await producer.connect();
  await producer.send({ topic: 'walk', acks: -1, messages: [{ key: 'k', value }] });
  await producer.disconnect();
}

async function consume(count: number): Promise<string[]> {
  const consumer = client().consumer({ groupId: `g-${count}` });
  await consumer.connect();
  await consumer.subscribe({ topic: 'walk', fromBeginning: true });
  const seen: string[] = [];
  await new Promise<void>((resolve, reject) => {
    const eachMessage = async ({ message }: { message: { value: Buffer | null } }) => {
      seen.push(String(message.value));
      if (seen.length === count) resolve();
    };
    consumer.run({ eachMessage }).catch(reject);
  });
  await consumer.disconnect();
  return seen;
}

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'yanxiu-kafka-'));
  broker = await startKafka({ dataDir });
});

afterAll(async () => {
  await broker.stop();
  await rm(dataDir, { recursive: true, force: true });
});

describe('the Kafka of infra/kafka', () => {
  it('carries a message, and still has it after a restart on the same folder', async () => {
    const admin = client().admin();
    await admin.connect();
    await admin.createTopics({ topics: [{ topic: 'walk', numPartitions: 2 }] });
    await admin.disconnect();
    await produce('before');
    expect(await consume(1)).toEqual(['before']);
    await broker.stop();
    broker = await startKafka({ dataDir });
    await produce('after');
    expect(await consume(2)).toEqual(['before', 'after']);
  });
});
