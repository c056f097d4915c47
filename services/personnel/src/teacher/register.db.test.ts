import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Context } from '@yanxiu/subgraph/context';
import { withoutRowFence } from '@yanxiu/testkit/context';
import {
  actor,
  changzhi,
  datong,
  eventsOf,
  footprint,
  idNumber,
  luzhou,
  plantTree,
  province,
  shangdang,
  startPersonnel,
  type Personnel,
} from '../testing/personnel.js';
import { teacherView } from './queries.js';
import { registerTeachers } from './register.js';
import type { TeacherRow } from './rows.js';
import { idNumberHashes } from './personal.js';

let personnel: Personnel;

beforeAll(async () => {
  personnel = await startPersonnel();
  await plantTree(personnel);
});

afterAll(() => personnel.stop());

let serial = 0;

const row = (more: Partial<TeacherRow> = {}): TeacherRow => ({
  rowNumber: ++serial,
  name: '王小明',
  idNumber: idNumber(serial),
  phone: '13900001234',
  unitCode: '1404030001',
  stage: 'PRIMARY',
  subject: '语文',
  ladder: 'YOUNG',
  hiredOn: '2010-09-01',
  title: '一级教师',
  ...more,
});

const take = (rows: TeacherRow[], who = luzhou, more: { dryRun?: boolean; key?: string } = {}) =>
  registerTeachers(personnel.as(who), {
    rows,
    dryRun: more.dryRun,
    idempotencyKey: more.key,
  });

/** Rules of the problems of the only row. */
const problemsOf = async (given: TeacherRow, who = luzhou) => {
  const { rows } = await take([given], who);
  return rows[0]?.problems.map(({ column, rule }) => `${column} ${rule}`);
};

