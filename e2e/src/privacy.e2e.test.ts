import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import pg from 'pg';
import { redisIsThere, startRedis, type TestRedis } from '@yanxiu/testkit/redis';
import { startSystem, type System } from '@yanxiu/testkit/system';
import { Office, type Person } from './privacy/office.js';
import { wrongClaims, wrongQuestions } from './privacy/wrong.js';
import { findPlaces } from './story/preparation.js';
import { World } from './story/world.js';

const [TODAY, NEXT_DAY] = ['2025-11-20', '2025-11-21'] as const;

let system: System;
let world: World;
let folder: string;
let dataDir: string;
let office: Office;
let redis: TestRedis | undefined;
const people: Person[] = [];

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'yanxiu-privacy-'));
  // Kept when the platform has stopped, to be searched.
  dataDir = await mkdtemp(path.join(tmpdir(), 'yanxiu-system-'));
  if (redisIsThere()) redis = await startRedis();
  system = await startSystem({
    transport: 'postgres',
    dataDir,
    size: 'bare',
    today: TODAY,
    clockOffsetMs: Date.parse(`${TODAY}T10:00:00+08:00`) - Date.now(),
    ...(redis && { env: { REDIS_URL: redis.url } }),
    startLimitMs: 540_000,
  });
  world = new World(system);
  await findPlaces(world);
  office = new Office(world);
});
afterAll(async () => {
  await system?.stop();
  await redis?.stop();
  for (const each of [folder, dataDir]) await rm(each, { recursive: true, force: true });
});

