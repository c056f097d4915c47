import { graphql } from 'graphql';
import type { DataSource } from 'typeorm';
import type { Contract, DataOf } from '@yanxiu/contracts/contract';
import {
  orgUnitRegistered,
  policyPublished,
  type PolicyPublished,
} from '@yanxiu/contracts/personnel';
import type { ProjectData } from '@yanxiu/contracts/training';
import { systemEnvironment } from '@yanxiu/messaging/environment';
import { Inbox } from '@yanxiu/messaging/inbox';
import type { Actor, Role } from '@yanxiu/subgraph/actor';
import type { Context } from '@yanxiu/subgraph/context';
import { connectDatabase } from '@yanxiu/subgraph/database';
import { asSystem } from '@yanxiu/subgraph/scoped-database';
import { serviceSdl } from '@yanxiu/subgraph/sdl';
import { subgraphSchema } from '@yanxiu/subgraph/server';
import { testContext, testEnvironment, type TestClock } from '@yanxiu/testkit/context';
import { createTestDatabase, type TestDatabase } from '@yanxiu/testkit/database';
import { deliver } from '@yanxiu/testkit/events';
import { service } from '../subgraph.js';

export const newId = systemEnvironment().ids('test');

export const PROVINCE = '140000';
export const CITY = '140400';
export const COUNTY = '140403';
export const OTHER_COUNTY = '140404';
export const SCHOOL = '1404030001';
export const VOCATIONAL = '1404000901';
export const COLLEGE = '1404000902';
export const UNIVERSITY = '1400000801';

const UNITS = [
  [PROVINCE, null, 'PROVINCE', null, null],
  [CITY, PROVINCE, 'CITY', null, null],
  [COUNTY, CITY, 'COUNTY', null, null],
  [OTHER_COUNTY, CITY, 'COUNTY', null, null],
  [SCHOOL, COUNTY, 'SCHOOL', 'BASIC', 'PRIMARY'],
  [VOCATIONAL, CITY, 'SCHOOL', 'VOCATIONAL', 'SECONDARY_VOCATIONAL'],
  [COLLEGE, CITY, 'SCHOOL', 'VOCATIONAL', 'HIGHER'],
  [UNIVERSITY, PROVINCE, 'SCHOOL', 'HIGHER', 'HIGHER'],
] as const;

/** Parameters that funding reads, with the values of the guideline's reading. */
export const VALUES: Record<string, unknown> = {
  'funding.gov': { basisPoints: 250, base: 'PAYROLL_BASIC' },
  'funding.school': { basisPoints: 500, base: 'PUBLIC_FUNDS', comparator: 'MINIMUM' },
  'funding.higher': { basisPoints: 150, base: 'TEACHER_PAYROLL' },
  'funding.categories': ['TUITION', 'MATERIALS', 'VENUE'],
};

const sdl = serviceSdl(new URL('..', import.meta.url).pathname);
const resolvers = service.slices.flatMap((slice) => (slice.resolvers ? [slice.resolvers] : []));
const schema = subgraphSchema(sdl, resolvers);

/** Funding on a real database with a small tree, and what tests ask of it. */
export class Treasury {
  readonly clock: TestClock = { now: new Date('2025-06-30T04:00:00Z') };
  readonly inbox: Inbox;

  private constructor(
    readonly database: TestDatabase,
    readonly db: DataSource,
  ) {
    this.inbox = this.newInbox();
  }

  /** `policies: false` leaves the register empty. */
  static async start({ policies = true } = {}): Promise<Treasury> {
    const { name, migrations, appendOnly = [], entities } = service;
    const database = await createTestDatabase({ service: name, migrations, appendOnly });
    const db = asSystem(await connectDatabase({ url: database.appUrl, entities }));
    const treasury = new Treasury(database, db);
    for (const [code, parentCode, tier, sector, stage] of UNITS) {
      const unit = { code, parentCode, tier, sector, stage };
      const data = { ...unit, name: `单位${code}`, validFrom: '2021-01-01' };
      await deliver(treasury.inbox, orgUnitRegistered, code, data);
    }
    if (policies) {
      for (const [key, value] of Object.entries(VALUES)) await treasury.publish(key, value);
    }
    return treasury;
  }

  async stop(): Promise<void> {
    await this.db.destroy();
    await this.database.drop();
  }

  /** Another consumer process of the same service. */
  newInbox(): Inbox {
    const handlers = service.slices.flatMap((slice) => slice.handlers ?? []);
    const environment = testEnvironment(this.clock);
    return new Inbox({ consumer: service.name, dataSource: this.db, handlers, environment });
  }

  async publish(key: string, value: unknown, changes: Partial<PolicyPublished> = {}) {
    await deliver(this.inbox, policyPublished, key, {
      key,
      version: 1,
      value,
      unit: 'test',
      validFrom: '2021-01-01',
      validTo: null,
      scopeCode: null,
      rules: [],
      instrument: '晋教师〔2023〕4号',
      article: '四（二）',
      quotation: '由本级财政安排',
      publishedAt: '2023-05-04T00:00:00Z',
      ...changes,
    });
  }

  as(unit: string, role: Role = 'FINANCE'): Context {
    const actor: Actor = { subject: `${role}:${unit}`, role, unit };
    return testContext({ service: service.name, db: this.db, actor, now: this.clock });
  }

  /** Data of the events that were emitted of a type, oldest first. */
  async emitted<C extends Contract>(contract: C, key: string): Promise<DataOf<C>[]> {
    const rows: { data: DataOf<C> }[] = await this.db.query(
      `SELECT envelope -> 'data' AS data FROM outbox
       WHERE key = $1 AND envelope ->> 'type' = $2 ORDER BY version`,
      [key, contract.type],
    );
    return rows.map(({ data }) => data);
  }

  async count(table: string): Promise<number> {
    const rows: { count: number }[] = await this.db.query(
      `SELECT count(*)::int AS count FROM ${table}`,
    );
    return rows[0]?.count ?? 0;
  }

  /** What a GraphQL request gives: data, and the errors' codes. */
  async ask(source: string, contextValue: Context, variableValues = {}) {
    const { data, errors } = await graphql({ schema, source, contextValue, variableValues });
    // Through JSON, as over HTTP.
    const plain = JSON.parse(JSON.stringify(data ?? null)) as unknown;
    return {
      data: plain,
      errors: errors?.map((error) => error.extensions['code'] ?? error.message),
    };
  }
}

/** A project of a county as its events tell of it. */
export const project = (data: Partial<ProjectData> = {}): ProjectData => ({
  projectId: newId(),
  name: '语文骨干教师培训',
  level: 'COUNTY',
  sector: 'BASIC',
  category: 'SUBJECT',
  year: 2025,
  organiserCode: COUNTY,
  delivererIds: [],
  budgetFen: 100_000,
  at: '2025-06-30T04:00:00Z',
  ...data,
});
