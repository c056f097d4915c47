import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import {
  enrolmentConfirmed,
  institutionRegistered,
  projectFiled,
} from '@yanxiu/contracts/training';
import {
  leaveRecorded,
  orgUnitMoved,
  orgUnitRegistered,
  teacherTransferred,
} from '@yanxiu/contracts/personnel';
import { personalGaps } from '@yanxiu/subgraph/person/export';
import { fenceProblems } from '@yanxiu/subgraph/row-security';
import { scopedTo, type Scope } from '@yanxiu/subgraph/scoped-database';
import { deliver } from '@yanxiu/testkit/events';
import {
  fencedTables,
  openWithoutScope,
  rowsSeen,
  tablesWithRows,
} from '@yanxiu/testkit/row-security';
import { unfenced } from './database.js';
import { personal } from './personal.js';
import { act, claimOf } from './testing/claims.js';
import { officer, platform, staff, teacher } from './testing/graph.js';
import {
  OTHER_SCHOOL,
  complete,
  days,
  hire,
  newId,
  participation,
  publishPolicy,
  startProvince,
  type Province,
} from './testing/province.js';

const [COUNTY, OTHER_COUNTY] = ['140403', '140404'];

/** Tables with a row for each teacher or for what was decided on her. */
const RECORDS = [
  'cause',
  'claim',
  'claim_step',
  'compliance_delta',
  'cycle_compliance',
  'enrolment',
  'hour_entry',
  'recognition_decision',
  'teacher_classification',
  'teacher_copy',
  'teacher_leave',
  'teacher_post',
  'teacher_unit',
  'yearly_compliance',
];