describe('numbers that are put in', () => {
  it('are taken where they belong, and opened for a purpose', async () => {
    people.push(await office.person(), await office.person());
    for (const { id, idNumber } of people) expect(await office.revealed(id)).toBe(idNumber);
    for (const { id } of people) await office.creditHours(id);
  });

  it('are refused in the wrong column and in bad rows', async () => {
    const [known] = people;
    const wrong = [
      office.row({ unitCode: office.canaries.idNumber('unit code') }),
      office.row({ stage: office.canaries.idNumber('stage') }),
      office.row({ ladder: office.canaries.idNumber('ladder') }),
      office.row({ roles: [office.canaries.idNumber('role')] }),
      office.row({ hiredOn: office.canaries.idNumber('first day') }),
      office.row({ subject: office.canaries.idNumber('subject') }),
      office.row({ title: office.canaries.phone('title') }),
      office.row({ phone: office.canaries.idNumber('phone') }),
      office.row({ idNumber: office.canaries.phone('ID number') }),
      office.row({ idNumber: `${office.canaries.idNumber('one digit more')}1` }),
      office.row({ idNumber: known?.idNumber, name: office.canaries.name('another name') }),
    ].map((each, n) => ({ ...each, rowNumber: n + 1 }));
    expect(new Set((await office.register(wrong)).map(({ status }) => status))).toEqual(
      new Set(['REJECTED']),
    );
  });

  it('are refused in claims and notes', async () => {
    const [known] = people;
    const self = { persona: 'teacher', teacher: known?.id ?? '' };
    const submit = `mutation ($input: SubmitClaimInput!) { submitClaim(input: $input) {
      claim { id } } }`;
    for (const claim of wrongClaims(known?.id ?? '', office.canaries)) {
      const { errors } = await office.ask(submit, { input: { claim } }, self);
      expect([claim, errors?.[0]?.extensions?.['code']]).toEqual([claim, 'REFUSED']);
    }
    const note = office.canaries.idNumber('note');
    expect(await office.noted(known?.id ?? '', note)).toBe('BAD_USER_INPUT');
    const copy = `query ($id: ID, $purpose: String) {
      personnelPersonalData(teacherId: $id, purpose: $purpose) { teacherId } }`;
    const purpose = { id: known?.id, purpose: office.canaries.phone('purpose') };
    expect((await office.ask(copy, purpose)).errors).toHaveLength(1);
    const erase =
      'mutation ($input: ErasePersonInput!) { erasePerson(input: $input) { teacher { id } } }';
    const reason = { teacherId: known?.id, reason: office.canaries.idNumber('reason') };
    expect((await office.ask(erase, { input: reason })).errors).toHaveLength(1);
  });

  it('provoke errors that do not repeat them', async () => {
    const number = (where: string) => office.canaries.idNumber(`wrong: ${where}`);
    for (const [query, variables] of wrongQuestions(number)) {
      // A list that has no such thing is as good an answer as a refusal.
      const { data, errors } = await office.ask(query, variables);
      const values = Object.values(data ?? {});
      expect([query, errors !== undefined || values.every((each) => each === null)]).toEqual([
        query,
        true,
      ]);
    }
    const headers = {
      'content-type': 'application/json',
      'x-request-id': number('request id'),
      'yanxiu-acting-as': number('role'),
      authorization: `Bearer ${number('token')}`,
    };
    for (const body of [
      '{"query":"{ me { id } }"}',
      number('a body'),
      `{"id":"${number('hash')}"}`,
    ]) {
      const got = await fetch(`${system.url}/graphql`, { method: 'POST', headers, body });
      office.answers.push(await got.text());
    }
    const persona = JSON.stringify({ persona: number('persona') });
    const token = await fetch(`${system.url}/auth/token`, {
      ...{ method: 'POST', body: persona },
      headers: { 'content-type': 'application/json', origin: system.url },
    });
    office.answers.push(await token.text());
    office.answers.push(
      await (await fetch(`${system.url}/graphql?query=${number('address')}`)).text(),
    );
  });

  it('stay out of the cache of queries, with the document that holds them', async () => {
    const query = `{ teachers(subject: "${office.canaries.idNumber('cached document')}") { nodes { id } } }`;
    const sha256Hash = createHash('sha256').update(query).digest('hex');
    const extensions = { persistedQuery: { version: 1, sha256Hash } };
    const got = await fetch(`${system.url}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${await system.token('analyst')}`,
      },
      body: JSON.stringify({ query, extensions }),
    });
    expect(await got.json()).toMatchObject({ data: { teachers: { nodes: [] } } });
  });

  it('come through files, good rows and bad, and out again without', async () => {
    const lines = [
      office.row(),
      office.row({ unitCode: office.canaries.idNumber('file: unit') }),
      office.row({ hiredOn: 'x' }),
    ];
    const roster = path.join(folder, 'roster.csv');
    const text = lines.map((line) =>
      [line.name, line.idNumber, line.phone, line.unitCode, '小学', line.hiredOn].join(),
    );
    await writeFile(roster, `姓名,身份证号,手机号,单位代码,学段,入职日期\n${text.join('\n')}\n`);
    const claims = path.join(folder, 'claims.csv');
    await writeFile(
      claims,
      `教师编号,来源,类别,方式,名称,日期,分钟,证明材料,证明SHA256,文件大小\n` +
        `${office.canaries.idNumber('file: claim')},自主学习,SUBJECT,自学,研修,2025-10-08,90,a.pdf,${'b'.repeat(64)},9\n`,
    );
    const org = ['--org', world.places.counties[0]];
    const report = path.join(folder, 'rejected.csv');
    for (const args of [
      ['import', 'teachers', roster, ...org, '--report', report],
      ['import', 'claims', claims, ...org],
      ['export', 'teachers', path.join(folder, 'teachers.csv'), ...org],
      ['export', 'teachers', path.join(folder, 'teachers.xlsx'), ...org],
    ]) {
      const { code, stdout, stderr } = await world.yanxiu(...args);
      office.answers.push(stdout, stderr);
      expect([args, code, stderr]).toEqual([args, args[0] === 'import' ? 2 : 0, stderr]);
    }
    const exported = await readFile(path.join(folder, 'teachers.csv'), 'utf8');
    expect(exported).toContain(people[0]?.name);
    office.answers.push(await readFile(report, 'utf8'));
    expect(office.canaries.in(exported, office.canaries.numbers)).toEqual([]);
  });
});

