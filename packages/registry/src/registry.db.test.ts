import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { DataSource, MigrationInterface, QueryRunner } from 'typeorm';
import {
  orgUnitMoved,
  orgUnitRegistered,
  policyPublished,
  type OrgUnitRegistered,
  type PolicyPublished,
} from '@yanxiu/contracts/personnel';
import type { Contract, DataOf } from '@yanxiu/contracts/contract';
import { systemEnvironment } from '@yanxiu/messaging/environment';
import { Inbox } from '@yanxiu/messaging/inbox';
import { messagingTables } from '@yanxiu/messaging/tables';
import { connectDatabase } from '@yanxiu/subgraph/database';
import { createTestDatabase, type TestDatabase } from '@yanxiu/testkit/database';
import {
  findOrgUnit,
  findSubtree,
  isWithin,
  liesWithin,
  orgUnitHandlers,
  superiorOf,
} from './org-unit.js';
import { policiesOn, policyHandlers } from './policy.js';
import { acting, governed } from './scope.js';
import { registryTables } from './tables.js';

class Registry1700000000001 implements MigrationInterface {
  name = 'Registry1700000000001';
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of [...messagingTables, ...registryTables]) await runner.query(sql);
  }
  async down(): Promise<void> {}
}

describe('local copy of the registry', () => {
  let database: TestDatabase;
  let db: DataSource;
  let inbox: Inbox;
  const versions = new Map<string, number>();

  beforeAll(async () => {
    database = await createTestDatabase({
      service: 'registry',
      migrations: [Registry1700000000001],
    });
    db = await connectDatabase({ url: database.appUrl, entities: [] });
    inbox = new Inbox({
      consumer: 'registry',
      dataSource: db,
      handlers: [...orgUnitHandlers, ...policyHandlers],
      environment: systemEnvironment(),
    });
    await unit('140000', null, 'PROVINCE');
    for (const city of ['140400', '140100']) await unit(city, '140000', 'CITY');
    for (const county of ['140403', '140404']) await unit(county, '140400', 'COUNTY');
    await unit('1404030001', '140403', 'SCHOOL');
  });
  afterAll(async () => {
    await db.destroy();
    await database.drop();
  });

  const deliver = async <C extends Contract>(contract: C, key: string, data: DataOf<C>) => {
    const version = (versions.get(`${contract.topic}/${key}`) ?? 0) + 1;
    versions.set(`${contract.topic}/${key}`, version);
    const value = JSON.stringify({
      specversion: '1.0',
      id: randomUUID(),
      source: '/yanxiu/personnel',
      type: contract.type,
      subject: key,
      time: '2025-01-01T00:00:00Z',
      datacontenttype: 'application/json',
      aggregateversion: version,
      correlationid: 'c',
      data,
    });
    return inbox.take({
      topic: contract.topic,
      partition: 0,
      position: `${key}:${version}`,
      key,
      value,
    });
  };
  const unit = (code: string, parentCode: string | null, tier: OrgUnitRegistered['tier']) =>
    deliver(orgUnitRegistered, code, {
      code,
      name: code,
      tier,
      parentCode,
      validFrom: '2020-01-01',
      sector: tier === 'SCHOOL' ? 'BASIC' : null,
      stage: tier === 'SCHOOL' ? 'PRIMARY' : null,
    });
  const policy = (change: Partial<PolicyPublished>) =>
    deliver(policyPublished, 'hours.basic.annual', {
      key: 'hours.basic.annual',
      version: 1,
      value: 7200,
      unit: 'centihours',
      validFrom: '2021-01-01',
      validTo: null,
      scopeCode: null,
      rules: ['HOURS-BASIC-ANNUAL'],
      instrument: '晋教师〔2023〕4号',
      article: '三（一）1',
      quotation: '每年不少于72学时',
      publishedAt: '2023-05-04T00:00:00Z',
      ...change,
    });

  it('[R4] keeps the tree: the subtree of a unit is what lies below it and nothing else', async () => {
    const codes = (await findSubtree(db.manager, '140400')).map((each) => each.code);
    expect(codes).toEqual(['140400', '140403', '1404030001', '140404']);
    expect(await isWithin(db.manager, '140403', '140100')).toBe(false);
    expect((await superiorOf(db.manager, '140403'))?.code).toBe('140400');
    expect(await superiorOf(db.manager, '140000')).toBeNull();
  });

  it('tells who acts, for which unit, and which unit that governs', async () => {
    const actor = { subject: 's', role: 'OFFICER', unit: '140403' } as const;
    const tx = { manager: db.manager, actor, now: new Date('2025-06-30T02:00:00Z') };
    const by = await acting(tx);
    expect(by).toMatchObject({ ...actor, place: { tier: 'COUNTY' } });
    expect(await governed(by, tx, '140403')).toEqual({ code: '140403', governed: true });
    for (const code of ['140404', '999999']) {
      expect(await governed(by, tx, code)).toEqual({ code, governed: false });
    }
    const unknown = { ...tx, actor: { ...actor, unit: '999999' } };
    await expect(acting(unknown)).rejects.toMatchObject({ extensions: { code: 'FORBIDDEN' } });
  });

  it('holds a unit aside until its parent is there', async () => {
    expect(await unit('1401050001', '140105', 'SCHOOL')).toBe('held');
    await unit('140105', '140100', 'COUNTY');
    expect(await inbox.retryHeld()).toBe(1);
    expect((await findOrgUnit(db.manager, '1401050001'))?.path).toBe(
      '140000.140100.140105.1401050001',
    );
  });

  it('moves a unit with all that is below it', async () => {
    await unit('140481', '140400', 'COUNTY');
    await unit('1404810001', '140481', 'SCHOOL');
    await deliver(orgUnitMoved, '140481', {
      code: '140481',
      parentCode: '140100',
      validFrom: '2025-07-01',
    });
    expect(await isWithin(db.manager, '1404810001', '140100')).toBe(true);
    expect(await isWithin(db.manager, '1404810001', '140400')).toBe(false);
    // The path in hand says the same as the tree.
    const units = await findSubtree(db.manager, '140000');
    for (const unit of units) {
      for (const { code } of units) {
        expect(liesWithin(unit, code)).toBe(await isWithin(db.manager, unit.code, code));
      }
    }
  });

  it('finds the parameter in force by date and by the nearest scope', async () => {
    await policy({});
    await policy({ version: 2, value: 8000, validFrom: '2026-01-01' });
    await policy({ version: 3, value: 6000, scopeCode: '140403' });
    const value = async (date: string, code: string) =>
      (await policiesOn(db.manager, date, code)).value('hours.basic.annual');
    expect(await value('2025-12-31', '140404')).toBe(7200);
    expect(await value('2026-01-01', '140404')).toBe(8000);
    expect(await value('2025-06-30', '1404030001')).toBe(6000);
    const none = await policiesOn(db.manager, '2020-12-31', '140404');
    expect(() => none.value('hours.basic.annual')).toThrow('no policy "hours.basic.annual"');
  });
});
