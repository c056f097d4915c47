import type { DataSource } from 'typeorm';
import {
  orgUnitRegistered,
  policyPublished,
  teacherRegistered,
  type TeacherRegistered,
} from '@yanxiu/contracts/personnel';
import { Inbox } from '@yanxiu/messaging/inbox';
import type { Actor } from '@yanxiu/subgraph/actor';
import type { Context } from '@yanxiu/subgraph/context';
import { connectDatabase } from '@yanxiu/subgraph/database';
import { asSystem } from '@yanxiu/subgraph/scoped-database';
import { testContext, testEnvironment, type TestClock } from '@yanxiu/testkit/context';
import { createTestDatabase } from '@yanxiu/testkit/database';
import { deliver } from '@yanxiu/testkit/events';
import { appendOnly, entities, migrations } from '../database.js';
import { TrainingInstitution } from '../institution/entity.js';
import { TrainingProject } from '../project/entity.js';
import { service } from '../subgraph.js';

/** Units of the test province: a city with two counties, and a university of the province. */
export const PROVINCE = '140000';
export const CITY = '140400';
export const COUNTY_A = '140403';
export const COUNTY_B = '140404';
export const SCHOOL_A1 = '14040300001';
export const SCHOOL_A2 = '14040300002';
export const SCHOOL_B1 = '14040400001';
export const VOCATIONAL = '14040000009';
export const UNIVERSITY = '14000000009';

const UNITS = [
  { code: PROVINCE, tier: 'PROVINCE', sector: null, parentCode: null },
  { code: CITY, tier: 'CITY', sector: null, parentCode: PROVINCE },
  { code: COUNTY_A, tier: 'COUNTY', sector: null, parentCode: CITY },
  { code: COUNTY_B, tier: 'COUNTY', sector: null, parentCode: CITY },
  { code: SCHOOL_A1, tier: 'SCHOOL', sector: 'BASIC', parentCode: COUNTY_A },
  { code: SCHOOL_A2, tier: 'SCHOOL', sector: 'BASIC', parentCode: COUNTY_A },
  { code: SCHOOL_B1, tier: 'SCHOOL', sector: 'BASIC', parentCode: COUNTY_B },
  { code: VOCATIONAL, tier: 'SCHOOL', sector: 'VOCATIONAL', parentCode: CITY },
  { code: UNIVERSITY, tier: 'SCHOOL', sector: 'HIGHER', parentCode: PROVINCE },
] as const;

const AUTHORITY = {
  BASIC: { PROVINCE: 'GUIDE', CITY: 'IMPLEMENT', COUNTY: 'IMPLEMENT', SCHOOL: 'IMPLEMENT' },
  VOCATIONAL: { PROVINCE: 'GUIDE', CITY: 'COORDINATE', SCHOOL: 'IMPLEMENT' },
  HIGHER: { PROVINCE: 'GUIDE', SCHOOL: 'IMPLEMENT' },
};

const TIERS = {
  BASIC: ['NATIONAL', 'PROVINCIAL', 'CITY', 'COUNTY', 'SCHOOL'],
  VOCATIONAL: ['NATIONAL', 'PROVINCIAL', 'CITY', 'SCHOOL'],
  HIGHER: ['NATIONAL', 'PROVINCIAL', 'SCHOOL'],
};

export const officer = (unit: string): Actor => ({
  subject: `officer-${unit}`,
  role: 'OFFICER',
  unit,
});
export const coordinator = (unit: string): Actor => ({
  subject: `coordinator-${unit}`,
  role: 'COORDINATOR',
  unit,
});
export const staff = (institution = 'INST-1'): Actor => ({
  subject: `staff-${institution}`,
  role: 'INSTITUTION',
  unit: PROVINCE,
  institution,
});
export const teacherActor = (teacher: string, unit: string): Actor => ({
  subject: `teacher-${teacher}`,
  role: 'TEACHER',
  unit,
  teacher,
});

/** A migrated database with the test province, and a clock that the test sets. */
export class DeliveryFixture {
  #serial = 0;

  private constructor(
    readonly db: DataSource,
    readonly inbox: Inbox,
    readonly clock: TestClock,
    private readonly drop: () => Promise<void>,
  ) {}

  static async start(): Promise<DeliveryFixture> {
    const database = await createTestDatabase({ service: 'training', migrations, appendOnly });
    const db = asSystem(await connectDatabase({ url: database.appUrl, entities, poolSize: 10 }));
    const clock = { now: new Date('2025-03-01T00:00:00Z') };
    const handlers = service.slices.flatMap((slice) => slice.handlers ?? []);
    const environment = testEnvironment(clock);
    const inbox = new Inbox({ consumer: 'training', dataSource: db, handlers, environment });
    const drop = async () => {
      await db.destroy();
      await database.drop();
    };
    const fixture = new DeliveryFixture(db, inbox, clock, drop);
    await fixture.#found();
    return fixture;
  }