describe('a roster', () => {
  it('puts the good rows in and reports the bad ones', async () => {
    const good = row();
    const bad = row({ idNumber: '110105194912310021', hiredOn: '2010-02-30' });
    const { rows } = await take([good, bad, row()]);
    expect(rows.map(({ status }) => status)).toEqual(['REGISTERED', 'REJECTED', 'REGISTERED']);
    expect(rows[1]).toEqual({
      rowNumber: bad.rowNumber,
      status: 'REJECTED',
      teacherId: null,
      problems: [
        {
          column: 'idNumber',
          value: '110*************21',
          rule: 'ID-NUMBER-CHECK-DIGIT',
          messageZh: '身份证件号码校验位不符。',
          messageEn: "The ID number's check digit is wrong.",
        },
        expect.objectContaining({ column: 'hiredOn', value: '2010-02-30', rule: 'HIRED-ON-DATE' }),
      ],
    });
    const id = String(rows[0]?.teacherId);
    expect(await eventsOf(personnel.db, id)).toEqual([
      {
        type: 'cn.yanxiu.personnel.teacher.registered.v1',
        data: {
          teacherId: id,
          unitCode: '1404030001',
          sector: 'BASIC',
          stage: 'PRIMARY',
          subject: '语文',
          ladder: 'YOUNG',
          roles: ['CLASSROOM_TEACHER'],
          hiredOn: '2010-09-01',
        },
      },
    ]);
  });

  it.each<[string, Partial<TeacherRow>, string[]]>([
    ['no name', { name: ' ' }, ['name NAME']],
    ['a phone that is none', { phone: 'abc' }, ['phone PHONE']],
    ['an ID number of 17 digits', { idNumber: '11010519491231002' }, ['idNumber ID-NUMBER-FORMAT']],
    [
      'a child',
      { idNumber: idNumber(1, '20150101'), hiredOn: '2024-09-01' },
      ['idNumber ID-NUMBER-BIRTH-DATE'],
    ],
    [
      'an ID number as the subject',
      { subject: '14000019900101900X' },
      ['subject NUMBER-MISPLACED'],
    ],
    ['a phone number as the title', { title: '139 0000 1111' }, ['title NUMBER-MISPLACED']],
    ['an unknown unit', { unitCode: '1499990001' }, ['unitCode UNIT-UNKNOWN']],
    ['an education department', { unitCode: '140403' }, ['unitCode UNIT-NOT-SCHOOL']],
    ['a unit of another county', { unitCode: '1404040001' }, ['unitCode UNIT-JURISDICTION']],
    ['an unknown stage', { stage: '大班' }, ['stage STAGE-UNKNOWN']],
    ['a stage that the school lacks', { stage: '初中' }, ['stage STAGE-UNIT']],
    [
      "another sector's stage",
      { unitCode: '1404030002', stage: 'SECONDARY_VOCATIONAL' },
      ['stage STAGE-UNIT'],
    ],
    ['an unknown rung', { ladder: 'EXPERT' }, ['ladder LADDER-UNKNOWN']],
    ['an unknown duty', { roles: ['PRINCIPAL', 'COOK'] }, ['roles ROLE-UNKNOWN']],
    ['a future first day', { hiredOn: '2025-07-01' }, ['hiredOn HIRED-ON-FUTURE']],
    ['a first day at fifteen', { hiredOn: '2001-06-11' }, ['hiredOn HIRED-ON-AGE']],
    ['a date in words', { hiredOn: '2010年9月' }, ['hiredOn HIRED-ON-DATE']],
  ])('rejects a row with %s and accepts it mended', async (_, wrong, problems) => {
    const good = row();
    expect(await problemsOf({ ...good, ...wrong })).toEqual(problems);
    expect(await problemsOf(good)).toEqual([]);
  });

  it('takes Chinese terms, several stages in one school, and the day of the sixteenth birthday', async () => {
    const given = row({
      unitCode: '1404030002',
      stage: '初中',
      ladder: '骨干',
      hiredOn: '2001-06-12',
    });
    const { rows } = await take([given]);
    const [event] = await eventsOf(personnel.db, String(rows[0]?.teacherId));
    expect(event?.data).toMatchObject({ stage: 'JUNIOR_SECONDARY', ladder: 'BACKBONE' });
  });

  it('changes nothing when it comes again', async () => {
    const roster = [row(), row({ subject: null, ladder: null, phone: null, title: null })];
    const first = await take(roster);
    const before = await footprint(personnel.db);
    const again = await take(roster);
    expect(again.rows.map(({ status }) => status)).toEqual(['UNCHANGED', 'UNCHANGED']);
    expect(again.rows.map((r) => r.teacherId)).toEqual(first.rows.map((r) => r.teacherId));
    expect(await footprint(personnel.db)).toEqual({
      ...before,
      audit: Number(before['audit']) + 1,
    });
  });

  it('names each column that differs from what is registered, masked', async () => {
    const given = row();
    await take([given]);
    const { rows } = await take([
      { ...given, name: '李大山', phone: '13800005678', title: '高级' },
    ]);
    expect(rows[0]?.problems.map(({ column, value }) => [column, value])).toEqual([
      ['name', '李*'],
      ['phone', '138******78'],
      ['title', '高级'],
    ]);
  });

  it('does not tell another county about a teacher', async () => {
    const given = row();
    await take([given]);
    const { rows } = await take([{ ...given, unitCode: '1404040001' }], shangdang);
    expect(rows[0]).toMatchObject({
      status: 'REJECTED',
      teacherId: null,
      problems: [{ column: 'idNumber', rule: 'TEACHER-ELSEWHERE' }],
    });
  });

  it('finds the second of two rows with one ID number', async () => {
    const given = row();
    const twin = row({ idNumber: ` ${given.idNumber.toLowerCase()} ` });
    const { rows } = await take([given, twin]);
    expect(rows.map(({ status }) => status)).toEqual(['REGISTERED', 'REJECTED']);
    expect(rows[1]?.problems[0]).toMatchObject({
      rule: 'ID-NUMBER-DUPLICATE',
      messageZh: `与第 ${given.rowNumber} 行的身份证件号码重复。`,
    });
  });

  it('writes nothing in a dry run but says the same', async () => {
    const roster = [row(), row({ stage: '?' })];
    const before = await footprint(personnel.db);
    const dry = await take(roster, luzhou, { dryRun: true });
    expect(await footprint(personnel.db)).toEqual({
      ...before,
      audit: Number(before['audit']) + 1,
    });
    const real = await take(roster);
    expect(dry.rows.map(({ status }) => status)).toEqual(real.rows.map(({ status }) => status));
    expect(dry.rows[0]?.teacherId).toBeNull();
  });

  it('registers a person once when rosters come at once', async () => {
    // Long enough that they would overlap, and connections are open already.
    const roster = Array.from({ length: 60 }, () => row());
    await Promise.all([1, 2, 3].map(() => personnel.db.query('SELECT pg_sleep(0.05)')));
    const answers = await Promise.all([take(roster), take(roster), take(roster, changzhi)]);
    const statuses = answers.map(({ rows }) => [...new Set(rows.map((r) => r.status))]);
    expect(statuses.flat().sort()).toEqual(['REGISTERED', 'UNCHANGED', 'UNCHANGED']);
  });

  it('answers the same key and roster once, and keeps no personal data for that', async () => {
    const given = row({ name: '欧阳某某' });
    const first = await take([given], luzhou, { key: 'roster-1' });
    expect(await take([given], luzhou, { key: 'roster-1' })).toEqual(first);
    await expect(
      take([{ ...given, name: '欧阳' }], luzhou, { key: 'roster-1' }),
    ).rejects.toMatchObject({ extensions: { code: 'IDEMPOTENCY_KEY_REUSED' } });
    const kept = await personnel.db.query("SELECT * FROM idempotency WHERE key = 'roster-1'");
    expect(JSON.stringify(kept)).not.toContain('欧阳');
    expect(JSON.stringify(kept)).not.toContain(given.idNumber);
  });

  it.each([
    ['a coordinator', actor('COORDINATOR', '1404030001')],
    ['an officer acting for a school', actor('OFFICER', '1404030001')],
    ['an analyst', actor('ANALYST', '140403')],
    ['the platform operator', actor('PLATFORM', '140000')],
  ])('is not taken from %s', async (_, who) => {
    const before = await footprint(personnel.db);
    await expect(take([row()], who)).rejects.toMatchObject({ extensions: { code: 'FORBIDDEN' } });
    expect(await footprint(personnel.db)).toEqual(before);
  });

  it('has at least one and at most 500 rows', async () => {
    await expect(take([])).rejects.toMatchObject({ extensions: { code: 'BAD_USER_INPUT' } });
    const many = Array.from({ length: 501 }, () => row());
    await expect(take(many)).rejects.toMatchObject({ extensions: { code: 'BAD_USER_INPUT' } });
    const { rows } = await take(many.slice(0, 500), province);
    expect(rows.every(({ status }) => status === 'REGISTERED')).toBe(true);
  });
});

