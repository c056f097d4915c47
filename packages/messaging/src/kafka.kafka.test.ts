import { afterAll } from '@jest/globals';
import { startBroker } from '@yanxiu/testkit/broker';
import { transportContract } from './testing/transport-contract.js';

let broker: Awaited<ReturnType<typeof startBroker>> | undefined;
afterAll(() => broker?.stop());

transportContract('Kafka', async () => {
  broker = await startBroker();
  return { kind: 'kafka', brokers: broker.brokers.split(',') };
});
