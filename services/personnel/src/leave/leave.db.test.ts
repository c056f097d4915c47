import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { teacherSnapshot } from '@yanxiu/contracts/personnel-state';
import {
  actor,
  datong,
  eventsOf,
  refusalOf,
  idNumber,
  luzhou,
  plantTree,
  publishVersion,
  startPersonnel,
  type Personnel,
} from '../testing/personnel.js';
import { retireTeacher } from '../teacher/commands.js';
import { erasePerson } from '../teacher/erasure.js';
import { registerTeachers } from '../teacher/register.js';
import { endLeave, recordLeave, withdrawLeave, type RecordLeaveInput } from './commands.js';

let personnel: Personnel;
let serial = 0;

beforeAll(async () => {
  personnel = await startPersonnel();
  await plantTree(personnel);
});
afterAll(() => personnel.stop());

/** A teacher of 潞州区第一小学 since September 2022. */
async function newTeacher(): Promise<string> {
  serial += 1;
  const row = { rowNumber: serial, name: '王小明', idNumber: idNumber(serial) };
  const post = { unitCode: '1404030001', stage: 'PRIMARY', hiredOn: '2022-09-01' };
  const { rows } = await registerTeachers(personnel.as(luzhou), { rows: [{ ...row, ...post }] });
  return String(rows[0]?.teacherId);
}

const record = (teacherId: string, more: Partial<RecordLeaveInput> = {}, who = luzhou) =>
  recordLeave(personnel.as(who), {
    teacherId,
    reason: 'MATERNITY',
    from: '2025-03-01',
    to: '2025-08-31',
    ...more,
  });

const refusal = (work: () => Promise<unknown>) => refusalOf(personnel.db, work);

const QUESTION = 'query ($id: ID!) { teacher(id: $id) { leaves { reason from to } } }';

