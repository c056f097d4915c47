import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  actor,
  changzhi,
  datong,
  eventsOf,
  refusalOf,
  idNumber,
  luzhou,
  plantTree,
  province,
  shangdang,
  startPersonnel,
  type Personnel,
} from '../testing/personnel.js';
import { registerOrgUnit } from '../org-unit/commands.js';
import {
  changeTeacherClassification,
  retireTeacher,
  transferTeacher,
  type ChangeTeacherClassificationInput,
  type TransferTeacherInput,
} from './commands.js';
import { registerTeachers } from './register.js';

let personnel: Personnel;

beforeAll(async () => {
  personnel = await startPersonnel();
  await plantTree(personnel);
  await registerOrgUnit(personnel.as(province), {
    code: '1404030003',
    name: '潞州区第二小学',
    tier: 'SCHOOL',
    sector: 'BASIC',
    stage: 'PRIMARY',
    parentCode: '140403',
  });
});

afterAll(() => personnel.stop());

let serial = 0;

/** A teacher of 潞州区第一小学 since September 2010. */
async function newTeacher(): Promise<string> {
  serial += 1;
  const { rows } = await registerTeachers(personnel.as(luzhou), {
    rows: [
      {
        rowNumber: serial,
        name: '王小明',
        idNumber: idNumber(serial),
        unitCode: '1404030001',
        stage: 'PRIMARY',
        subject: '语文',
        hiredOn: '2010-09-01',
      },
    ],
  });
  return String(rows[0]?.teacherId);
}

const refusal = (work: () => Promise<unknown>) => refusalOf(personnel.db, work);

const OTHER = '1404040001';

const transfer = (
  who: typeof luzhou | null,
  teacherId: string,
  more: Partial<TransferTeacherInput>,
) =>
  transferTeacher(personnel.as(who), { teacherId, toUnitCode: OTHER, on: '2025-06-01', ...more });

