import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ConfigResourceTypes, Kafka, logLevel } from 'kafkajs';
import { topics } from '@yanxiu/contracts/catalogue';
import { isStateTopic } from '@yanxiu/contracts/contract';
import { startBroker } from '@yanxiu/testkit/broker';
import { openTransport, type TransportSpec } from './testing/fixture.js';
import { stateContract } from './testing/state-contract.js';
import { transportContract } from './testing/transport-contract.js';

let broker: ReturnType<typeof startBroker> | undefined;
afterAll(async () => (await broker)?.stop());

const spec = async (): Promise<TransportSpec> => {
  broker ??= startBroker();
  return { kind: 'kafka', brokers: (await broker).brokers.split(',') };
};

transportContract('Kafka', spec);
stateContract('Kafka', spec);

describe('topics on Kafka', () => {
  let kafka: Kafka;
  beforeAll(async () => {
    const chosen = await spec();
    const transport = await openTransport(chosen);
    await transport.ensureTopics(topics);
    await transport.close();
    const { brokers } = chosen as { brokers: string[] };
    kafka = new Kafka({ brokers, clientId: 'settings', logLevel: logLevel.NOTHING });
  });

  it('keep the whole history of events and the newest snapshot of each key', async () => {
    const admin = kafka.admin();
    await admin.connect();
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      resources: topics.map((name) => ({ type: ConfigResourceTypes.TOPIC, name })),
    });
    await admin.disconnect();
    const settings = resources.map(({ resourceName, configEntries }) => {
      const of = (name: string) => configEntries.find((e) => e.configName === name)?.configValue;
      return [resourceName, of('cleanup.policy'), of('retention.ms')];
    });
    expect(settings.sort()).toEqual(
      topics.map((name) => [name, isStateTopic(name) ? 'compact' : 'delete', '-1']).sort(),
    );
    expect(topics.filter(isStateTopic)).toEqual([
      'personnel.org-unit.state',
      'personnel.policy.state',
      'personnel.teacher.state',
      'training.institution.state',
    ]);
  });
});
