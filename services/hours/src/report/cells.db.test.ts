import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  leaveRecorded,
  orgUnitMoved,
  orgUnitRegistered,
  teacherRetired,
  teacherTransferred,
} from '@yanxiu/contracts/personnel';
import { rebuild } from '@yanxiu/subgraph/rebuild/rebuild';
import { testContext, testEnvironment } from '@yanxiu/testkit/context';
import { deliver } from '@yanxiu/testkit/events';
import { service } from '../subgraph.js';
import { complete, days, hire, newId, participation, startProvince } from '../testing/province.js';
import { OTHER_SCHOOL, publishPolicy, SCHOOL, type Province } from '../testing/province.js';
import { countedInCells, type Asked, type Counted } from './cells.js';
import { countedAnew, countedSince } from './queries.js';
import { sealAll, sealStep } from './seal.js';

const [COUNTY, OTHER_COUNTY, COLLEGE] = ['140403', '140404', '140000801'];
const UNITS = ['140000', '140400', COUNTY, OTHER_COUNTY];
const YEARS = [2024, 2025];
const DAYS = ['2024-03-31', '2024-12-31', '2025-02-28', '2025-04-05', '2025-05-31', '2025-12-31'];

let province: Province;
beforeAll(async () => {
  province = await startProvince();
});
afterAll(() => province.stop());

const at = (day: string) => void (province.clock.now = new Date(`${day}T04:00:00Z`));
const seal = () => sealAll(province.db, testEnvironment(province.clock));
const context = () =>
  testContext({ service: 'hours', db: province.db, actor: null, now: province.clock });

/** Teachers and hours by verdict, whatever the groups. */
const tally = (counted: readonly Counted[]) => {
  const sums: Record<string, [teachers: number, centihours: number]> = {};
  for (const { verdict, teachers, centihours } of counted) {
    if (verdict === null || (teachers === 0 && centihours === 0)) continue;
    const [more, hours] = sums[verdict] ?? [0, 0];
    sums[verdict] = [more + teachers, hours + centihours];
  }
  return sums;
};

/** Compares kept reports with reports worked out anew, for these days of knowledge. */
async function compare(
  knownDays: readonly string[],
  ask = (asked: Asked) => countedInCells(province.db.manager, asked),
): Promise<number> {
  let people = 0;
  for (const unit of UNITS) {
    for (const year of YEARS) {
      for (const knownAt of knownDays) {
        for (const validAt of DAYS) {
          const times = { validAt, knownAt };
          const asked = { unitCode: unit, year, ...times };
          const kept = await ask(asked);
          const anew = tally(await countedAnew(province.db.manager, asked));
          expect([unit, year, times, kept && tally(kept)]).toEqual([unit, year, times, anew]);
          people += Object.values(anew).reduce((sum, [teachers]) => sum + teachers, 0);
        }
      }
    }
  }
  return people;
}

/** Whether the kept cells are what follows from the records, by digest. */
async function check(checkOnly = true): Promise<boolean> {
  const view = service.views?.find(({ name }) => name === 'reports');
  if (!view) throw new Error('no view');
  const { same } = await rebuild({
    ...{ service: 'hours', ownerUrl: province.database.ownerUrl, entities: [], view, checkOnly },
    transport: { read: () => Promise.reject(new Error('not from the log')) },
    onProgress: () => undefined,
    onChange: () => Promise.resolve(),
  });
  return same;
}

const transfer = (teacherId: string, on: string, sector = 'BASIC' as const) =>
  deliver(province.inbox, teacherTransferred, teacherId, {
    ...{ teacherId, fromUnitCode: SCHOOL, toUnitCode: OTHER_SCHOOL, sector, stage: 'PRIMARY' },
    on,
  });

