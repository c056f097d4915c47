import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { deliver } from '@yanxiu/testkit/events';
import { participationCompleted } from '@yanxiu/contracts/training';
import {
  complete,
  days,
  hire,
  newId,
  participation,
  session,
  startProvince,
  type Province,
} from '../testing/province.js';
import type { StoredLine } from './trace.js';

let province: Province;
beforeAll(async () => {
  province = await startProvince();
});
afterAll(() => province.stop());

const rows = <T>(sql: string, parameters: unknown[]): Promise<T[]> =>
  province.db.query(sql, parameters);

const balances = (teacherId: string) =>
  rows<{ year: number; centihours: number }>(
    `SELECT year, sum(centihours)::int AS centihours FROM hour_entry WHERE teacher_id = $1
     GROUP BY year HAVING sum(centihours) <> 0 ORDER BY year`,
    [teacherId],
  );

const verdict = async (teacherId: string, year: number) =>
  (
    await rows<{ verdict: string; centihours: number }>(
      'SELECT verdict, centihours FROM yearly_compliance WHERE teacher_id = $1 AND year = $2',
      [teacherId, year],
    )
  )[0];

const told = (key: string) =>
  rows<{ type: string; data: Record<string, unknown> }>(
    `SELECT envelope->>'type' AS type, envelope->'data' AS data FROM outbox WHERE key = $1
     ORDER BY version`,
    [key],
  );

const decisions = (causeId: string) =>
  rows<{ rule: string | null; trace: StoredLine[] }>(
    'SELECT rule, trace FROM recognition_decision WHERE cause_id = $1 ORDER BY sequence',
    [causeId],
  );

describe('participation.completed', () => {
  it('[R110] credits what was attended once, and refuses one absent for a quarter with its trace', async () => {
    const teacherId = await hire(province);
    const attended = participation(teacherId, days('2025-03-03', 5, 360));
    expect(await complete(province, attended)).toBe('applied');
    expect(await balances(teacherId)).toEqual([{ year: 2025, centihours: 4000 }]);
    expect((await told(attended.participationId)).map(({ type }) => type)).toEqual([
      'cn.yanxiu.hours.hours.credited.v1',
    ]);
    const missed = participation(teacherId, days('2025-04-07', 4, 360, 270));
    await complete(province, missed);
    const [decision] = await decisions(missed.participationId);
    expect(decision).toMatchObject({ rule: 'HOURS-ABSENCE' });
    expect(decision?.trace.map(([step]) => step)).toEqual(['ATTENDED', 'ABSENCE']);
    const [event] = await told(missed.participationId);
    expect(event).toMatchObject({
      type: 'cn.yanxiu.hours.hours.refused.v1',
      data: { rule: 'HOURS-ABSENCE', causeId: missed.participationId },
    });
    expect(await balances(teacherId)).toEqual([{ year: 2025, centihours: 4000 }]);
  });

  it('HOURS-ONCE: delivered three times, and told again under another event, credits once', async () => {
    const teacherId = await hire(province);
    const data = participation(teacherId, days('2025-03-03', 2, 360));
    const key = data.enrolmentId;
    const outcomes = [
      await deliver(province.inbox, participationCompleted, key, data, 1),
      await deliver(province.inbox, participationCompleted, key, data, 1),
      await deliver(province.inbox, participationCompleted, key, data, 1),
      await deliver(province.inbox, participationCompleted, key, data, 2),
    ];
    expect(outcomes).toEqual(['applied', 'duplicate', 'duplicate', 'applied']);
    expect(await balances(teacherId)).toEqual([{ year: 2025, centihours: 1600 }]);
    expect(await decisions(data.participationId)).toHaveLength(1);
    expect(await told(data.participationId)).toHaveLength(1);
  });

  it('splits a class from 28 December to 3 January into two years', async () => {
    const teacherId = await hire(province);
    await complete(province, participation(teacherId, days('2024-12-28', 7, 360)));
    expect(await balances(teacherId)).toEqual([
      { year: 2024, centihours: 3200 },
      { year: 2025, centihours: 2400 },
    ]);
    expect(await told(teacherId)).toHaveLength(2);
  });

  it('splits a session from 23:00 on 31 December to 01:00 by local midnight', async () => {
    const teacherId = await hire(province);
    await complete(province, participation(teacherId, [session('2024-12-31T23:00', 120)]));
    expect(await balances(teacherId)).toEqual([
      { year: 2024, centihours: 133 },
      { year: 2025, centihours: 133 },
    ]);
  });

  it('[R33] moves the verdict of basic education from short to met at 72 hours', async () => {
    const teacherId = await hire(province);
    await complete(province, participation(teacherId, days('2025-02-03', 5, 360)));
    expect(await verdict(teacherId, 2025)).toEqual({ verdict: 'SHORT', centihours: 4000 });
    await complete(province, participation(teacherId, days('2025-03-03', 4, 360)));
    expect(await verdict(teacherId, 2025)).toEqual({ verdict: 'MET', centihours: 7200 });
    expect((await told(teacherId)).map(({ data }) => data['verdict'])).toEqual(['SHORT', 'MET']);
  });

  it('[R59] asks 90 hours of a vocational teacher', async () => {
    const unitCode = '140400901';
    const teacherId = await hire(province, { sector: 'VOCATIONAL', unitCode });
    await complete(province, participation(teacherId, days('2025-02-03', 11, 360), { unitCode }));
    expect(await verdict(teacherId, 2025)).toEqual({ verdict: 'SHORT', centihours: 8800 });
    await complete(province, participation(teacherId, days('2025-03-03', 1, 90), { unitCode }));
    expect(await verdict(teacherId, 2025)).toEqual({ verdict: 'MET', centihours: 9000 });
  });

  it('[R74] registers hours of higher education without a threshold, refusing the absent', async () => {
    const unitCode = '140000801';
    const teacherId = await hire(province, { sector: 'HIGHER', unitCode });
    await complete(province, participation(teacherId, days('2025-02-03', 1, 360), { unitCode }));
    expect(await verdict(teacherId, 2025)).toEqual({ verdict: 'NOT_REGULATED', centihours: 800 });
    const missed = participation(teacherId, days('2025-03-03', 1, 360, 0), { unitCode });
    await complete(province, missed);
    expect((await decisions(missed.participationId))[0]?.rule).toBe('HOURS-ABSENCE');
  });

  it('holds a participation aside until its teacher arrives, then applies it', async () => {
    const teacherId = newId();
    const data = participation(teacherId, days('2025-03-03', 1, 360));
    expect(await complete(province, data)).toBe('held');
    expect(await balances(teacherId)).toEqual([]);
    await hire(province, { teacherId });
    await province.inbox.retryHeld();
    expect(await balances(teacherId)).toEqual([{ year: 2025, centihours: 800 }]);
  });

  it('HOURS-OVERLAP: a late claim that outranks an earlier one reverses and re-decides it', async () => {
    const teacherId = await hire(province);
    const school = participation(teacherId, [session('2025-03-03T09:00', 180)], {
      level: 'SCHOOL',
    });
    await complete(province, school);
    const city = participation(teacherId, [session('2025-03-03T08:00', 120)], { level: 'CITY' });
    await complete(province, city);
    expect((await told(school.participationId)).map(({ type }) => type.split('.')[4])).toEqual([
      'credited',
      'reversed',
      'credited',
    ]);
    expect(await balances(teacherId)).toEqual([{ year: 2025, centihours: 534 }]);
  });
});