describe('keys that are exchanged while it runs', () => {
  it('are, both of them, while people are registered and looked up', async () => {
    const rotations = [
      ['rotate', 'personnel'],
      ['rotate', 'personnel', '--hash'],
    ];
    for (const args of rotations) {
      let done = false;
      const meanwhile = (async () => {
        do people.push(await office.person());
        while (!done);
      })();
      const { code, stdout, stderr } = await world.yanxiu('keys', ...args);
      done = true;
      await meanwhile;
      office.answers.push(stdout, stderr);
      expect([args, code, stderr]).toEqual([args, 0, expect.stringContaining('is the active')]);
    }
    const status = await world.yanxiu('keys', 'status', 'personnel');
    office.answers.push(status.stdout);
    for (const { id, idNumber } of people.slice(0, 4))
      expect(await office.revealed(id)).toBe(idNumber);
    // She is found by her number, under the new key of hashes.
    const again = people.slice(0, 100).map(({ idNumber }) => office.row({ idNumber }));
    expect(new Set((await office.register(again)).map(({ status }) => status))).toEqual(
      new Set(['REJECTED']),
    );
  });
});

describe('an erasure', () => {
  it('takes what identifies a person and leaves the sums of hours', async () => {
    const [erased, other] = people;
    const teacherId = erased?.id ?? '';
    const by = office.officer;
    const select = 'teacher { id }';
    await world.act('retireTeacher', 'RetireTeacherInput', { teacherId, on: TODAY }, select, by);
    const before = await world.eventually(
      () => office.report(TODAY),
      (sums) => sums?.total === '4.00',
      'both credits to be reported',
    );
    await system.setClock(`${NEXT_DAY}T10:00:00+08:00`);
    const input = { teacherId, reason: '本人书面申请' };
    await world.act('erasePerson', 'ErasePersonInput', input, select, by);
    const seen = `query ($id: ID!) { teacher(id: $id) { name idNumberMasked erasedAt } }`;
    expect((await office.ask(seen, { id: teacherId })).data?.['teacher']).toEqual({
      ...{ name: null, idNumberMasked: null, erasedAt: expect.any(String) },
    });
    expect(await office.revealed(teacherId)).toBeUndefined();
    expect(await office.revealed(other?.id ?? '')).toBe(other?.idNumber);
    expect(await office.report(TODAY)).toEqual(before);
    const client = new pg.Client({ connectionString: await system.databaseUrl('personnel') });
    await client.connect();
    const { rows } = await client.query(
      `SELECT name_sealed, id_number_sealed, phone_sealed, birth_date_sealed,
         (SELECT count(*)::int FROM id_number_hash h WHERE h.teacher_id = t.id) AS hashes
       FROM teacher t WHERE id = $1`,
      [teacherId],
    );
    await client.end();
    const [gone] = rows as Record<string, unknown>[];
    expect(Object.values(gone ?? {})).toEqual([null, null, null, null, 0]);
    // The number is free: whoever is registered under it is another person.
    const [fresh] = await office.register([office.row({ idNumber: erased?.idNumber })]);
    expect(fresh).toMatchObject({ status: 'REGISTERED' });
    expect(fresh?.teacher?.id).not.toBe(teacherId);
  });
});

describe('afterwards', () => {
  it('no canary is in an answer, in a log, in any table, in the log of events', async () => {
    for (const url of await metricsOf(system)) office.answers.push(await (await fetch(url)).text());
    expect(
      office.answers.flatMap((text) => office.canaries.in(text, office.canaries.numbers)),
    ).toEqual([]);
    expect(office.canaries.in(system.output())).toEqual([]);
    const { tables, found } = await office.canaries.inDatabases(system);
    expect(found).toEqual([]);
    process.stdout.write(
      `${office.canaries.size} canaries, ${office.answers.length} answers, ${tables} tables: none in plain\n`,
    );
    expect(tables).toBeGreaterThan(100);
  });

  it('none is in Redis, if there is one', async () => {
    if (!redis) return;
    const client = new Redis(redis.url);
    try {
      for (const key of await client.keys('*')) {
        expect(office.canaries.in(`${key} ${await client.dump(key)}`)).toEqual([]);
      }
    } finally {
      client.disconnect();
    }
  });

  it('none is in any file: logs, tables on disk, the write-ahead log', async () => {
    await system.stop();
    expect(await office.canaries.inFiles(system.dataDir)).toEqual([]);
  });
});

async function metricsOf(platform: System): Promise<string[]> {
  const { services } = await platform.running();
  const origins = Object.values(services).map(({ port }) => `http://127.0.0.1:${port}`);
  return [platform.url, ...origins].map((origin) => `${origin}/metrics`);
}
