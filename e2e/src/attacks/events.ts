import assert from 'node:assert/strict';
import { createHash, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import pg from 'pg';
import { namesOf, urlFor, type Credentials } from '@yanxiu/cli/provision';
import { PARTITIONS } from '@yanxiu/contracts/topic-settings';
import { until } from '@yanxiu/testkit/waiting';
import { answered, type Attack } from './attack.js';
import type { Field } from './field.js';

const TOPIC = 'personnel.teacher';
/** Who acts on it. */
const CONSUMERS = ['training', 'hours'] as const;

type Envelope = Record<string, unknown> & { aggregateversion: number; data: object };

/** One message as it stands in the log. */
interface Message {
  topic: string;
  key: string;
  value: Envelope;
}

const partitionOf = (key: string): number =>
  createHash('sha1').update(key).digest().readUInt32BE(0) % PARTITIONS;

const APPEND = `INSERT INTO log (topic, partition, event_id, key, value)
  VALUES ($1, $2, $3, $4, $5)`;

const valuesOf = ({ topic, key, value }: Message): unknown[] => [
  ...[topic, partitionOf(key), randomUUID(), key, JSON.stringify(value)],
];

/** Writes into the log as whoever owns it: what no role of a service may do. */
async function append(field: Field, message: Message): Promise<void> {
  await field.sql('events', APPEND, valuesOf(message));
  await field.sql('events', "SELECT pg_notify('log', '')");
}

/** Writes into the log with the login of a service, as a broken-in process would. */
async function appendAs(field: Field, service: string, message: Message): Promise<void> {
  const { postgres } = await field.system.running();
  const file = path.join(field.system.dataDir, 'credentials.json');
  const passwords = JSON.parse(await readFile(file, 'utf8')) as Credentials;
  const { services, database } = namesOf('events');
  const user = services?.[service as keyof typeof services] ?? '';
  const url = urlFor(`postgres://127.0.0.1:${postgres?.port}/`, {
    ...{ user, password: passwords[user] ?? '', database },
  });
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(APPEND, valuesOf(message));
    await client.query("SELECT pg_notify('log', '')");
  } finally {
    await client.end();
  }
}

/** The event by which the others know a teacher of the attacker's county. */
async function registered(field: Field): Promise<Message> {
  const [id] = field.places.teachers;
  const rows = await field.sql<{ key: string; value: string }>(
    'events',
    'SELECT key, value FROM log WHERE topic = $1 AND key = $2 ORDER BY seq LIMIT 1',
    [TOPIC, id],
  );
  const [row] = rows;
  assert.ok(row, 'the teacher was never told of');
  return { topic: TOPIC, key: row.key, value: JSON.parse(row.value) as Envelope };
}

/** A transfer of that teacher to the other county, numbered as the next of her events. */
function transfer(field: Field, { value }: Message, changes: object = {}): Envelope {
  const [teacherId] = field.places.teachers;
  const [fromUnitCode, toUnitCode] = field.places.schools;
  return {
    ...value,
    ...{ id: randomUUID(), type: 'cn.yanxiu.personnel.teacher.transferred.v1' },
    aggregateversion: 2,
    data: {
      ...{ teacherId, fromUnitCode, toUnitCode, sector: 'BASIC', stage: 'PRIMARY' },
      on: new Date().toISOString().slice(0, 10),
    },
    ...changes,
  };
}

/** Where each consumer has the teacher, and at which number of her events it stands. */
async function known(field: Field): Promise<Record<string, unknown>> {
  const [id] = field.places.teachers;
  const of = (service: (typeof CONSUMERS)[number], text: string) => field.sql(service, text, [id]);
  const MARK = `SELECT version FROM inbox WHERE topic = '${TOPIC}' AND key = $1`;
  return {
    unit: await of('training', 'SELECT unit_code, retired_on FROM teacher_copy WHERE id = $1'),
    posts: await of(
      'hours',
      'SELECT unit_code, valid_from FROM teacher_post WHERE teacher_id = $1',
    ),
    training: await of('training', MARK),
    hours: await of('hours', MARK),
  };
}

interface Letter {
  id: string;
  fault: string;
}

/** What the operator finds in a service's dead letters of a key. */
async function letters(field: Field, service: string, key: string): Promise<Letter[]> {
  const got = await field.ask(
    `{ ${service}Events { deadLetters(first: 200) { nodes { id key fault } } } }`,
    { persona: 'platform' },
  );
  const events = answered(got)[`${service}Events`] as {
    deadLetters: { nodes: (Letter & { key: string })[] };
  };
  return events.deadLetters.nodes.filter((letter) => letter.key === key);
}