describe('kept reports', () => {
  let ids: string[] = [];

  it('[R34] are what is worked out anew, for any two days, whatever was recorded when', async () => {
    at('2025-03-10');
    ids = await Promise.all(
      ['2020-09-01', '2024-05-20', '2025-02-10'].map((hiredOn) => hire(province, { hiredOn })),
    );
    const [stays, moves, joins] = ids as [string, string, string];
    await hire(province);
    await hire(province, { unitCode: COLLEGE, sector: 'HIGHER' });
    await hire(province, { unitCode: '140400901', sector: 'VOCATIONAL' });
    await complete(province, participation(stays, days('2025-03-03', 5, 360)));
    at('2025-03-20');
    await seal();
    at('2025-04-02');
    await complete(province, participation(stays, days('2025-02-03', 5, 360)));
    await complete(province, participation(moves, days('2024-12-28', 9, 360)));
    await transfer(moves, '2025-01-15');
    at('2025-04-10');
    await complete(province, participation(joins, days('2025-03-05', 2, 360)));
    const better = { level: 'NATIONAL' } as const;
    await complete(province, participation(stays, days('2025-03-03', 1, 180), better));
    await publishPolicy(province, 'hours.basic.annual', 4000, {
      ...{ version: 2, publishedAt: '2025-04-10T00:00:00Z' },
    });
    const leave = { teacherId: joins, leaveId: newId(), to: '2025-03-31', withdrawn: false };
    await deliver(province.inbox, leaveRecorded, joins, { ...leave, from: '2025-02-01' });
    at('2025-04-20');
    await seal();
    await deliver(province.inbox, leaveRecorded, joins, {
      ...{ ...leave, from: '2025-02-01', withdrawn: true },
    });
    await deliver(province.inbox, orgUnitMoved, SCHOOL, {
      ...{ code: SCHOOL, parentCode: OTHER_COUNTY, validFrom: '2025-04-01' },
    });
    await deliver(province.inbox, teacherRetired, stays, {
      ...{ teacherId: stays, unitCode: SCHOOL, on: '2025-05-15' },
    });
    at('2025-06-01');
    await seal();
    const known = ['2024-12-31', '2025-03-10', '2025-03-31', '2025-04-02', '2025-04-10'];
    expect(await compare([...known, '2025-04-20', '2025-05-31'])).toBeGreaterThan(300);
    expect(await check()).toBe(true);
  });

  it('are not given of a day that is not over', async () => {
    const asked = { unitCode: COUNTY, year: 2025, validAt: '2025-06-01', knownAt: '2025-05-31' };
    const given = (changes: Partial<Asked>) =>
      countedInCells(province.db.manager, { ...asked, ...changes });
    expect(await given({})).not.toBeNull();
    expect(await given({ knownAt: '2025-06-01' })).toBeNull();
    expect(await given({ year: 2019 })).toBeNull();
    expect(await given({ unitCode: SCHOOL })).toBeNull();
  });

  it('are put right by what was recorded since', async () => {
    const [stays, moves, joins] = ids as [string, string, string];
    const since = (asked: Asked) => countedSince(context(), asked);
    expect(await compare(['2025-06-01'], since)).toBeGreaterThan(0);
    await complete(province, participation(joins, days('2025-05-12', 8, 360)));
    await transfer(moves, '2025-05-20');
    await hire(province);
    const better = { level: 'NATIONAL' } as const;
    await complete(province, participation(stays, days('2025-03-04', 1, 180), better));
    await compare(['2025-06-01', '2025-06-02'], since);
    await publishPolicy(province, 'hours.basic.annual', 5000, {
      ...{ version: 3, publishedAt: '2025-06-01T02:00:00Z' },
    });
    const times = { validAt: '2025-06-01', knownAt: '2025-06-01' };
    expect(await since({ unitCode: COUNTY, year: 2025, ...times })).toBeNull();
  });

  const known = (knownAt: string, year = 2025) =>
    countedInCells(province.db.manager, { unitCode: COUNTY, year, validAt: '2025-12-31', knownAt });

  it('are set back by what is recorded late of a day that was sealed', async () => {
    const [stays] = ids as [string];
    at('2025-05-20');
    await complete(province, participation(stays, days('2025-05-06', 1, 90)));
    expect([await known('2025-05-19'), await known('2025-05-20')]).toEqual([
      expect.anything(),
      null,
    ]);
    at('2025-04-05');
    await complete(province, participation(stays, days('2025-04-01', 1, 90)));
    expect([await known('2025-04-04'), await known('2025-04-05')]).toEqual([
      expect.anything(),
      null,
    ]);
    // Cells of the days after are still there, and are no part of any answer.
    expect(await check()).toBe(true);
    at('2025-06-01');
    await seal();
    await compare([
      '2025-04-04',
      '2025-04-05',
      '2025-04-10',
      '2025-05-19',
      '2025-05-20',
      '2025-05-31',
    ]);
    expect(await check()).toBe(true);
  });

  it('wait for what was under way when the day was claimed', async () => {
    const [, moves] = ids as [string, string];
    at('2025-06-02');
    const other = province.db.createQueryRunner();
    await other.startTransaction();
    await other.query(
      `INSERT INTO teacher_leave (teacher_id, leave_id, from_on, withdrawn, recorded_at)
       VALUES ($1, gen_random_uuid(), '2024-01-01', false, '2025-06-01T04:00:00Z')`,
      [moves],
    );
    const step = () => sealStep(province.db, testEnvironment(province.clock));
    expect([await step(), await step(), await step()]).toEqual(['ADVANCED', 'ADVANCED', 'WAITING']);
    await other.commitTransaction();
    await other.release();
    await seal();
    expect(await known('2025-06-01')).not.toBeNull();
    await compare(['2025-05-31', '2025-06-01']);
  });

  it('are made anew when something counts for all time', async () => {
    const unitCode = '140404777';
    at('2025-06-03');
    await hire(province, { unitCode });
    at('2025-06-04');
    await seal();
    expect(await known('2025-03-31')).not.toBeNull();
    await deliver(province.inbox, orgUnitRegistered, unitCode, {
      ...{ code: unitCode, parentCode: OTHER_COUNTY, tier: 'SCHOOL', sector: 'BASIC', name: 'x' },
      ...{ stage: null, validFrom: '2025-06-01' },
    });
    expect(await known('2025-03-31')).toBeNull();
    at('2025-06-05');
    await seal();
    await compare(['2025-03-31', '2025-06-03', '2025-06-04']);
    await province.db.query("DELETE FROM policy WHERE key = 'hours.vocational.annual'");
    expect(await known('2025-03-31')).toBeNull();
    await seal();
    await compare(['2025-03-31', '2025-06-04']);
    await publishPolicy(province, 'hours.vocational.annual', 100, {
      publishedAt: '2025-06-05T01:00:00Z',
    });
    expect(await known('2025-03-31')).toBeNull();
    at('2025-06-06');
    await seal();
    await compare(['2021-12-31', '2025-03-31', '2025-06-05']);
  });

  it('take in a year that has begun', async () => {
    at('2026-01-01');
    await seal();
    expect(await known('2025-12-31', 2026)).toBeNull();
    at('2026-01-02');
    await seal();
    expect(await known('2025-12-31', 2026)).toEqual(
      expect.arrayContaining([expect.objectContaining({ verdict: 'SHORT' })]),
    );
    await compare(['2025-03-31', '2025-12-31', '2026-01-01']);
    expect(await check()).toBe(true);
  });

  it('are found wrong by digest, and mended', async () => {
    const wrong = [
      `UPDATE report_cell SET teachers = teachers + 1 WHERE unit_code = '${COUNTY}'`,
      'UPDATE report_cell SET centihours = centihours - 100 WHERE centihours > 0',
      `DELETE FROM report_cell WHERE verdict = 'SHORT'`,
    ];
    for (const statement of wrong) {
      await province.db.query(statement);
      expect([statement, await check()]).toEqual([statement, false]);
      expect(await check(false)).toBe(false);
      expect([statement, await check()]).toEqual([statement, true]);
    }
    await compare(['2025-12-31']);
  });
});
