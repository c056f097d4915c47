import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Kafka, logLevel } from 'kafkajs';
import { until } from '@yanxiu/testkit/waiting';
import { BOTH, type Case, type Trial } from '../case.js';
import { publishRaw, type Raw } from '../publish.js';
import { untilHeard } from '../quiet.js';
import type { Stage } from '../stage.js';
import { dumpTopics, isSnapshots, type TopicMessage } from '../topics.js';
import { yanxiu } from '../yanxiu.js';

/** As the protocol numbers it; kafkajs's enum cannot be imported by name. */
const TOPIC_RESOURCE = 2;
const TEACHERS = 'personnel.teacher';
const REGISTERED = 'cn.yanxiu.personnel.teacher.registered.v1';
/** Both take a new teacher from the topic. */
const TAKERS = ['training', 'hours'] as const;

/** The good events among the messages, each once. */
function events(messages: readonly TopicMessage[]): TopicMessage[] {
  const seen = new Map<string, TopicMessage>();
  for (const message of messages) {
    if (isSnapshots(message.topic)) continue;
    if (message.id !== undefined && message.version !== undefined) seen.set(message.id, message);
  }
  return [...seen.values()];
}

/** Every event twice more in any order, then everything once more from the start. */
async function deliverAgain(trial: Trial): Promise<void> {
  const { stage, random } = trial;
  const before = await dumpTopics(stage);
  const all = events(before);
  const shuffled = [...all, ...all];
  for (let last = shuffled.length - 1; last > 0; last -= 1) {
    const other = random.int(0, last);
    const [a, b] = [shuffled[last], shuffled[other]];
    if (a && b) [shuffled[last], shuffled[other]] = [b, a];
  }
  await publishRaw(stage, shuffled);
  await publishRaw(stage, all);
  const again = 3 * all.length;
  await trial.expectHit(async () => (await dumpTopics(stage)).length >= before.length + again);
  trial.notes.push(`${again} messages delivered again`);
}

/** Makes the next teacher's event lack a field, as a faulty producer would; gives how to end it. */
async function spoilOne(stage: Stage): Promise<{ original(): Promise<Raw>; end(): Promise<void> }> {
  await stage.sql(
    'personnel',
    `CREATE TABLE faults_original (topic text, key text, value text);
     CREATE FUNCTION faults_spoil() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
     BEGIN
       IF NEW.envelope->>'type' = '${REGISTERED}'
          AND NOT EXISTS (SELECT 1 FROM faults_original) THEN
         INSERT INTO faults_original VALUES (NEW.topic, NEW.key, NEW.envelope::text);
         NEW.envelope := NEW.envelope #- '{data,stage}';
       END IF;
       RETURN NEW;
     END $$;
     CREATE TRIGGER faults_spoil BEFORE INSERT ON outbox
       FOR EACH ROW EXECUTE FUNCTION faults_spoil()`,
  );
  return {
    original: () =>
      until(
        () => stage.sql<Raw>('personnel', 'SELECT * FROM faults_original').then(([row]) => row),
        { message: 'an event to be spoiled' },
      ),
    end: async () => {
      await stage.sql(
        'personnel',
        `DROP TRIGGER faults_spoil ON outbox; DROP FUNCTION faults_spoil();
         DROP TABLE faults_original`,
      );
    },
  };
}

const envelope = (key: string, change: object): string =>
  JSON.stringify({
    specversion: '1.0',
    id: randomUUID(),
    source: '/yanxiu/personnel',
    type: REGISTERED,
    subject: key,
    time: new Date().toISOString(),
    datacontenttype: 'application/json',
    aggregateversion: 1,
    correlationid: randomUUID(),
    data: {},
    ...change,
  });

/** What no consumer can take, by the fault with which it is to be parked. */
const poisons = (run: string): (Raw & { fault: string })[] =>
  [
    { fault: 'BAD_JSON', make: () => '{"half": ' },
    { fault: 'BAD_ENVELOPE', make: (key: string) => envelope(key, { specversion: '2.0' }) },
    { fault: 'BAD_DATA', make: (key: string) => envelope(key, {}) },
    {
      fault: 'BAD_DATA',
      make: (key: string) => envelope(key, { data: { padding: 'x'.repeat(2_000_000) } }),
    },
  ].map(({ fault, make }, index) => {
    const key = `poison-${run}-${index}`;
    return { topic: TEACHERS, key, value: make(key), fault };
  });

/** A version of the event that nobody here knows yet: no poison, consumers go past it. */
function fromTheFuture(run: string): Raw {
  const key = `poison-${run}-newer`;
  const type = REGISTERED.replace(/v1$/, 'v2');
  return { topic: TEACHERS, key, value: envelope(key, { type, data: { anything: 1 } }) };
}