describe('a transfer', () => {
  it('closes the post the day before and opens one in the new unit', async () => {
    const id = await newTeacher();
    const { data, errors } = await personnel.ask(
      changzhi,
      `mutation ($id: ID!) {
         transferTeacher(input: { teacherId: $id, toUnitCode: "${OTHER}", on: "2025-06-01" }) {
           teacher {
             unit { code }
             may: unitOn(date: "2025-05-31") { code }
             june: unitOn(date: "2025-06-01") { code }
             never: unitOn(date: "2010-08-31") { code }
             posts { unit { code } from to }
           } } }`,
      { id },
    );
    expect(errors).toEqual([]);
    expect(data?.['transferTeacher']).toEqual({
      teacher: {
        unit: { code: OTHER },
        may: { code: '1404030001' },
        june: { code: OTHER },
        never: null,
        posts: [
          { unit: { code: '1404030001' }, from: '2010-09-01', to: '2025-05-31' },
          { unit: { code: OTHER }, from: '2025-06-01', to: null },
        ],
      },
    });
    expect((await eventsOf(personnel.db, id)).at(-1)).toEqual({
      type: 'cn.yanxiu.personnel.teacher.transferred.v1',
      data: {
        teacherId: id,
        fromUnitCode: '1404030001',
        toUnitCode: OTHER,
        sector: 'BASIC',
        stage: 'PRIMARY',
        on: '2025-06-01',
      },
    });
  });

  it('hands the teacher over: the new county finds her, the old one has her in its past lists', async () => {
    const id = await newTeacher();
    await transfer(changzhi, id, {});
    const listed = async (who: typeof luzhou, on: string) => {
      const { data } = await personnel.ask(
        who,
        `{ teachers(on: "${on}", first: 200) { nodes { id name } } }`,
      );
      const page = data?.['teachers'] as unknown as { nodes: { id: string; name: string }[] };
      return page.nodes.find((node) => node.id === id);
    };
    expect(await listed(shangdang, '2025-06-30')).toEqual({ id, name: '王小明' });
    expect(await listed(shangdang, '2025-05-31')).toBeUndefined();
    expect(await listed(luzhou, '2025-06-30')).toBeUndefined();
    expect(await listed(luzhou, '2025-05-31')).toEqual({ id, name: null });
  });

  it('may be dated ahead: until then the teacher is where she is', async () => {
    const id = await newTeacher();
    await transfer(changzhi, id, { on: '2025-09-01' });
    const where = () => personnel.ask(changzhi, `{ teacher(id: "${id}") { unit { code } } }`);
    expect((await where()).data).toEqual({ teacher: { unit: { code: '1404030001' } } });
    personnel.clock.now = new Date('2025-09-01T00:00:00+08:00');
    expect((await where()).data).toEqual({ teacher: { unit: { code: OTHER } } });
    personnel.clock.now = new Date('2025-06-30T10:00:00+08:00');
  });

  it('within one county is for that county', async () => {
    const id = await newTeacher();
    await transfer(luzhou, id, { toUnitCode: '1404030003' });
    expect(await eventsOf(personnel.db, id)).toHaveLength(2);
  });

  it('changes the stage where the new school asks for it', async () => {
    const id = await newTeacher();
    const to = { toUnitCode: '1404000001' };
    expect(await refusal(() => transfer(changzhi, id, to))).toBe('TEACHER-STAGE');
    const stage = 'SECONDARY_VOCATIONAL';
    expect(await refusal(() => transfer(changzhi, id, { ...to, stage, on: '2025-09-01' }))).toBe(
      'TRANSFER-STAGE-DATE',
    );
    await transfer(changzhi, id, { ...to, stage });
    expect((await eventsOf(personnel.db, id)).at(-1)?.data).toMatchObject({
      sector: 'VOCATIONAL',
      stage,
    });
    const { data } = await personnel.ask(
      changzhi,
      `{ teacher(id: "${id}") { stage sector classifications { from stage } } }`,
    );
    expect(data?.['teacher']).toEqual({
      stage,
      sector: 'VOCATIONAL',
      classifications: [
        { from: '2010-09-01', stage: 'PRIMARY' },
        { from: '2025-06-01', stage },
      ],
    });
  });

  it.each<[string, typeof luzhou | null, Partial<TransferTeacherInput>, string]>([
    ['the old county alone', luzhou, {}, 'FORBIDDEN'],
    ['the new county alone', shangdang, {}, 'NOT_FOUND'],
    ['another city', datong, {}, 'NOT_FOUND'],
    ['a coordinator', actor('COORDINATOR', '140400'), {}, 'FORBIDDEN'],
    ['nobody', null, {}, 'UNAUTHENTICATED'],
    ['an officer into a department', changzhi, { toUnitCode: '140404' }, 'TRANSFER-UNIT'],
    ['an officer into nowhere', changzhi, { toUnitCode: '1499990001' }, 'BAD_USER_INPUT'],
    ['an officer into the same school', changzhi, { toUnitCode: '1404030001' }, 'TRANSFER-SAME'],
    ['an officer on the first day', changzhi, { on: '2010-09-01' }, 'TRANSFER-DATE'],
    ['an officer over a year ahead', changzhi, { on: '2026-07-01' }, 'TRANSFER-DATE'],
    ['an officer for no teacher', changzhi, { teacherId: 'nobody' }, 'NOT_FOUND'],
  ])('is refused to %s', async (_, who, more, rule) => {
    const id = await newTeacher();
    expect(await refusal(() => transfer(who, id, more))).toBe(rule);
  });

  it('happens once when asked twice at once', async () => {
    const id = await newTeacher();
    await Promise.all([1, 2].map(() => personnel.db.query('SELECT pg_sleep(0.05)')));
    const outcomes = await Promise.all(
      [0, 1].map(() =>
        transfer(changzhi, id, {}).then(
          () => 'done',
          (error: { extensions?: { rule?: string } }) => error.extensions?.rule,
        ),
      ),
    );
    expect(outcomes.sort()).toEqual(['TRANSFER-SAME', 'done']);
    const open = await personnel.db.query(
      'SELECT unit_code FROM post WHERE teacher_id = $1 AND to_on IS NULL',
      [id],
    );
    expect(open).toEqual([{ unit_code: OTHER }]);
  });
});

