/** Reads the topics and keeps the record. Configuration: see README.md. */
import { assertContract, EnvelopeError, parseEnvelope } from '@yanxiu/contracts/envelope';
import { Kafka, logLevel } from 'kafkajs';
import { TOPICS, take } from './record.mjs';
import { load, save } from './store.mjs';

const { KAFKA_BROKERS = '127.0.0.1:9092', KAFKA_USERNAME: username, KAFKA_PASSWORD } = process.env;

const kafka = new Kafka({
  clientId: 'promotion',
  brokers: KAFKA_BROKERS.split(','),
  logLevel: logLevel.WARN,
  ...(username && { sasl: { mechanism: 'scram-sha-256', username, password: KAFKA_PASSWORD } }),
});
const consumer = kafka.consumer({ groupId: process.env.KAFKA_GROUP ?? 'promotion' });
const record = await load();

/** The event that a message carries; one that this version does not understand stops us. */
function eventOf({ offset, value }, topic) {
  try {
    const event = parseEnvelope(value.toString());
    assertContract(event);
    return event;
  } catch (error) {
    // A type that came after these contracts were installed: read over it, as the catalogue asks.
    if (error instanceof EnvelopeError && error.fault === 'UNKNOWN_TYPE') {
      return parseEnvelope(value.toString());
    }
    throw new Error(`${topic} at ${offset}: ${error.message}`, { cause: error });
  }
}

async function stop(code) {
  await consumer.disconnect();
  process.exit(code);
}
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void stop(0));
// The client has given up: let whoever runs us start anew.
consumer.on(consumer.events.CRASH, ({ payload }) => {
  if (payload.restart) return;
  console.error(payload.error.message);
  void stop(1);
});

async function takeBatch({ batch, resolveOffset, heartbeat }) {
  // A message without a value says that its key is gone; nothing that we read ever is, yet.
  const messages = batch.messages.filter(({ value }) => value !== null);
  for (const message of messages) take(record, batch.topic, eventOf(message, batch.topic));
  // First what we know, then where we stand: a death between the two repeats, and loses nothing.
  await save(record);
  resolveOffset(batch.lastOffset());
  await heartbeat();
}

try {
  await consumer.connect();
  await consumer.subscribe({ topics: TOPICS, fromBeginning: true });
  await consumer.run({ eachBatchAutoResolve: false, eachBatch: takeBatch });
  console.log(`reading ${TOPICS.join(', ')}`);
} catch (error) {
  console.error(error.message);
  await stop(1);
}
