import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  leaveRecorded,
  orgUnitRegistered,
  teacherRetired,
  teacherTransferred,
} from '@yanxiu/contracts/personnel';
import { deliver } from '@yanxiu/testkit/events';
import { complete, days, hire, newId, participation, startProvince } from '../testing/province.js';
import { OTHER_SCHOOL, SCHOOL, type Province } from '../testing/province.js';
import { unitOn } from './queries.js';

let province: Province;
beforeAll(async () => {
  province = await startProvince();
});
afterAll(() => province.stop());

const verdict = async (teacherId: string) => {
  const rows: object[] = await province.db.query(
    `SELECT verdict, required_centihours AS required FROM yearly_compliance
     WHERE teacher_id = $1 AND year = 2025 AND changed_at IS NOT NULL`,
    [teacherId],
  );
  return rows[0];
};

const told = async (teacherId: string) => {
  const rows: { data: { verdict: string; unitCode: string } }[] = await province.db.query(
    "SELECT envelope->'data' AS data FROM outbox WHERE key = $1 ORDER BY version",
    [teacherId],
  );
  return rows.map(({ data }) => `${data.verdict} ${data.unitCode}`);
};

const transfer = (
  teacherId: string,
  toUnitCode: string,
  sector: 'BASIC' | 'VOCATIONAL',
  on: string,
) =>
  deliver(province.inbox, teacherTransferred, teacherId, {
    teacherId,
    fromUnitCode: SCHOOL,
    toUnitCode,
    sector,
    stage: 'PRIMARY',
    on,
  });

describe('a change of posts', () => {
  it('judges the year anew after a transfer to another sector (A32)', async () => {
    province.clock.now = new Date('2025-07-02T00:00:00Z');
    const teacherId = await hire(province);
    await complete(province, participation(teacherId, days('2025-03-03', 9, 360)));
    expect(await verdict(teacherId)).toEqual({ verdict: 'MET', required: 7200 });
    await transfer(teacherId, '140400901', 'VOCATIONAL', '2025-07-01');
    expect(await verdict(teacherId)).toEqual({ verdict: 'SHORT', required: 8100 });
    expect(await told(teacherId)).toEqual([`MET ${SCHOOL}`, 'SHORT 140400901']);
  });

  it('HOURS-PRORATE: asks of one who retires the months that she served', async () => {
    const teacherId = await hire(province);
    await complete(province, participation(teacherId, days('2025-03-03', 5, 360)));
    expect(await verdict(teacherId)).toEqual({ verdict: 'SHORT', required: 7200 });
    await deliver(province.inbox, teacherRetired, teacherId, {
      teacherId,
      unitCode: SCHOOL,
      on: '2025-06-30',
    });
    expect(await verdict(teacherId)).toEqual({ verdict: 'MET', required: 3600 });
    expect(await told(teacherId)).toEqual([`SHORT ${SCHOOL}`, `MET ${SCHOOL}`]);
  });

  it('[R33] HOURS-PRORATE: asks nothing for months of a long leave, as it was told last', async () => {
    const teacherId = await hire(province);
    await complete(province, participation(teacherId, days('2025-03-03', 5, 360)));
    expect(await verdict(teacherId)).toEqual({ verdict: 'SHORT', required: 7200 });
    const leaveId = newId();
    const tell = (to: string | null, withdrawn = false) =>
      deliver(province.inbox, leaveRecorded, teacherId, {
        ...{ teacherId, leaveId, from: '2025-05-16', to, withdrawn },
      });
    await tell(null);
    expect(await verdict(teacherId)).toEqual({ verdict: 'MET', required: 3000 });
    await tell('2025-08-14');
    expect(await verdict(teacherId)).toEqual({ verdict: 'SHORT', required: 6000 });
    await tell('2025-08-14', true);
    expect(await verdict(teacherId)).toEqual({ verdict: 'SHORT', required: 7200 });
    expect(await told(teacherId)).toEqual([
      ...[`SHORT ${SCHOOL}`, `MET ${SCHOOL}`, `SHORT ${SCHOOL}`],
    ]);
  });

  it('keeps what was known of posts at any time', async () => {
    province.clock.now = new Date('2025-04-01T00:00:00Z');
    const teacherId = await hire(province);
    province.clock.now = new Date('2025-06-10T00:00:00Z');
    await transfer(teacherId, OTHER_SCHOOL, 'BASIC', '2025-05-01');
    const { manager } = province.db;
    const on = (date: string, knownAt: string) =>
      unitOn(manager, teacherId, date, new Date(knownAt));
    expect(await on('2025-05-31', '2025-05-31T16:00:00Z')).toBe(SCHOOL);
    expect(await on('2025-05-31', '2025-06-10T00:00:00Z')).toBe(OTHER_SCHOOL);
    expect(await on('2025-04-30', '2025-06-10T00:00:00Z')).toBe(SCHOOL);
    expect(await on('2020-08-31', '2025-06-10T00:00:00Z')).toBeNull();
  });
});

describe('a reference that is not yet known', () => {
  it('holds a participation until its unit is here', async () => {
    const teacherId = await hire(province);
    const unitCode = '140404002';
    const data = participation(teacherId, days('2025-03-03', 1, 360), { unitCode });
    expect(await complete(province, data)).toBe('held');
    await deliver(province.inbox, orgUnitRegistered, unitCode, {
      code: unitCode,
      parentCode: '140404',
      tier: 'SCHOOL',
      sector: 'BASIC',
      name: '新学校',
      stage: null,
      validFrom: '2025-01-01',
    });
    await province.inbox.retryHeld();
    expect(await verdict(teacherId)).toMatchObject({ verdict: 'SHORT' });
  });

  it('holds a participation for whose dates no parameter is in force', async () => {
    const teacherId = await hire(province);
    const data = participation(teacherId, days('2020-10-05', 1, 360));
    expect(await complete(province, data)).toBe('held');
    expect(await verdict(teacherId)).toBeUndefined();
  });
});
