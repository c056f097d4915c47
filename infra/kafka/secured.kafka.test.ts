import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { topics } from '@yanxiu/contracts/catalogue';
import { SERVICES, accessOf, type Service } from '@yanxiu/contracts/topic-access';
import { KafkaTransport } from '@yanxiu/messaging/kafka';
import { checkKafka, type KafkaSettings } from '@yanxiu/messaging/kafka-client';
import { startSecuredBroker, type SecuredBroker } from '@yanxiu/testkit/secured-broker';
import { until } from '@yanxiu/testkit/waiting';
import { AclOperationTypes, AclResourceTypes } from 'kafkajs';
import { pino } from 'pino';
import { DUTY, acls, applyAcls, principalOf } from './acls.mjs';

const READER = 'promotion';
const PATIENCE = { timeoutMs: 60_000 };
const READS = ['hours.compliance', 'personnel.teacher.state'];
const rights = acls({ [READER]: READS });

let broker: SecuredBroker;
let ca: string;
const transports: KafkaTransport[] = [];

const settingsOf = (username: string): Required<KafkaSettings> => ({
  brokers: [broker.brokers],
  ca,
  login: { username, password: broker.passwordOf(username) },
});

const transportOf = (username: string, clientId = username): KafkaTransport => {
  const log = pino({ level: 'silent' });
  const transport = new KafkaTransport({ ...settingsOf(username), clientId, log });
  transports.push(transport);
  return transport;
};

const send = async (transport: KafkaTransport, topic: string): Promise<void> => {
  const publisher = await transport.publisher();
  try {
    await publisher.publish([{ topic, key: 'k', id: randomUUID(), value: '{}' }]);
  } finally {
    await publisher.close();
  }
};

/** Reads in a group until there is a message of each topic; rejects when it may not. */
const readAll = async (
  transport: KafkaTransport,
  group: string,
  wanted: readonly string[],
): Promise<void> => {
  const seen = new Set<string>();
  const ended: Error[] = [];
  const subscription = await transport.subscribe({
    group,
    topics: wanted,
    onFatal: (error) => ended.push(error),
    onBatch: async (batch) => batch.forEach(({ topic }) => seen.add(topic)),
  });
  try {
    await until(() => ended.length > 0 || wanted.every((topic) => seen.has(topic)), PATIENCE);
  } finally {
    await subscription.stop();
  }
  if (ended[0]) throw ended[0];
};

const REFUSED = expect.objectContaining({
  message: expect.stringMatching(/Not authorized|not authorized|coordinator/i),
});

beforeAll(async () => {
  broker = await startSecuredBroker({ [READER]: READS });
  ca = readFileSync(broker.ca, 'utf8');
}, 240_000);
afterAll(async () => {
  await Promise.all(transports.map((transport) => transport.close()));
  await broker?.stop();
});

describe('a topic on a secured Kafka', () => {
  it.each([...SERVICES])('of %s is written by it, and by no other service', async (owner) => {
    const own = accessOf(owner).writes;
    const others = topics.filter((topic) => !own.includes(topic));
    const publisher = await transportOf(principalOf(owner)).publisher();
    const publish = (topic: string) =>
      publisher.publish([{ topic, key: 'k', id: randomUUID(), value: '{}' }]);
    for (const topic of own) await publish(topic);
    for (const topic of others) {
      await expect(publish(topic)).rejects.toThrow('Topic authorization failed');
    }
    await publisher.close();
  });

  it.each([...SERVICES])(
    'is read by %s where it acts on it, in its own group',
    async (service: Service) => {
      const transport = transportOf(principalOf(service));
      const { reads } = accessOf(service);
      await transport.ensureTopics(reads);
      await readAll(transport, service, reads);
      const foreign = topics.find((topic) => !reads.includes(topic)) ?? '';
      await expect(readAll(transport, service, [foreign])).rejects.toEqual(REFUSED);
      const another = service === 'hours' ? 'funding' : 'hours';
      await expect(transport.lag(another, reads)).rejects.toEqual(REFUSED);
    },
  );

  it('is read as a whole by a service that builds a view again, and by whoever is on duty', async () => {
    for (const [principal, client] of [
      ['yanxiu-hours', 'yanxiu-hours'],
      [DUTY, 'yanxiu-cli'],
    ] as const) {
      const seen: string[] = [];
      await transportOf(principal, client).read({
        topics: ['personnel.teacher'],
        onBatch: async (batch) => void seen.push(...batch.map(({ topic }) => topic)),
      });
      expect(new Set(seen)).toEqual(new Set(['personnel.teacher']));
    }
    await expect(send(transportOf(DUTY), 'personnel.teacher')).rejects.toEqual(REFUSED);
  });

  it('is read downstream where that is granted, and never written', async () => {
    const transport = transportOf(READER);
    // Events and snapshots are two subscriptions.
    for (const topic of READS) await readAll(transport, READER, [topic]);
    await expect(readAll(transport, READER, ['hours.decision'])).rejects.toEqual(REFUSED);
    await expect(send(transport, 'hours.compliance')).rejects.toEqual(REFUSED);
  });

  it('is made by the administrator alone', async () => {
    const transport = transportOf('yanxiu-hours');
    await expect(transport.ensureTopics(['hours.new'])).rejects.toThrow(
      'Kafka does not show hours.new to this login: have an administrator run infra/kafka/acls.mjs',
    );
    const admin = broker.clientOf().admin();
    await admin.connect();
    expect((await admin.listTopics()).filter((name) => !name.startsWith('__')).sort()).toEqual(
      topics,
    );
    await admin.disconnect();
  });
});

