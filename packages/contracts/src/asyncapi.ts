import { envelopeSchema, type Envelope } from './envelope.js';
import { sample } from './about/sample.js';
import { published, type Published } from './published.js';
import { dataSchemaOf } from './snapshot.js';
import { PARTITIONS, topicSettings } from './topic-settings.js';

const BINDING = '0.5.0';

/** The example of an event type in its envelope, as it stands on the topic. */
export const exampleEnvelope = (entry: Published): Envelope => ({
  specversion: '1.0',
  id: sample.event,
  source: `/yanxiu/${entry.owner}`,
  type: entry.type,
  subject: exampleKey(entry),
  time: '2025-08-21T08:00:01.000Z',
  datacontenttype: 'application/json',
  aggregateversion: 1,
  correlationid: sample.correlation,
  data: entry.example,
});

/** The key of the example: the field of its data that identifies the aggregate. */
function exampleKey({ topic, example }: Published): string {
  const data = example as Record<string, string>;
  const aggregate = topic.split('.')[1] as string;
  if (aggregate === 'requirement') return `${data['unitCode']}:${data['fiscalYear']}`;
  return data[KEY_FIELDS[aggregate] ?? ''] ?? '';
}

const KEY_FIELDS: Readonly<Record<string, string>> = {
  'org-unit': 'code',
  teacher: 'teacherId',
  policy: 'key',
  'role-assignment': 'assignmentId',
  'annual-plan': 'planId',
  institution: 'institutionId',
  project: 'projectId',
  claim: 'claimId',
  enrolment: 'enrolmentId',
  decision: 'causeId',
  compliance: 'teacherId',
  'project-funds': 'projectId',
  'project-evaluation': 'projectId',
  'institution-rating': 'institutionId',
};

/** The published catalogue as an AsyncAPI 3 document, seen from the platform that sends. */
export function asyncApiDocument(version: string): object {
  const topics = [...new Set(published.map(({ topic }) => topic))];
  const byTopic = topics.map((topic) => [topic, published.filter((e) => e.topic === topic)]);
  const groups = byTopic as [string, [Published, ...Published[]]][];
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Yanxiu events',
      version,
      description:
        'What the services of Yanxiu (研修) tell the world, as CloudEvents 1.0 in structured ' +
        'JSON. A reader acts once per topic, key and `aggregateversion`, and ignores fields and ' +
        'types that it does not know. 平台各服务对外发布的事件目录；消费方只读。',
      license: { name: 'Apache-2.0' },
    },
    defaultContentType: 'application/cloudevents+json',
    servers: {
      kafka: {
        host: '{brokers}',
        protocol: 'kafka',
        description: 'The installation’s brokers, as `KAFKA_BROKERS` names them.',
        variables: { brokers: { default: '127.0.0.1:9092' } },
      },
    },
    channels: Object.fromEntries(groups.map(([topic, entries]) => [topic, channel(entries)])),
    operations: Object.fromEntries(groups.map(([topic, entries]) => [topic, operation(entries)])),
    components: {
      messages: Object.fromEntries(published.map((entry) => [entry.type, message(entry)])),
      schemas: {
        envelope: { ...envelopeSchema, description: 'CloudEvents 1.0, structured JSON mode.' },
        ...Object.fromEntries(published.map((entry) => [entry.type, dataSchemaOf(entry)])),
      },
    },
  };
}

function channel(entries: [Published, ...Published[]]) {
  const [{ topic, key, owner, retention }] = entries;
  const settings = topicSettings[retention];
  return {
    address: topic,
    title: topic,
    description: `Key: ${key}. Owner: ${owner}. Kept: ${retention}.`,
    messages: Object.fromEntries(
      entries.map(({ type }) => [type, { $ref: `#/components/messages/${type}` }]),
    ),
    bindings: {
      kafka: {
        topic,
        partitions: PARTITIONS,
        topicConfiguration: {
          'cleanup.policy': [settings['cleanup.policy']],
          'retention.ms': Number(settings['retention.ms']),
        },
        bindingVersion: BINDING,
      },
    },
    'x-owner': owner,
    'x-retention': retention,
  };
}

function operation(entries: [Published, ...Published[]]) {
  const [{ topic, owner }] = entries;
  const ref = `#/channels/${topic}`;
  return {
    action: 'send',
    channel: { $ref: ref },
    summary: `Sent by ${owner}, in the order of its versions for each key.`,
    messages: entries.map(({ type }) => ({ $ref: `${ref}/messages/${type}` })),
  };
}

function message(entry: Published) {
  return {
    name: entry.type,
    title: entry.zh,
    summary: entry.en,
    contentType: 'application/cloudevents+json',
    headers: { type: 'object', properties: { id: { type: 'string', format: 'uuid' } } },
    payload: {
      allOf: [
        { $ref: '#/components/schemas/envelope' },
        {
          properties: {
            type: { const: entry.type },
            data: { $ref: `#/components/schemas/${entry.type}` },
          },
        },
      ],
    },
    bindings: {
      kafka: { key: { type: 'string', description: entry.key }, bindingVersion: BINDING },
    },
    examples: [{ name: 'example', payload: exampleEnvelope(entry) }],
    'x-data-class': entry.dataClass,
    'x-serves': entry.serves,
  };
}
