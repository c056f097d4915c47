import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { DataSource, MigrationInterface, QueryRunner } from 'typeorm';
import { parseEnvelope } from '@yanxiu/contracts/envelope';
import { Inbox } from '@yanxiu/messaging/inbox';
import { messagingTables } from '@yanxiu/messaging/tables';
import { orgUnitHandlers } from '@yanxiu/registry/org-unit';
import { policyHandlers } from '@yanxiu/registry/policy';
import { registryTables } from '@yanxiu/registry/tables';
import { connectDatabase } from '@yanxiu/subgraph/database';
import { testEnvironment } from '@yanxiu/testkit/context';
import { createTestDatabase, type TestDatabase } from '@yanxiu/testkit/database';
import { moveOrgUnit } from './commands.js';
import {
  changzhi,
  plantTree,
  province,
  publishVersion,
  startPersonnel,
} from '../testing/personnel.js';
import type { Personnel } from '../testing/personnel.js';

class Copy1700000000001 implements MigrationInterface {
  name = 'Copy1700000000001';

  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of [...messagingTables, ...registryTables]) {
      await queryRunner.query(statement);
    }
  }

  async down(): Promise<void> {}
}

let personnel: Personnel;
let database: TestDatabase;
let copy: DataSource;

beforeAll(async () => {
  personnel = await startPersonnel();
  await plantTree(personnel);
  const move = { code: '1404030001', parentCode: '140404', validFrom: '2025-03-01' };
  await moveOrgUnit(personnel.as(changzhi), move);
  await moveOrgUnit(personnel.as(province), {
    code: '140404',
    parentCode: '140200',
    validFrom: '2025-06-01',
  });
  await publishVersion(personnel, {
    key: 'hours.higher.annual',
    value: 4_000,
    validFrom: '2025-01-01',
    validTo: '2025-12-31',
    scopeCode: '140400',
    instrument: '晋教师〔2023〕4号',
    article: 'A7',
    quotation: '自定',
  });
  database = await createTestDatabase({ service: 'copy', migrations: [Copy1700000000001] });
  copy = await connectDatabase({ url: database.appUrl, entities: [] });
});

afterAll(async () => {
  await copy.destroy();
  await database.drop();
  await personnel.stop();
});

it('tells other services enough to keep the same tree and the same parameters', async () => {
  const inbox = new Inbox({
    consumer: 'copy',
    dataSource: copy,
    handlers: [...orgUnitHandlers, ...policyHandlers],
    environment: testEnvironment(personnel.clock),
  });
  const rows: { topic: string; envelope: unknown }[] = await personnel.db.query(
    "SELECT topic, envelope FROM outbox WHERE topic NOT LIKE '%.state' ORDER BY seq",
  );
  const messages = rows.map(({ topic, envelope }, position) => {
    const value = JSON.stringify(envelope);
    const key = parseEnvelope(value).subject;
    return { topic, partition: 0, position: String(position), key, value };
  });
  const outcomes = await inbox.takeBatch(messages);
  expect(new Set(outcomes)).toEqual(new Set(['applied']));
  const same = [
    `SELECT code, name, tier, sector, stage, parent_code, path, valid_from::text
     FROM org_unit ORDER BY code`,
    'SELECT code, parent_code, valid_from::text FROM org_unit_parent ORDER BY code, valid_from',
    'SELECT * FROM policy ORDER BY key, version',
  ];
  for (const query of same) {
    const own: unknown[] = await personnel.db.query(query);
    expect(own.length).toBeGreaterThan(5);
    expect(await copy.query(query)).toEqual(own);
  }
});

it('keeps every path the chain of present parents', async () => {
  const astray: unknown[] = await personnel.db.query(
    `SELECT u.code FROM org_unit u
     LEFT JOIN org_unit parent ON parent.code = u.parent_code
     LEFT JOIN LATERAL (
       SELECT parent_code FROM org_unit_parent WHERE code = u.code
       ORDER BY valid_from DESC LIMIT 1) dated ON true
     WHERE u.path <> concat_ws('.', parent.path, u.code)
        OR u.parent_code IS DISTINCT FROM dated.parent_code`,
  );
  expect(astray).toEqual([]);
});
