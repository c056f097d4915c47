import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { personalGaps } from '@yanxiu/subgraph/person/export';
import { fenceProblems } from '@yanxiu/subgraph/row-security';
import type { Scope } from '@yanxiu/subgraph/scoped-database';
import {
  fencedTables,
  openWithoutScope,
  rowsSeen,
  tablesWithRows,
} from '@yanxiu/testkit/row-security';
import { unfenced } from './database.js';
import { personal } from './personal.js';
import { recordLeave } from './leave/commands.js';
import { draftPolicy, withdrawPolicyDraft } from './policy/draft.js';
import { transferTeacher } from './teacher/commands.js';
import { registerTeachers } from './teacher/register.js';
import {
  LUZHOU_PRIMARY,
  SHANGDANG_PRIMARY,
  actor,
  changzhi,
  datong,
  idNumber,
  luzhou,
  plantTree,
  province,
  shangdang,
  startPersonnel,
  type Personnel,
} from './testing/personnel.js';

/** Looked up by commands alone. */
const HASHES = ['id_number_hash'];
const AUTHORITY = ['institution_accreditor', 'institution_copy', 'role_assignment'];
const DRAFTS = ['policy_draft', 'policy_draft_end'];
const RECORDS = ['classification', 'leave', 'post', 'teacher', 'teacher_unit'];

describe('a query of personnel that forgets its filter', () => {
  let personnel: Personnel;
  let [local, stranger, moved] = ['', '', ''];

  beforeAll(async () => {
    personnel = await startPersonnel();
    await plantTree(personnel);
    const units = [LUZHOU_PRIMARY, SHANGDANG_PRIMARY, LUZHOU_PRIMARY].map(({ code }) => code);
    const { rows } = await registerTeachers(personnel.as(changzhi), {
      rows: units.map((unitCode, index) => ({
        rowNumber: index + 1,
        name: '王小明',
        idNumber: idNumber(index + 1),
        unitCode,
        stage: 'PRIMARY',
        hiredOn: '2010-09-01',
      })),
    });
    [local = '', stranger = '', moved = ''] = rows.map(({ teacherId }) => teacherId ?? '');
    const days = { from: '2025-03-01', to: '2025-04-30' };
    await recordLeave(personnel.as(changzhi), { teacherId: local, reason: 'SICK', ...days });
    const toUnitCode = SHANGDANG_PRIMARY.code;
    await transferTeacher(personnel.as(changzhi), {
      teacherId: moved,
      toUnitCode,
      on: '2025-06-01',
    });
    for (const [who, scopeCode] of [[province], [changzhi, '140400']] as const) {
      const { draftId } = await draftPolicy(personnel.as(who), {
        ...{ key: 'hours.basic.annual', value: 8_000, validFrom: '2026-01-01', scopeCode },
        ...{ instrument: '晋教师〔2023〕4号', article: '三（一）1', quotation: '不少于' },
      });
      await withdrawPolicyDraft(personnel.as(who), { draftId, reason: '重拟' });
    }
  });
  afterAll(() => personnel.stop());

  const teachersSeen = async (scope: Scope) =>
    ((await rowsSeen(personnel.db, scope))['teacher'] ?? []).map(({ id }) => id).sort();

  it('stands before a fence around every table', async () => {
    const { db } = personnel;
    expect(await fenceProblems(db.manager, unfenced)).toEqual([]);
    expect(await fencedTables(db)).toEqual([...RECORDS, ...HASHES, ...AUTHORITY, ...DRAFTS].sort());
    expect(tablesWithRows(await rowsSeen(db, 'SYSTEM'))).toEqual(
      [...RECORDS, ...HASHES, ...DRAFTS].sort(),
    );
    expect(await openWithoutScope(db)).toEqual([]);
  });

  it('tells a person of every table that has a column for her', async () => {
    expect(
      await personalGaps(personnel.db.manager, personal, {
        id_number_hash: 'hashes say nothing to her that the number does not',
      }),
    ).toEqual([]);
  });

  it('finds nobody for who reaches no teacher', async () => {
    const scopes: Scope[] = [
      null,
      datong,
      actor('PLATFORM', '140000'),
      actor('OFFICER', 'nowhere'),
      actor('ANALYST', '1404000001'),
      actor('TEACHER', LUZHOU_PRIMARY.code, { teacher: '018f0000-0000-7000-8000-000000000001' }),
      actor('TEACHER', LUZHOU_PRIMARY.code),
    ];
    for (const scope of scopes) {
      const seen = tablesWithRows(await rowsSeen(personnel.db, scope));
      expect({ scope, seen }).toEqual({ scope, seen: [] });
    }
  });

  it('finds the teachers of the subtree, then and now, and a teacher herself', async () => {
    expect(await teachersSeen(province)).toEqual([local, stranger, moved].sort());
    expect(await teachersSeen(shangdang)).toEqual([stranger, moved].sort());
    expect(await teachersSeen(luzhou)).toEqual([local, moved].sort());
    const herself = actor('TEACHER', LUZHOU_PRIMARY.code, { teacher: local });
    const seen = await rowsSeen(personnel.db, herself);
    expect(seen['teacher']?.map(({ id }) => id)).toEqual([local]);
    for (const table of ['classification', 'leave', 'post', 'teacher_unit']) {
      expect(seen[table]?.map((row) => row['teacher_id'])).toEqual([local]);
    }
  });

  it('finds drafts of parameters for the units that it oversees, for the province at the root', async () => {
    const places = async (scope: Scope) => {
      const seen = await rowsSeen(personnel.db, scope);
      expect(seen['policy_draft_end'] ?? []).toHaveLength((seen['policy_draft'] ?? []).length);
      return (seen['policy_draft'] ?? []).map((row) => row['scope_code']);
    };
    expect(await places(province)).toEqual([null, '140400']);
    expect(await places(actor('AUDITOR', '140000'))).toEqual([null, '140400']);
    expect(await places(changzhi)).toEqual(['140400']);
    for (const scope of [luzhou, datong, actor('ANALYST', '140000'), null]) {
      expect(await places(scope)).toEqual([]);
    }
  });

  it('finds all posts of a teacher or none: a former one must not pass for the current', async () => {
    const posts = (await rowsSeen(personnel.db, luzhou))['post'] ?? [];
    const ofMoved = posts.filter((post) => post['teacher_id'] === moved);
    expect(ofMoved.map((post) => post['unit_code']).sort()).toEqual(
      [LUZHOU_PRIMARY.code, SHANGDANG_PRIMARY.code].sort(),
    );
  });
});