  stop(): Promise<void> {
    return this.drop();
  }

  context(actor: Actor | null): Context {
    return testContext({ service: 'training', db: this.db, actor, now: this.clock });
  }

  /** A UUID of the test's own counting. */
  id(): string {
    this.#serial += 1;
    return `00000000-0000-7000-8000-${String(this.#serial).padStart(12, '0')}`;
  }

  async teacher(
    unitCode: string,
    other: Partial<
      Pick<TeacherRegistered, 'sector' | 'stage' | 'subject' | 'ladder' | 'roles'>
    > = {},
  ): Promise<string> {
    const teacherId = this.id();
    await deliver(this.inbox, teacherRegistered, teacherId, {
      teacherId,
      unitCode,
      sector: other.sector ?? 'BASIC',
      stage: other.stage ?? 'PRIMARY',
      subject: other.subject ?? 'MATHEMATICS',
      ladder: other.ladder ?? 'YOUNG',
      roles: other.roles ?? ['CLASSROOM'],
      hiredOn: '2020-09-01',
    });
    return teacherId;
  }

  teachers(unitCode: string, count: number): Promise<string[]> {
    return Promise.all(Array.from({ length: count }, () => this.teacher(unitCode)));
  }

  /** A project in a step of its lifecycle, delivered by institution INST-1. */
  async project(other: Partial<TrainingProject> = {}): Promise<string> {
    const id = this.id();
    const institution = await this.db.manager.findOneByOrFail(TrainingInstitution, {
      code: 'INST-1',
    });
    await this.db.manager.insert(TrainingProject, {
      id,
      code: null,
      name: 'Backbone teachers of mathematics',
      level: 'CITY',
      sector: 'BASIC',
      category: 'SUBJECT',
      year: 2025,
      organiserCode: CITY,
      authorityCode: PROVINCE,
      delivererIds: [institution.id],
      targetStages: [],
      targetSubjects: [],
      targetLadders: [],
      targetRoles: [],
      modes: [],
      budgetFen: 10_000_000,
      fundsState: 'NONE',
      status: 'ENROLLING',
      statusSince: this.clock.now,
      createdAt: this.clock.now,
      ...other,
    });
    return id;
  }

  async setStatus(projectId: string, status: TrainingProject['status']): Promise<void> {
    await this.db.manager.update(TrainingProject, projectId, { status });
  }

  /** Number of rows of a table. */
  async count(table: string, where = 'true'): Promise<number> {
    const rows: { count: number }[] = await this.db.query(
      `SELECT count(*)::int AS count FROM ${table} WHERE ${where}`,
    );
    return rows[0]?.count ?? 0;
  }

  /** Data of the events of a type that commands have put into the outbox, in their order. */
  async emitted<D>(type: string, projectId: string): Promise<D[]> {
    const rows: { data: D }[] = await this.db.query(
      `SELECT envelope->'data' AS data FROM outbox
       WHERE envelope->>'type' = $1 AND envelope->'data'->>'projectId' = $2 ORDER BY seq`,
      [type, projectId],
    );
    return rows.map((row) => row.data);
  }

  async #found(): Promise<void> {
    for (const unit of UNITS) {
      await deliver(this.inbox, orgUnitRegistered, unit.code, {
        ...unit,
        name: unit.code,
        stage: null,
        validFrom: '2020-01-01',
      });
    }
    for (const [key, value] of [
      ['training.tiers', TIERS],
      ['governance.authority', AUTHORITY],
    ] as const) {
      await deliver(this.inbox, policyPublished, key, {
        key,
        version: 1,
        value,
        unit: 'enum',
        validFrom: '2021-01-01',
        validTo: null,
        scopeCode: null,
        rules: ['PROJECT-TIER'],
        instrument: '晋教师〔2023〕4号',
        article: '§3.1',
        quotation: '',
        publishedAt: '2023-05-04T00:00:00Z',
      });
    }
    for (const code of ['INST-1', 'INST-2']) {
      await this.db.manager.insert(TrainingInstitution, {
        id: this.id(),
        code,
        name: code,
        kind: 'NORMAL_UNIVERSITY',
        unitCode: PROVINCE,
        registeredAt: this.clock.now,
      });
    }
  }
}

/** The code and rule with which a command is refused; null when it is not. */
export async function refusal(
  work: Promise<unknown>,
): Promise<{ code: unknown; rule: unknown } | null> {
  try {
    await work;
    return null;
  } catch (error) {
    const { extensions } = error as { extensions?: Record<string, unknown> };
    if (!extensions) throw error;
    return { code: extensions['code'], rule: extensions['rule'] };
  }
}