describe('a classification', () => {
  const change = (
    who: typeof luzhou,
    teacherId: string,
    more: Partial<ChangeTeacherClassificationInput>,
  ) => changeTeacherClassification(personnel.as(who), { teacherId, from: '2025-06-01', ...more });

  it('[R6] changes from a date, by those responsible, and is told', async () => {
    const id = await newTeacher();
    expect(await refusal(() => change(shangdang, id, { ladder: 'BACKBONE' }))).toBe('NOT_FOUND');
    expect(
      await refusal(() => change(luzhou, id, { ladder: 'BACKBONE', from: '2025-07-01' })),
    ).toBe('CLASSIFICATION-DATE');
    await change(actor('COORDINATOR', '1404030001'), id, {
      ladder: 'BACKBONE',
      roles: ['PRINCIPAL', 'CLASSROOM_TEACHER'],
    });
    expect((await eventsOf(personnel.db, id)).at(-1)).toEqual({
      type: 'cn.yanxiu.personnel.teacher.changed.v1',
      data: {
        teacherId: id,
        stage: 'PRIMARY',
        subject: '语文',
        ladder: 'BACKBONE',
        roles: ['CLASSROOM_TEACHER', 'PRINCIPAL'],
        from: '2025-06-01',
      },
    });
    const { data } = await personnel.ask(
      luzhou,
      `{ teacher(id: "${id}") { ladder roles classifications { from ladder } } }`,
    );
    expect(data?.['teacher']).toEqual({
      ladder: 'BACKBONE',
      roles: ['CLASSROOM_TEACHER', 'PRINCIPAL'],
      classifications: [
        { from: '2010-09-01', ladder: 'NEW' },
        { from: '2025-06-01', ladder: 'BACKBONE' },
      ],
    });
  });

  it.each<[string, Partial<ChangeTeacherClassificationInput>, string]>([
    ['to a stage of another school', { stage: 'HIGHER' }, 'TEACHER-STAGE'],
    ['to no duty', { roles: [] }, 'BAD_USER_INPUT'],
    ['before the first day', { ladder: 'YOUNG', from: '2010-08-31' }, 'CLASSIFICATION-DATE'],
  ])('is refused a change %s', async (_, more, rule) => {
    const id = await newTeacher();
    expect(await refusal(() => change(luzhou, id, more))).toBe(rule);
  });
});

describe('the end of service', () => {
  const retire = (who: typeof luzhou, teacherId: string, on = '2025-06-30') =>
    retireTeacher(personnel.as(who), { teacherId, on });

  it('closes the post, is told, and is final', async () => {
    const id = await newTeacher();
    expect(await refusal(() => retire(shangdang, id))).toBe('NOT_FOUND');
    expect(await refusal(() => retire(luzhou, id, '2025-07-01'))).toBe('RETIRE-DATE');
    expect(await refusal(() => retire(luzhou, id, '2010-08-31'))).toBe('RETIRE-DATE');
    await retire(luzhou, id, '2025-06-15');
    expect((await eventsOf(personnel.db, id)).at(-1)).toEqual({
      type: 'cn.yanxiu.personnel.teacher.retired.v1',
      data: { teacherId: id, unitCode: '1404030001', on: '2025-06-15' },
    });
    const { data } = await personnel.ask(
      luzhou,
      `{ teacher(id: "${id}") { retiredOn unit { code } posts { to } }
         teachers(first: 200) { nodes { id } } }`,
    );
    expect(data?.['teacher']).toEqual({
      retiredOn: '2025-06-15',
      unit: { code: '1404030001' },
      posts: [{ to: '2025-06-15' }],
    });
    const { nodes } = data?.['teachers'] as unknown as { nodes: { id: string }[] };
    expect(nodes.map((node) => node.id)).not.toContain(id);
    expect(await refusal(() => retire(luzhou, id))).toBe('TEACHER-RETIRED');
    expect(await refusal(() => transfer(changzhi, id, {}))).toBe('TEACHER-RETIRED');
  });
});