describe('personal data', () => {
  const secrets = { name: '司马秘密', idNumber: idNumber(901, '19790317'), phone: '13755556666' };

  it('is sealed at rest and absent from every event', async () => {
    const { rows } = await take([row(secrets)]);
    const id = rows[0]?.teacherId;
    const plain = [secrets.name, secrets.idNumber, secrets.phone, '1979-03-17', '19790317'];
    const tables = [
      'teacher',
      'id_number_hash',
      'post',
      'classification',
      'outbox',
      'audit',
      'idempotency',
    ];
    for (const table of tables) {
      const everything = JSON.stringify(await personnel.db.query(`SELECT * FROM ${table}`));
      for (const secret of plain) expect(everything).not.toContain(secret);
    }
    const [keyed] = idNumberHashes(secrets.idNumber);
    const found = await personnel.db.query(
      'SELECT teacher_id AS id FROM id_number_hash WHERE key_id = $1 AND hash = $2',
      [keyed?.keyId, keyed?.hash],
    );
    expect(found).toEqual([{ id }]);
  });

  it('does not open in another row or column', async () => {
    const [a, b] = (await take([row(), row({ name: '另一人' })])).rows.map((r) => r.teacherId);
    await personnel.db.query(
      `UPDATE teacher SET name_sealed = (SELECT name_sealed FROM teacher WHERE id = $1)
       WHERE id = $2`,
      [a, b],
    );
    const names = await Promise.all(
      [a, b].map((id) => personnel.ask(luzhou, `{ teacher(id: "${id}") { name } }`)),
    );
    expect(names.map(({ data }) => data)).toEqual([
      { teacher: { name: '王小明' } },
      { teacher: { name: null } },
    ]);
    expect(names[1]?.errors).toHaveLength(1);
  });

  it('is shown to those responsible and to the teacher alone', async () => {
    const { rows } = await take([row({ name: '赵一', idNumber: idNumber(902) })]);
    const id = String(rows[0]?.teacherId);
    const full = { id, name: '赵一', idNumberMasked: '999*************', stage: 'PRIMARY' };
    const reference = async (who: typeof luzhou | null) => {
      const { data } = await personnel.ask(
        who,
        `query ($refs: [_Any!]!) { _entities(representations: $refs) {
           ... on Teacher { id name idNumberMasked stage unit { code } } } }`,
        { refs: [{ __typename: 'Teacher', id }] },
      );
      return (data?.['_entities'] as unknown as Record<string, unknown>[])[0];
    };
    for (const who of [
      luzhou,
      changzhi,
      province,
      actor('COORDINATOR', '1404030001'),
      actor('TEACHER', '1404030001', { teacher: id }),
    ]) {
      const seen = await reference(who);
      expect(seen).toMatchObject({
        ...full,
        idNumberMasked: expect.stringMatching(/^999\*{13}..$/),
      });
    }
    for (const who of [
      actor('INSTITUTION', '140000', { institution: 'X' }),
      actor('ANALYST', '140400'),
      actor('AUDITOR', '140400'),
    ]) {
      const masked = { id, name: '赵*', idNumberMasked: null, stage: 'PRIMARY' };
      expect(await reference(who)).toMatchObject(masked);
    }
    const nothing = { id, name: null, idNumberMasked: null, stage: null, unit: null };
    for (const who of [
      datong,
      shangdang,
      actor('COORDINATOR', '1404030002'),
      actor('TEACHER', '1404030001', { teacher: idNumber(1) }),
      actor('ANALYST', '140200'),
      actor('FINANCE', '140400'),
      actor('EVALUATOR', '140000'),
      actor('PLATFORM', '140000'),
      null,
    ]) {
      expect(await reference(who)).toEqual(nothing);
    }
  });

  it('is searched within the jurisdiction alone', async () => {
    const { rows } = await take([row({ subject: '天文' })]);
    const id = String(rows[0]?.teacherId);
    const find = (who: typeof luzhou) => personnel.ask(who, `{ teacher(id: "${id}") { id } }`);
    expect((await find(luzhou)).data).toEqual({ teacher: { id } });
    for (const [who, code] of [
      [shangdang, 'NOT_FOUND'],
      [actor('INSTITUTION', '140000'), 'NOT_FOUND'],
      [actor('FINANCE', '140400'), 'FORBIDDEN'],
      [actor('PLATFORM', '140000'), 'FORBIDDEN'],
    ] as const) {
      expect(await find(who)).toMatchObject({ data: { teacher: null }, errors: [{ code }] });
    }
    const seen = async (context: Context) => (await teacherView(context, id))?.access.listed;
    expect(await seen(personnel.as(changzhi))).toBe(true);
    for (const who of [shangdang, datong]) {
      expect(await seen(withoutRowFence(personnel.as(who)))).toBe(false);
    }
    const list = (who: typeof luzhou, under: string | null = null) =>
      personnel.ask(
        who,
        `query ($under: ID) { teachers(under: $under, subject: "天文") { nodes { id } } }`,
        { under },
      );
    expect((await list(changzhi)).data).toEqual({ teachers: { nodes: [{ id }] } });
    expect((await list(changzhi, '1404030001')).data).toEqual({ teachers: { nodes: [{ id }] } });
    expect((await list(datong)).data).toEqual({ teachers: { nodes: [] } });
    expect((await list(datong, '140403')).errors).toMatchObject([{ code: 'NOT_FOUND' }]);
    for (const who of [actor('TEACHER', '1404030001'), actor('PLATFORM', '140000')]) {
      expect((await list(who)).errors).toMatchObject([{ code: 'FORBIDDEN' }]);
    }
    const herself = actor('TEACHER', '1404030001', { teacher: id });
    expect((await personnel.ask(herself, '{ me { id name } }')).data).toEqual({
      me: { id, name: '王小明' },
    });
  });
});