describe('rights on a secured Kafka', () => {
  it('stay as they are when they are applied again, and lose what is too much', async () => {
    expect(await applyAcls(broker.clientOf(), rights)).toMatchObject({ topics: 0, removed: 0 });
    const admin = broker.clientOf().admin();
    await admin.connect();
    const [first] = rights;
    if (!first) throw new Error('no rights');
    await admin.createAcls({
      acl: [
        {
          ...first,
          principal: 'User:yanxiu-hours',
          resourceType: AclResourceTypes.TOPIC,
          resourceName: 'funding.requirement',
          operation: AclOperationTypes.WRITE,
        },
      ],
    });
    await admin.disconnect();
    const transport = transportOf('yanxiu-hours');
    await until(() => send(transport, 'funding.requirement').then(() => true));
    expect(await applyAcls(broker.clientOf(), rights)).toMatchObject({ removed: 1 });
    await until(() =>
      send(transport, 'funding.requirement').then(
        () => false,
        () => true,
      ),
    );
  });
});

describe('a client that a secured Kafka does not know', () => {
  const unknown: [string, (known: Required<KafkaSettings>) => KafkaSettings, RegExp][] = [
    ['in the clear', ({ brokers }) => ({ brokers }), /^KAFKA_BROKERS: .*KAFKA_CA, KAFKA_USERNAME/],
    [
      'without a login',
      ({ brokers, ca: pem }) => ({ brokers, ca: pem }),
      /^KAFKA_BROKERS: .*a login: KAFKA_USERNAME/,
    ],
    [
      'with a wrong password',
      ({ login, ...rest }) => ({ ...rest, login: { ...login, password: 'wrong' } }),
      /^KAFKA_USERNAME, KAFKA_PASSWORD: .*uthentication/,
    ],
    [
      'with a name that is not there',
      ({ login, ...rest }) => ({ ...rest, login: { ...login, username: 'nobody' } }),
      /^KAFKA_USERNAME, KAFKA_PASSWORD: /,
    ],
    [
      'that trusts another authority',
      ({ brokers, login }) => ({ brokers, login }),
      /^KAFKA_CA: .*certificate/,
    ],
  ];

  const inTime = async (told: Promise<unknown>): Promise<void> => {
    const since = performance.now();
    await told;
    expect(performance.now() - since).toBeLessThan(10_000);
  };

  it.each(unknown)(
    '(%s) is told so in time, when it is checked and when it starts',
    async (...of) => {
      const [, change, message] = of;
      const settings = change(settingsOf('yanxiu-hours'));
      await inTime(expect(checkKafka(settings)).rejects.toThrow(message));
      const log = pino({ level: 'silent' });
      const transport = new KafkaTransport({ ...settings, clientId: 'unknown', log });
      await inTime(expect(transport.ensureTopics(['hours.decision'])).rejects.toThrow(message));
    },
  );

  it('is let in with the right ones', async () => {
    await checkKafka(settingsOf('yanxiu-hours'));
  });
});