/** Every consumer has taken, or thrown away, all that is in the topic. */
const drained = (field: Field): Promise<unknown> =>
  until(
    async () => {
      const got = await field.ask(
        `{ ${CONSUMERS.map((name) => `${name}Events { lag { topic lag } }`).join(' ')} }`,
        { persona: 'platform' },
      );
      const all = Object.values(answered(got)) as { lag: { topic: string; lag: number }[] }[];
      return all.every((events) =>
        events.lag.every(({ topic, lag }) => topic !== TOPIC || Number(lag) === 0),
      );
    },
    { timeoutMs: 60_000, message: 'the topic to be read' },
  );

/** The login of another service writes what is not its own. */
const byAnother: Attack = {
  name: 'an event in another service’s topic, with a service’s own login to the log',
  async run(field) {
    const genuine = await registered(field);
    const before = await known(field);
    for (const service of ['training', 'hours', 'funding', 'evaluation']) {
      const forged = { ...genuine, value: transfer(field, genuine) };
      await assert.rejects(appendAs(field, service, forged), /row-level security/);
    }
    await drained(field);
    assert.deepEqual(await known(field), before);
  },
};

/** What stands in the log under a wrong origin, whatever let it in. */
const forged: Attack = {
  name: 'a forged event in the log: another’s name on it, or another topic’s type',
  async run(field) {
    const genuine = await registered(field);
    const before = await known(field);
    const changes = [
      { source: '/yanxiu/training' },
      { source: '/yanxiu/attacker' },
      { source: 'https://yanxiu/personnel' },
      { type: 'cn.yanxiu.personnel.org-unit.registered.v1' },
      { type: 'cn.yanxiu.training.project.approved.v1' },
    ];
    for (const change of changes) {
      await append(field, { ...genuine, value: transfer(field, genuine, change) });
    }
    await drained(field);
    for (const service of CONSUMERS) {
      const parked = await letters(field, service, genuine.key);
      const faults = parked.map(({ fault }) => fault);
      assert.equal(faults.length, changes.length, `${service}: ${faults.join()}`);
      const known = ['WRONG_ORIGIN', 'BAD_ENVELOPE'];
      assert.ok(
        faults.every((fault) => known.includes(fault)),
        faults.join(),
      );
      // The operator may throw it away, and never give it to the consumer after all.
      const [letter] = parked.filter(({ fault }) => fault === 'WRONG_ORIGIN');
      const redriven = await field.ask(
        `mutation($input: RedriveDeadLetterInput!) {
          ${service}RedriveDeadLetter(input: $input) { deadLetter { id } } }`,
        {
          persona: 'platform',
          variables: { input: { id: letter?.id, reason: '攻击测试' } },
        },
      );
      assert.ok(redriven.errors.length > 0, `redriven: ${redriven.text}`);
    }
    assert.deepEqual(await known(field), before);
  },
};

/** What was taken once comes again, under its own number and id or under others. */
const replayed: Attack = {
  name: 'a replayed event, and afterwards the real next one',
  async run(field) {
    const genuine = await registered(field);
    const before = await known(field);
    const copies = [
      genuine.value,
      { ...genuine.value, id: randomUUID() },
      { ...genuine.value, id: randomUUID(), data: transfer(field, genuine).data },
      transfer(field, genuine, { aggregateversion: 1 }),
    ];
    for (const value of copies) await append(field, { ...genuine, value });
    await drained(field);
    assert.deepEqual(await known(field), before);
    // Nothing of it has taken the number of what personnel itself says next.
    const [teacherId] = field.places.teachers;
    await field.act(
      'changeTeacherClassification',
      'ChangeTeacherClassificationInput',
      { teacherId, ladder: 'MASTER', from: new Date().toISOString().slice(0, 10) },
      'teacher { id }',
      field.county(0),
    );
    const told = "SELECT ladder FROM teacher_copy WHERE id = $1 AND ladder = 'MASTER'";
    await until(async () => (await field.sql('training', told, [teacherId])).length === 1, {
      timeoutMs: 30_000,
      message: 'the real event to be taken',
    });
  },
};

export const events: readonly Attack[] = [byAnother, forged, replayed];
