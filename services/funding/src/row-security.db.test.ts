import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { projectFiled, projectSubmitted } from '@yanxiu/contracts/training';
import type { Actor, Role } from '@yanxiu/subgraph/actor';
import { personalGaps } from '@yanxiu/subgraph/person/export';
import { fenceProblems } from '@yanxiu/subgraph/row-security';
import type { Scope } from '@yanxiu/subgraph/scoped-database';
import { deliver } from '@yanxiu/testkit/events';
import {
  fencedTables,
  openWithoutScope,
  rowsSeen,
  tablesWithRows,
} from '@yanxiu/testkit/row-security';
import { personal } from './personal.js';
import { declareFundingBase } from './base/commands.js';
import { approveBudget } from './budget/commands.js';
import { recordPayment } from './payment/commands.js';
import {
  CITY,
  COUNTY,
  OTHER_COUNTY,
  PROVINCE,
  SCHOOL,
  Treasury,
  newId,
  project,
} from './testing/treasury.js';

const MONEY = [
  'account_balance',
  'budget',
  'commitment',
  'funding_base',
  'journal_entry',
  'journal_line',
  'payment',
  'project_funds',
  'statutory_requirement',
];

const as = (role: Role, unit: string, more: Partial<Actor> = {}): Actor => ({
  subject: 'x',
  role,
  unit,
  ...more,
});

describe('a query of funding that forgets its filter', () => {
  let treasury: Treasury;

  /** All that there can be of a unit: declaration, budget, a project that was paid for. */
  async function spend(unit: string): Promise<void> {
    const context = treasury.as(unit);
    const fiscalYear = 2025;
    await declareFundingBase(context, {
      fiscalYear,
      payroll: 1_000_000,
      source: '人社部门',
    } as const);
    await approveBudget(context, { fiscalYear, source: 'LOCAL_TREASURY', amount: 10_000_000 });
    const data = project({ organiserCode: unit });
    const { projectId } = data;
    await deliver(treasury.inbox, projectSubmitted, projectId, { ...data, requestId: newId() });
    await deliver(treasury.inbox, projectFiled, projectId, data);
    const payment = { amount: 40_000, category: 'TUITION', payee: '某大学', paidOn: '2025-06-30' };
    await recordPayment(context, { projectId, ...payment });
  }

  beforeAll(async () => {
    treasury = await Treasury.start();
    await spend(COUNTY);
    await spend(OTHER_COUNTY);
  });
  afterAll(() => treasury.stop());

  it('stands before a fence around every table', async () => {
    const { db } = treasury;
    expect(await fenceProblems(db.manager)).toEqual([]);
    expect(await fencedTables(db)).toEqual([...MONEY, 'role_assignment'].sort());
    expect(tablesWithRows(await rowsSeen(db, 'SYSTEM'))).toEqual(MONEY);
    expect(await openWithoutScope(db)).toEqual([]);
  });

  it('tells a person of every table that has a column for her', async () => {
    expect(await personalGaps(treasury.db.manager, personal)).toEqual([]);
  });

  it('finds nothing for who reaches no money', async () => {
    const scopes: Scope[] = [
      null,
      as('PLATFORM', PROVINCE),
      as('TEACHER', SCHOOL, { teacher: newId() }),
      as('INSTITUTION', PROVINCE, { institution: 'INST-1' }),
      as('EVALUATOR', PROVINCE),
      as('FINANCE', SCHOOL),
      as('AUDITOR', 'nowhere'),
    ];
    for (const scope of scopes) {
      const seen = tablesWithRows(await rowsSeen(treasury.db, scope));
      expect({ scope, seen }).toEqual({ scope, seen: [] });
    }
  });

  it('finds of two counties the own one, and both for the city above', async () => {
    const all = await rowsSeen(treasury.db, 'SYSTEM');
    for (const role of ['OFFICER', 'COORDINATOR', 'FINANCE', 'AUDITOR', 'ANALYST'] as const) {
      const [mine, other] = [
        await rowsSeen(treasury.db, as(role, COUNTY)),
        await rowsSeen(treasury.db, as(role, OTHER_COUNTY)),
      ];
      for (const table of MONEY) {
        const [own, foreign] = [mine[table] ?? [], other[table] ?? []];
        expect({ table, rows: own.length }).toEqual({ table, rows: foreign.length });
        expect(own.filter((row) => foreign.some((each) => same(each, row)))).toEqual([]);
        expect([...own, ...foreign]).toHaveLength(all[table]?.length ?? 0);
        for (const row of own) if ('unit_code' in row) expect(row['unit_code']).toBe(COUNTY);
      }
    }
    expect(await rowsSeen(treasury.db, as('ANALYST', CITY))).toEqual(all);
  });
});

const same = (a: object, b: object): boolean => JSON.stringify(a) === JSON.stringify(b);