describe('a query of hours that forgets its filter', () => {
  let province: Province;
  let [local, stranger, moved] = ['', '', ''];
  const projectId = newId();

  /** Confirms an enrolment and completes it: a cause, a decision, an entry. */
  async function train(teacherId: string, from: string): Promise<void> {
    const data = participation(teacherId, days(from, 2, 360), { projectId });
    const { enrolmentId, classId, unitCode, at } = data;
    await deliver(province.inbox, enrolmentConfirmed, enrolmentId, {
      ...{ enrolmentId, projectId, classId, teacherId, unitCode, at },
    });
    await complete(province, data);
  }

  beforeAll(async () => {
    province = await startProvince();
    const { inbox, clock } = province;
    const institutionId = newId();
    const at = clock.now.toISOString();
    await deliver(inbox, institutionRegistered, institutionId, {
      ...{ institutionId, code: 'INST-1', name: 'x', kind: 'NORMAL_UNIVERSITY', at },
    });
    await deliver(inbox, projectFiled, projectId, {
      ...{ projectId, name: 'x', level: 'COUNTY', sector: 'BASIC', category: 'SUBJECT' },
      ...{ year: 2025, organiserCode: COUNTY ?? '', delivererIds: [institutionId] },
      ...{ budgetFen: 0, at },
    });
    local = await hire(province);
    stranger = await hire(province, { unitCode: OTHER_SCHOOL });
    moved = await hire(province);
    for (const each of [local, stranger, moved]) await train(each, '2025-06-02');
    await deliver(inbox, leaveRecorded, local, {
      ...{ teacherId: local, leaveId: newId(), from: '2025-09-01', to: null, withdrawn: false },
    });
    clock.now = new Date('2025-07-15T04:00:00Z');
    await deliver(inbox, teacherTransferred, moved, {
      teacherId: moved,
      fromUnitCode: '140403001',
      toUnitCode: OTHER_SCHOOL,
      sector: 'BASIC',
      stage: 'PRIMARY',
      on: '2025-07-01',
    });
    clock.now = new Date('2025-07-20T04:00:00Z');
    await train(moved, '2025-07-16');
    for (const each of [local, stranger, moved]) {
      await act(province, teacher(each), 'submitClaim', { claim: claimOf(each) });
    }
  });
  afterAll(() => province.stop());

  const teachersIn = async (scope: Scope, table: string) =>
    (await rowsSeen(province.db, scope))[table]
      ?.map((row) => String(row['teacher_id'] ?? row['id']))
      .sort();

  it('stands before a fence around every table', async () => {
    expect(await fenceProblems(province.db.manager, unfenced)).toEqual([]);
    expect(await fencedTables(province.db)).toEqual(
      [
        ...RECORDS,
        'compliance_rollup',
        'report_cell',
        'policy_recomputation',
        'role_assignment',
        'simulation_run',
        'supervisor_copy',
      ].sort(),
    );
    expect(tablesWithRows(await rowsSeen(province.db, 'SYSTEM'))).toEqual(RECORDS);
    expect(await openWithoutScope(province.db)).toEqual([]);
  });

  it('tells a person of every table that has a column for her', async () => {
    expect(await personalGaps(province.db.manager, personal)).toEqual([]);
  });

  it('finds nothing for who reaches no record', async () => {
    const scopes: Scope[] = [
      null,
      platform,
      officer('140400901'),
      officer('nowhere'),
      staff('INST-2'),
      teacher(newId()),
      { ...officer('140000'), role: 'FINANCE' },
      { ...officer('140000'), role: 'EVALUATOR' },
    ];
    for (const scope of scopes) {
      expect({ scope, seen: tablesWithRows(await rowsSeen(province.db, scope)) }).toEqual({
        scope,
        seen: [],
      });
    }
  });

  it('does not come to a part of a table, nor does the owner without a scope', async () => {
    const parts: { name: string }[] = await province.db.query(
      'SELECT relname AS name FROM pg_class WHERE relispartition AND relkind = $1',
      ['r'],
    );
    expect(parts).toHaveLength(48);
    const all = parts.map(({ name }) => `SELECT 1 FROM ${name}`).join(' UNION ALL ');
    await expect(scopedTo(province.db, officer('140000')).query(all)).rejects.toThrow(
      'permission denied',
    );
    const client = new pg.Client({ connectionString: province.database.ownerUrl });
    await client.connect();
    expect((await client.query(all)).rowCount).toBe(0);
    await client.query("SET yanxiu.role = 'SYSTEM'");
    expect((await client.query(all)).rowCount).toBeGreaterThan(0);
    await client.end();
  });

  it('finds a teacher herself alone', async () => {
    const seen = await rowsSeen(province.db, teacher(local));
    expect(tablesWithRows(seen)).toEqual(RECORDS.filter((table) => table !== 'compliance_delta'));
    for (const table of RECORDS) {
      for (const row of seen[table] ?? []) {
        if ('teacher_id' in row) expect(row['teacher_id']).toBe(local);
      }
    }
    expect(seen['teacher_copy']).toHaveLength(1);
    expect(seen['cause']).toHaveLength(1);
  });

  it('finds for an institution what hangs on its projects, and no hours', async () => {
    const seen = tablesWithRows(await rowsSeen(province.db, staff('INST-1')));
    expect(seen).toEqual(['cause', 'enrolment', 'recognition_decision']);
  });

  it('finds for the old county what was recorded while the teacher was there, for the new one all', async () => {
    expect(await teachersIn(officer(COUNTY ?? ''), 'hour_entry')).toEqual([local, moved].sort());
    expect(await teachersIn(officer(COUNTY ?? ''), 'cause')).toEqual([local, moved].sort());
    // One for each year of the cycle.
    expect(await teachersIn(officer(COUNTY ?? ''), 'yearly_compliance')).toEqual([
      local,
      local,
      local,
      local,
      local,
    ]);
    expect(await teachersIn(officer(OTHER_COUNTY ?? ''), 'hour_entry')).toEqual(
      [stranger, moved, moved].sort(),
    );
    expect(await teachersIn(officer(OTHER_COUNTY ?? ''), 'teacher_copy')).toEqual(
      [stranger, moved].sort(),
    );
    expect(await teachersIn(officer('140000'), 'hour_entry')).toHaveLength(4);
  });

  it('follows a unit to its new place, also one that is told of after its teacher', async () => {
    const early = await hire(province);
    await province.db.query(
      `INSERT INTO teacher_post (teacher_id, unit_code, sector, stage, valid_from, recorded_at)
       VALUES ($1, '140404777', 'BASIC', 'PRIMARY', '2025-09-01', '2025-08-20T00:00:00Z')`,
      [early],
    );
    const seen = async (unit: string) =>
      (await teachersIn(officer(unit), 'teacher_copy'))?.includes(early);
    expect([await seen(OTHER_COUNTY ?? ''), await seen(COUNTY ?? '')]).toEqual([false, true]);
    await deliver(province.inbox, orgUnitRegistered, '140404777', {
      ...{ code: '140404777', parentCode: '140404', tier: 'SCHOOL', sector: 'BASIC' },
      ...{ stage: 'PRIMARY', name: 'x', validFrom: '2025-08-01' },
    });
    expect([await seen(OTHER_COUNTY ?? ''), await seen('140000')]).toEqual([true, true]);
    await deliver(
      province.inbox,
      orgUnitMoved,
      '140404777',
      { code: '140404777', parentCode: '140400', validFrom: '2025-09-10' },
      2,
    );
    expect([await seen(OTHER_COUNTY ?? ''), await seen('140400')]).toEqual([false, true]);
  });

  it('keeps until when a former unit is told: out of order, back again, retired', async () => {
    const units = async (teacherId: string) => {
      const rows: { unit: string; until: Date | null }[] = await province.db.query(
        `SELECT unit_code AS unit, kept_until AS until FROM teacher_unit
         WHERE teacher_id = $1 ORDER BY 1`,
        [teacherId],
      );
      return rows.map(({ unit, until }) => [unit, until?.toISOString() ?? null]);
    };
    // Known on the 15th, from the 1st on.
    expect(await units(moved)).toEqual([
      ['140403001', '2025-07-15T04:00:00.000Z'],
      [OTHER_SCHOOL, null],
    ]);
    const add = (teacherId: string, unit: string | null, from: string, at: string) =>
      province.db.query(
        `INSERT INTO teacher_post (teacher_id, unit_code, sector, stage, valid_from, recorded_at)
         VALUES ($1, $2, 'BASIC', 'PRIMARY', $3, $4)`,
        [teacherId, unit, from, at],
      );
    const teacherId = await hire(province);
    await add(teacherId, OTHER_SCHOOL, '2025-12-01', '2025-08-01T00:00:00Z');
    expect(await units(teacherId)).toEqual([
      ['140403001', '2025-11-30T16:00:00.000Z'],
      [OTHER_SCHOOL, null],
    ]);
    // Told late, of a time before: the middle post is over already.
    await add(teacherId, '140400901', '2025-10-01', '2025-12-05T00:00:00Z');
    expect(await units(teacherId)).toEqual([
      ['140400901', '2025-11-30T16:00:00.000Z'],
      ['140403001', '2025-11-30T16:00:00.000Z'],
      [OTHER_SCHOOL, null],
    ]);
    await add(teacherId, '140403001', '2026-02-01', '2026-01-05T00:00:00Z');
    await add(teacherId, null, '2026-03-01', '2026-02-05T00:00:00Z');
    expect(await units(teacherId)).toEqual([
      ['140400901', '2025-11-30T16:00:00.000Z'],
      ['140403001', null],
      [OTHER_SCHOOL, '2026-01-31T16:00:00.000Z'],
    ]);
  });

  it('finds the recomputations after versions for units that it oversees', async () => {
    const key = 'hours.basic.annual';
    await publishPolicy(province, key, 7_200, { version: 2 });
    await publishPolicy(province, key, 7_300, { version: 3, scopeCode: COUNTY ?? '' });
    const versions = async (scope: Scope) =>
      ((await rowsSeen(province.db, scope))['policy_recomputation'] ?? []).map(
        (row) => row['version'],
      );
    expect(await versions(officer('140000'))).toEqual([2, 3]);
    expect(await versions({ ...officer('140000'), role: 'ANALYST' })).toEqual([2, 3]);
    expect(await versions(officer('140400'))).toEqual([3]);
    expect(await versions(officer(COUNTY ?? ''))).toEqual([3]);
    for (const scope of [officer(OTHER_COUNTY ?? ''), teacher(local), platform, null]) {
      expect(await versions(scope)).toEqual([]);
    }
  });
});
