import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ROLES, type Actor } from '@yanxiu/subgraph/actor';
import {
  LUZHOU_PRIMARY,
  actor,
  changzhi,
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
import { recordLeave } from '../leave/commands.js';
import { retireTeacher } from './commands.js';
import { registerTeachers } from './register.js';
import { MOST_REVEALS_A_DAY } from './rules.js';

let personnel: Personnel;

beforeAll(async () => {
  personnel = await startPersonnel();
  await plantTree(personnel);
});
afterAll(() => personnel.stop());

const NAME = '欧阳金丝雀';
const PHONE = '13900001111';
let serial = 0;

/** A teacher of 潞州区, with her ID number. */
async function registered(number = idNumber((serial += 1))) {
  const { rows } = await registerTeachers(personnel.as(luzhou), {
    rows: [
      {
        ...{ rowNumber: 1, name: NAME, idNumber: number, phone: PHONE, stage: '小学' },
        ...{ unitCode: LUZHOU_PRIMARY.code, hiredOn: '2010-09-01' },
      },
    ],
  });
  const [row] = rows;
  return { id: row?.teacherId ?? '', number, status: row?.status };
}

const audit = (id: string): Promise<object[]> =>
  personnel.db.query(
    'SELECT actor, action, purpose, note FROM audit WHERE subject_id = $1 ORDER BY at, id',
    [id],
  );

describe('an ID number', () => {
  const REVEAL = `mutation ($input: RevealIdNumberInput!) {
    revealIdNumber(input: $input) { idNumber teacher { id idNumberMasked } } }`;
  const reveal = (who: Actor, input: object) => personnel.ask(who, REVEAL, { input });

  it('is shown to an officer over the teacher, and the audit log says why', async () => {
    const { id, number } = await registered();
    const note = '职称申报材料';
    const { data } = await reveal(luzhou, { teacherId: id, purpose: 'CERTIFICATE', note });
    expect(data?.['revealIdNumber']).toMatchObject({ idNumber: number, teacher: { id } });
    expect(await audit(id)).toEqual([
      {
        ...{ actor: luzhou.subject, action: 'teacher.revealIdNumber' },
        ...{ purpose: 'CERTIFICATE', note },
      },
    ]);
    const all = JSON.stringify(await personnel.db.query('SELECT * FROM audit, idempotency'));
    expect(all).not.toContain(number);
  });

  it('is shown to nobody else, and leaves no row then', async () => {
    const { id } = await registered();
    const input = { teacherId: id, purpose: 'CERTIFICATE' };
    const before = await footprint(personnel.db);
    expect((await reveal(shangdang, input)).errors).toMatchObject([{ code: 'NOT_FOUND' }]);
    const school = actor('OFFICER', LUZHOU_PRIMARY.code);
    expect((await reveal(school, input)).errors).toMatchObject([{ code: 'FORBIDDEN' }]);
    for (const role of ROLES.filter((each) => each !== 'OFFICER')) {
      const { errors } = await reveal(actor(role, '140000', { teacher: id }), input);
      expect(errors).toMatchObject([{ code: 'FORBIDDEN' }]);
    }
    expect((await reveal(luzhou, { teacherId: id })).data).toBeNull();
    expect(await footprint(personnel.db)).toEqual(before);
  });

  it('is no part of the note that is kept', async () => {
    const { id, number } = await registered();
    const input = { teacherId: id, purpose: 'REPORT', note: `号码 ${number}` };
    expect((await reveal(luzhou, input)).errors).toMatchObject([{ code: 'BAD_USER_INPUT' }]);
    expect(await audit(id)).toEqual([]);
  });

  it('is shown so often a day for each account, also when all ask at once', async () => {
    const { id } = await registered();
    const eager = { ...changzhi, subject: 'eager' };
    const input = { teacherId: id, purpose: 'REPORT' };
    const answers = await Promise.all(
      Array.from({ length: MOST_REVEALS_A_DAY + 3 }, () => reveal(eager, input)),
    );
    const refused = answers.flatMap(({ errors }) => errors);
    expect(refused).toHaveLength(3);
    expect(refused[0]).toMatchObject({ code: 'REFUSED', rule: 'REVEAL-DAILY-LIMIT' });
    expect((await reveal(changzhi, input)).errors).toEqual([]);
    const { now } = personnel.clock;
    personnel.clock.now = new Date('2025-07-01T00:00:00+08:00');
    expect((await reveal(eager, input)).errors).toEqual([]);
    personnel.clock.now = now;
  });
});

describe('what is held about a person', () => {
  const DATA = `query ($teacherId: ID, $purpose: String) {
    personnelPersonalData(teacherId: $teacherId, purpose: $purpose) {
      service teacherId sections { name rows } } }`;
  const held = (who: Actor, variables: object) =>
    personnel.ask(who, DATA, variables as Record<string, unknown>);
  const herself = (id: string) => actor('TEACHER', LUZHOU_PRIMARY.code, { teacher: id });

  it('is given to her in full, and noted', async () => {
    const { id, number } = await registered();
    const days = { from: '2025-03-01', to: '2025-08-31' };
    await recordLeave(personnel.as(luzhou), { teacherId: id, reason: 'SICK', ...days });
    const { data, errors } = await held(herself(id), {});
    expect(errors).toEqual([]);
    const { sections } = data?.['personnelPersonalData'] as unknown as {
      sections: { name: string; rows: object[] }[];
    };
    expect(sections).toMatchObject([
      {
        name: 'teacher',
        rows: [{ id, name: NAME, id_number: number, phone: PHONE, birth_date: '1985-06-12' }],
      },
      { name: 'classification', rows: [{ teacher_id: id }] },
      { name: 'post', rows: [{ teacher_id: id, unit_code: LUZHOU_PRIMARY.code }] },
      { name: 'leave', rows: [{ teacher_id: id, reason: 'SICK', from_on: days.from }] },
      { name: 'teacher_unit', rows: [{ teacher_id: id, unit_code: LUZHOU_PRIMARY.code }] },
      { name: 'role_assignment', rows: [] },
    ]);
    expect(JSON.stringify(sections)).not.toContain('sealed');
    expect(await audit(id)).toMatchObject([{ action: 'personal.export', purpose: null }]);
  });

  it('is given to an officer over her for a purpose, masked, and to nobody else', async () => {
    const { id, number } = await registered();
    const asked = { teacherId: id, purpose: '本人书面申请' };
    const given = await held(luzhou, asked);
    expect(given.errors).toEqual([]);
    // In full it leaves by revealIdNumber alone, which counts.
    for (const secret of [number, PHONE, '1985-06-12']) {
      expect(JSON.stringify(given.data)).not.toContain(secret);
    }
    expect(JSON.stringify(given.data)).toContain(`${number.slice(0, 3)}*`);
    expect(await audit(id)).toMatchObject([{ action: 'personal.export', purpose: '本人书面申请' }]);
    const refusals: [Actor, object, string][] = [
      [luzhou, { teacherId: id }, 'BAD_USER_INPUT'],
      [shangdang, asked, 'NOT_FOUND'],
      [herself((await registered()).id), asked, 'NOT_FOUND'],
      [actor('COORDINATOR', LUZHOU_PRIMARY.code), asked, 'FORBIDDEN'],
      [actor('AUDITOR', '140000'), asked, 'FORBIDDEN'],
    ];
    for (const [who, variables, code] of refusals) {
      expect((await held(who, variables)).errors).toMatchObject([{ code }]);
    }
    expect(await audit(id)).toHaveLength(1);
  });
});

describe('an erasure', () => {
  const ERASE = `mutation ($input: ErasePersonInput!) {
    erasePerson(input: $input) { teacher { id name idNumberMasked erasedAt retiredOn } } }`;
  const erase = (who: Actor, teacherId: string, reason = '本人申请删除') =>
    personnel.ask(who, ERASE, { input: { teacherId, reason } });
  const retire = (teacherId: string) =>
    retireTeacher(personnel.as(luzhou), { teacherId, on: '2025-06-20' });

  it('destroys what identifies a retired person and leaves her record', async () => {
    const { id, number } = await registered();
    await retire(id);
    const { data, errors } = await erase(luzhou, id);
    expect(errors).toEqual([]);
    expect(data?.['erasePerson']).toEqual({
      teacher: {
        ...{ id, name: null, idNumberMasked: null, retiredOn: '2025-06-20' },
        erasedAt: personnel.clock.now.toISOString(),
      },
    });
    const [kept] = await personnel.db.query('SELECT * FROM teacher WHERE id = $1', [id]);
    expect(kept).toMatchObject({
      ...{ name_sealed: null, id_number_sealed: null, phone_sealed: null, birth_date_sealed: null },
      ...{ stage: 'PRIMARY', subject: null },
    });
    const hashes = 'SELECT 1 FROM id_number_hash WHERE teacher_id = $1';
    expect(await personnel.db.query(hashes, [id])).toEqual([]);
    const events = await eventsOf(personnel.db, id);
    expect(events.at(-1)).toEqual({
      type: 'cn.yanxiu.personnel.teacher.erased.v1',
      data: { teacherId: id, on: '2025-06-30' },
    });
    expect((await audit(id)).at(-1)).toMatchObject({
      ...{ action: 'teacher.erase', purpose: 'ERASURE', note: '本人申请删除' },
    });
    const again = await registered(number);
    expect(again.status).toBe('REGISTERED');
    expect(again.id).not.toBe(id);
  });

  it('is refused in service, a second time, and to whoever may not', async () => {
    const { id } = await registered();
    const code = async (who: Actor, reason?: string) => {
      const { errors } = await erase(who, id, reason);
      return errors[0]?.rule ?? errors[0]?.code;
    };
    expect(await code(luzhou)).toBe('ERASE-IN-SERVICE');
    await retire(id);
    expect(await code(changzhi)).toBe('FORBIDDEN');
    expect(await code(shangdang)).toBe('FORBIDDEN');
    expect(await code(actor('COORDINATOR', LUZHOU_PRIMARY.code))).toBe('FORBIDDEN');
    expect(await code(luzhou, ' ')).toBe('BAD_USER_INPUT');
    expect(await code(luzhou, '电话 13900001111')).toBe('BAD_USER_INPUT');
    expect(await code(province)).toBeUndefined();
    expect(await code(province)).toBe('PERSON-ERASED');
    const REVEAL = 'mutation ($i: RevealIdNumberInput!) { revealIdNumber(input: $i) { idNumber } }';
    const i = { teacherId: id, purpose: 'REPORT' };
    expect((await personnel.ask(luzhou, REVEAL, { i })).errors[0]?.rule).toBe('PERSON-ERASED');
  });
});
