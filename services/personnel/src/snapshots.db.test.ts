import { afterAll, beforeAll, expect, it } from '@jest/globals';
import {
  orgUnitSnapshot,
  policySnapshot,
  teacherSnapshot,
} from '@yanxiu/contracts/personnel-state';
import { moveOrgUnit } from './org-unit/commands.js';
import { changeTeacherClassification, retireTeacher, transferTeacher } from './teacher/commands.js';
import { registerTeachers } from './teacher/register.js';
import {
  changzhi,
  idNumber,
  luzhou,
  plantTree,
  publishVersion,
  snapshotOf,
  startPersonnel,
  type Personnel,
} from './testing/personnel.js';

let personnel: Personnel;
beforeAll(async () => {
  personnel = await startPersonnel();
  await plantTree(personnel);
});
afterAll(() => personnel.stop());

it('say of every unit what the registry knows of it', async () => {
  const move = { code: '1404030001', parentCode: '140404', validFrom: '2025-03-01' };
  await moveOrgUnit(personnel.as(changzhi), move);
  const units: { code: string }[] = await personnel.db.query(
    `SELECT u.code, u.name, u.tier, u.sector, u.stage, coalesce((
       SELECT json_agg(json_build_object(
         'parentCode', p.parent_code, 'validFrom', p.valid_from) ORDER BY p.valid_from)
       FROM org_unit_parent p WHERE p.code = u.code), json_build_array(json_build_object(
         'parentCode', null, 'validFrom', u.valid_from))) AS parents
     FROM org_unit u ORDER BY u.code`,
  );
  expect(units).toHaveLength(9);
  for (const unit of units) {
    const { data } = await snapshotOf(personnel.db, orgUnitSnapshot, unit.code);
    expect(data).toEqual(unit);
  }
  const moved = await snapshotOf(personnel.db, orgUnitSnapshot, move.code);
  expect(moved.aggregateversion).toBe(2);
  expect(moved.data.parents).toHaveLength(2);
});

it('say of a parameter every version of it', async () => {
  const more = { instrument: '晋教师〔2023〕4号', article: 'A7', quotation: '自定' };
  const given = { key: 'hours.higher.annual', value: 4_000, validFrom: '2025-01-01' };
  await publishVersion(personnel, { ...given, ...more, scopeCode: '140400' });
  const keys: { key: string; versions: unknown[] }[] = await personnel.db.query(
    `SELECT key, json_agg(json_build_object('version', version, 'value', value, 'scopeCode',
       scope_code, 'validFrom', valid_from, 'validTo', valid_to) ORDER BY version) AS versions
     FROM policy GROUP BY key`,
  );
  expect(keys.length).toBeGreaterThan(10);
  for (const { key, versions } of keys) {
    const { data, aggregateversion } = await snapshotOf(personnel.db, policySnapshot, key);
    expect(data.key).toBe(key);
    expect(data.versions).toMatchObject(versions);
    expect(aggregateversion).toBe(versions.length);
  }
});

it('say of a teacher every post and classification, and when it ends', async () => {
  const { rows } = await registerTeachers(personnel.as(luzhou), {
    rows: [
      {
        rowNumber: 1,
        name: '王小明',
        idNumber: idNumber(801),
        phone: '13700000000',
        unitCode: '1404030002',
        stage: 'PRIMARY',
        ladder: 'YOUNG',
        hiredOn: '2010-09-01',
      },
    ],
  });
  const teacherId = String(rows[0]?.teacherId);
  const toUnitCode = '1404040001';
  await transferTeacher(personnel.as(changzhi), { teacherId, toUnitCode, on: '2025-06-01' });
  await changeTeacherClassification(personnel.as(changzhi), {
    teacherId,
    ladder: 'BACKBONE',
    from: '2025-06-15',
  });
  await retireTeacher(personnel.as(changzhi), { teacherId, on: '2025-06-30' });
  const { data, aggregateversion } = await snapshotOf(personnel.db, teacherSnapshot, teacherId);
  expect(aggregateversion).toBe(4);
  expect(data).toMatchObject({
    teacherId,
    hiredOn: '2010-09-01',
    retiredOn: '2025-06-30',
    posts: [
      { unitCode: '1404030002', sector: 'BASIC', stage: 'PRIMARY', from: '2010-09-01' },
      { unitCode: toUnitCode, sector: 'BASIC', stage: 'PRIMARY', from: '2025-06-01' },
    ],
    classifications: [
      { stage: 'PRIMARY', ladder: 'YOUNG', from: '2010-09-01' },
      { stage: 'PRIMARY', ladder: 'BACKBONE', from: '2025-06-15' },
    ],
  });
  expect(JSON.stringify(data)).not.toMatch(/王小明|13700000000/);
});