describe('a long leave', () => {
  it('[R33] is told with its days and never with why', async () => {
    const id = await newTeacher();
    const { leaveId } = await record(id);
    await endLeave(personnel.as(luzhou), { leaveId, on: '2025-07-15' });
    const told = await eventsOf(personnel.db, id);
    const leaves = told.filter(({ type }) => type.endsWith('leave-recorded.v1'));
    expect(leaves.map(({ data }) => data)).toEqual([
      { teacherId: id, leaveId, from: '2025-03-01', to: '2025-08-31', withdrawn: false },
      { teacherId: id, leaveId, from: '2025-03-01', to: '2025-07-15', withdrawn: false },
    ]);
    const kept: unknown[] = await personnel.db.query(
      "SELECT 1 FROM outbox WHERE key = $1 AND envelope::text LIKE '%MATERNITY%'",
      [id],
    );
    expect(kept).toEqual([]);
    const [state] = await personnel.db.query<{ leaves: unknown[] }[]>(
      `SELECT envelope->'data'->'leaves' AS leaves FROM outbox
       WHERE envelope->>'type' = $1 AND key = $2 ORDER BY version DESC LIMIT 1`,
      [teacherSnapshot.type, id],
    );
    expect(state?.leaves).toHaveLength(2);
  });

  it('shows why to those who see the ID number, to others the days alone', async () => {
    const id = await newTeacher();
    await record(id);
    const seen = async (who: typeof luzhou) => (await personnel.ask(who, QUESTION, { id })).data;
    const days = { from: '2025-03-01', to: '2025-08-31' };
    expect(await seen(luzhou)).toEqual({ teacher: { leaves: [{ reason: 'MATERNITY', ...days }] } });
    expect(await seen(actor('TEACHER', '1404030001', { teacher: id }))).toEqual({
      teacher: { leaves: [{ reason: 'MATERNITY', ...days }] },
    });
    expect(await seen(actor('ANALYST', '140400'))).toEqual({
      teacher: { leaves: [{ reason: null, ...days }] },
    });
    const [row] = await personnel.db.query<{ sealed: string }[]>(
      'SELECT reason_sealed AS sealed FROM leave WHERE teacher_id = $1',
      [id],
    );
    expect(row?.sealed).not.toContain('MATERNITY');
  });

  it.each<[string, Partial<RecordLeaveInput>, string]>([
    ['a reason that exempts nobody', { reason: 'STUDY' }, 'LEAVE-REASON'],
    ['a last day before the first', { to: '2025-02-28' }, 'LEAVE-DATES'],
    ['a day before her service', { from: '2022-08-31' }, 'LEAVE-DATES'],
    ['a day more than a year ahead', { from: '2026-07-01', to: null }, 'LEAVE-DATES'],
  ])('refuses %s', async (_what, more, rule) => {
    const id = await newTeacher();
    expect(await refusal(() => record(id, more))).toBe(rule);
  });

  it('lies beside no other, until that one ends earlier or is withdrawn', async () => {
    const id = await newTeacher();
    const { leaveId } = await record(id, { to: null });
    const later = { from: '2025-06-01', to: '2025-06-30', reason: 'SICK' as const };
    expect(await refusal(() => record(id, later))).toBe('LEAVE-OVERLAP');
    const end = (on: string) => endLeave(personnel.as(luzhou), { leaveId, on });
    expect(await refusal(() => end('2025-02-28'))).toBe('LEAVE-DATES');
    await end('2025-06-01');
    expect(await refusal(() => record(id, later))).toBe('LEAVE-OVERLAP');
    expect(await refusal(() => end('2025-06-02'))).toBe('LEAVE-DATES');
    await withdrawLeave(personnel.as(luzhou), { leaveId });
    await record(id, later);
    const again = () => withdrawLeave(personnel.as(luzhou), { leaveId });
    expect(await refusal(again)).toBe('NOT_FOUND');
    const { data } = await personnel.ask(luzhou, QUESTION, { id });
    expect(data).toEqual({
      teacher: { leaves: [{ reason: 'SICK', from: '2025-06-01', to: '2025-06-30' }] },
    });
  });

  it('is for those who answer for the teacher, while she is in service', async () => {
    const id = await newTeacher();
    const { leaveId } = await record(id);
    expect(await refusal(() => record(id, {}, datong))).toBe('NOT_FOUND');
    expect(await refusal(() => endLeave(personnel.as(datong), { leaveId, on: '2025-04-01' }))).toBe(
      'NOT_FOUND',
    );
    const analyst = actor('ANALYST', '140403');
    expect(await refusal(() => record(id, {}, analyst))).toBe('FORBIDDEN');
    await retireTeacher(personnel.as(luzhou), { teacherId: id, on: '2025-06-29' });
    expect(await refusal(() => record(id, { from: '2025-05-01', to: null }))).toBe(
      'TEACHER-RETIRED',
    );
  });

  it('is ended and withdrawn after her retirement too, by those who answer for her', async () => {
    const id = await newTeacher();
    const { leaveId } = await record(id, { to: null });
    await retireTeacher(personnel.as(luzhou), { teacherId: id, on: '2025-06-29' });
    const end = (on: string, who = luzhou) => endLeave(personnel.as(who), { leaveId, on });
    expect(await refusal(() => end('2025-04-30', datong))).toBe('NOT_FOUND');
    expect(await refusal(() => end('2025-02-28'))).toBe('LEAVE-DATES');
    await end('2025-04-30');
    const shown = async () => (await personnel.ask(luzhou, QUESTION, { id })).data;
    expect(await shown()).toEqual({
      teacher: { leaves: [{ reason: 'MATERNITY', from: '2025-03-01', to: '2025-04-30' }] },
    });
    const withdraw = (who: typeof luzhou) => withdrawLeave(personnel.as(who), { leaveId });
    expect(await refusal(() => withdraw(datong))).toBe('NOT_FOUND');
    await withdraw(luzhou);
    expect(await shown()).toEqual({ teacher: { leaves: [] } });
    const told = await eventsOf(personnel.db, id);
    expect(told.at(-1)?.data).toEqual({
      ...{ teacherId: id, leaveId, from: '2025-03-01', to: '2025-04-30', withdrawn: true },
    });
  });

  it('has no reason left after an erasure', async () => {
    const id = await newTeacher();
    await record(id);
    await retireTeacher(personnel.as(luzhou), { teacherId: id, on: '2025-06-29' });
    await erasePerson(personnel.as(luzhou), { teacherId: id, reason: 'OWN' });
    const rows = await personnel.db.query('SELECT reason_sealed FROM leave WHERE teacher_id = $1', [
      id,
    ]);
    expect(rows).toEqual([{ reason_sealed: null }]);
  });

  it('[R1] exempts by the parameter in force', async () => {
    await publishVersion(personnel, {
      key: 'personnel.exemptReasons',
      value: ['MATERNITY', 'STUDY'],
      validFrom: '2025-04-01',
      instrument: '晋教师〔2023〕4号',
      article: 'A3',
      quotation: '产假、脱产学习期间按月减免学时',
    });
    const id = await newTeacher();
    const at = (from: string) => record(id, { reason: 'STUDY', from, to: from });
    expect(await refusal(() => at('2025-03-31'))).toBe('LEAVE-REASON');
    await at('2025-04-01');
  });
});