async function passedOver(trial: Trial, { key }: Raw): Promise<void> {
  const { stage } = trial;
  for (const service of TAKERS) {
    await trial.expectHit(async () => {
      const taken = await stage.sql(service, 'SELECT 1 FROM inbox WHERE key = $1 AND version = 1', [
        key,
      ]);
      return taken.length === 1;
    });
    const [row] = await parked(stage, service, [key]);
    if (row) trial.wrong.push(`F22 ${service} parked a newer version as ${row.fault}`);
  }
}

/** Lets the broker take what it would refuse at the door. */
async function allowLarge(stage: Stage): Promise<void> {
  if (stage.transport !== 'kafka') return;
  const admin = new Kafka({
    brokers: [`127.0.0.1:${stage.brokerWire?.port}`],
    logLevel: logLevel.NOTHING,
  }).admin();
  await admin.connect();
  await admin.alterConfigs({
    validateOnly: false,
    resources: [
      {
        type: TOPIC_RESOURCE,
        name: TEACHERS,
        configEntries: [
          { name: 'max.message.bytes', value: '4000000' },
          { name: 'retention.ms', value: '-1' },
        ],
      },
    ],
  });
  await admin.disconnect();
}

const parked = (stage: Stage, service: (typeof TAKERS)[number], keys: string[]) =>
  stage.sql<{ key: string; fault: string; detail: string }>(
    service,
    'SELECT key, fault, detail FROM dead_letter WHERE key = ANY($1)',
    [keys],
  );

async function poison(trial: Trial): Promise<void> {
  const { stage, load } = trial;
  await allowLarge(stage);
  const run = String(trial.random.int(0, 1e9));
  const bad = poisons(run);
  const spoiled = await spoilOne(stage);
  try {
    const newer = fromTheFuture(run);
    await publishRaw(stage, [...bad, newer]);
    const original = await spoiled.original();
    const keys = [...bad.map(({ key }) => key), original.key];
    for (const service of TAKERS) {
      await trial.expectHit(async () => (await parked(stage, service, keys)).length >= keys.length);
      const rows = new Map((await parked(stage, service, keys)).map((row) => [row.key, row]));
      for (const { key, fault } of [...bad, { key: original.key, fault: 'BAD_DATA' }]) {
        const row = rows.get(key);
        if (row?.fault === fault && row.detail) continue;
        trial.wrong.push(`F22 ${service} parked ${key} as ${row?.fault}, not ${fault}`);
      }
    }
    await passedOver(trial, newer);
    // The others go on while the bad one is parked.
    await untilHeard(stage, await load.probe(), 30_000);
    await redrive(trial, original);
  } finally {
    await spoiled.end();
  }
}

/** Each consumer's letter is redriven mended, by the tool of whoever is on duty. */
async function redriveLetters(trial: Trial, original: Raw): Promise<void> {
  const { stage } = trial;
  const file = path.join(stage.folder, 'mended.json');
  await writeFile(file, original.value);
  for (const service of TAKERS) {
    const [letter] = await stage.sql<{ id: string }>(
      service,
      'SELECT id FROM dead_letter WHERE key = $1',
      [original.key],
    );
    const redrive = ['events', 'dead-letters', 'redrive', letter?.id ?? '', '--value', file];
    const told = await yanxiu(stage, ...redrive, '--reason', 'mended', '--url', stage.system.url);
    if (told.code !== 0) trial.wrong.push(`F22 ${service} was not redriven: ${told.text}`);
  }
}

/** The mended event takes effect once, however often it comes, with all that waited for it. */
async function redrive(trial: Trial, original: Raw): Promise<void> {
  const { stage } = trial;
  await redriveLetters(trial, original);
  await publishRaw(stage, [original, original, original]);
  await untilHeard(stage, original.key, 30_000);
  for (const service of TAKERS) {
    await until(
      () =>
        stage
          .sql(service, 'SELECT 1 FROM inbox_held WHERE key = $1', [original.key])
          .then((rows) => rows.length === 0),
      { timeoutMs: 40_000, message: `what waited in ${service} to be taken` },
    );
  }
  const rows = await stage.sql<{ count: number }>(
    'hours',
    'SELECT count(*)::int AS count FROM teacher_post WHERE teacher_id = $1',
    [original.key],
  );
  trial.notes.push(`the mended teacher has ${rows[0]?.count} posts in hours`);
}

/** What is in the topics, and what should not be. */
export const eventCases: readonly Case[] = [
  {
    id: 'F21',
    fault: 'every event delivered three times more, shuffled, and replayed from the start',
    transports: BOTH,
    seeds: 3,
    short: true,
    run: deliverAgain,
  },
  {
    id: 'F22',
    fault: 'poison: bad JSON, unknown version, missing field, 2 MB',
    transports: BOTH,
    seeds: 3,
    short: true,
    run: poison,
  },
];
