import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import type { DataSource, MigrationInterface, QueryRunner } from 'typeorm';
import { messagingTables } from '@yanxiu/messaging/tables';
import { testEnvironment } from '@yanxiu/testkit/context';
import { createTestDatabase, type TestDatabase } from '@yanxiu/testkit/database';
import { ROLES, type Actor, type Role } from '../actor.js';
import { commandTables } from '../command.js';
import { connectDatabase } from '../database.js';
import { CREDENTIAL_HEADER } from '../gateway-credential.js';
import { createLog } from '../log.js';
import { baseSdl } from '../sdl.js';
import { startSubgraph, type RunningSubgraph } from '../server.js';
import { partSdl } from '../service-sdl.js';
import { auditResolvers } from './resolvers.js';
import { auditStatements } from './tables.js';

class Tables1700000000001 implements MigrationInterface {
  name = 'Tables1700000000001';
  async up(runner: QueryRunner): Promise<void> {
    const units = [
      'CREATE TABLE org_unit (code text PRIMARY KEY, path text COLLATE "C" NOT NULL)',
      `INSERT INTO org_unit VALUES ('14', '14'), ('1404', '14.1404'), ('140403', '14.1404.140403'),
         ('1402', '14.1402')`,
    ];
    for (const sql of [...messagingTables, ...commandTables, ...auditStatements, ...units])
      await runner.query(sql);
  }
  async down(): Promise<void> {}
}

const SDL = `
type Teacher @key(fields: "id") @access(data: RECORD) {
  id: ID!
  name: String @access(data: NAME)
  number: String @access(data: IDENTITY)
  stage: String
  hours: Hours_
}
type Hours_ @access(data: RECORD) { total: Int }
type Unit @access(data: PROJECT) { code: String }
extend type Query { teachers(name: String): [Teacher!]! unit: Unit }
type Mutation { _: Int @access(roles: [ANYONE]) }
`;
const A = '0190c2a0-0000-7000-8000-00000000000a';
const B = '0190c2a0-0000-7000-8000-00000000000b';
const people = [A, B].map((id) => ({ id, name: '王小明', number: 'N-1979', stage: 'PRIMARY' }));
const resolvers = {
  Query: { teachers: () => people, unit: () => ({ code: '14' }) },
  Teacher: {
    __resolveReference: ({ id }: { id: string }) => people.find((each) => each.id === id),
    hours: async () => ({ total: 3 }),
  },
};

const identityOf = ({ subject, ...claims }: Actor) => ({ subject, claims });

let database: TestDatabase;
let db: DataSource;
let owner: pg.Client;
let subgraph: RunningSubgraph;
let now = new Date('2025-06-30T02:00:00.123Z');

beforeAll(async () => {
  const migrations = [Tables1700000000001];
  database = await createTestDatabase({ service: 'kit', migrations, appendOnly: ['audit'] });
  db = await connectDatabase({ url: database.appUrl, entities: [], poolSize: 4 });
  owner = new pg.Client({ connectionString: database.ownerUrl });
  await owner.connect();
  subgraph = await startSubgraph({
    ...{ service: 'kit', host: '127.0.0.1', port: 0, db },
    sdl: `${baseSdl()}\n${SDL}\n${partSdl('audit', 'kit')}`,
    resolvers: [resolvers, auditResolvers('kit')],
    environment: { ...testEnvironment({ now }), now: () => now },
    verifier: {
      verify: async (header) => (header ? identityOf(JSON.parse(header) as Actor) : null),
    },
    assignments: async () => [],
    credentials: { accepts: async () => true },
    log: createLog('test', 'silent'),
    checks: async () => ({}),
  });
});
afterAll(async () => {
  await subgraph.stop();
  await owner.end();
  await db.destroy();
  await database.drop();
});
beforeEach(async () => {
  // Only a superuser's session setting gets past the trigger; the owner switches it off.
  await owner.query('ALTER TABLE audit DISABLE TRIGGER USER');
  await owner.query('DELETE FROM audit');
  await owner.query('ALTER TABLE audit ENABLE TRIGGER USER');
});

interface Answer {
  data?: Record<string, never> | null;
  errors?: { extensions: { code: string } }[];
}

async function ask(role: Role | null, query: string, more: Partial<Actor> = {}): Promise<Answer> {
  const actor = { subject: `s-${role}`, role, unit: '140403', ...more };
  const response = await fetch(subgraph.url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-request-id': 'request-1',
      [CREDENTIAL_HEADER]: 'of-the-gateway',
      ...(role && { authorization: JSON.stringify(actor) }),
    },
    body: JSON.stringify({ query }),
  });
  return (await response.json()) as Answer;
}

const rows = (): Promise<Record<string, unknown>[]> =>
  db.query('SELECT * FROM audit ORDER BY data_class');

describe('a read of personal data', () => {
  it('leaves one row for each class, with whose it was and no value', async () => {
    const { data } = await ask(
      'OFFICER',
      '{ teachers(name: "王小明") { name number hours { total } } }',
    );
    expect(data).toMatchObject({ teachers: [{ name: '王小明' }, { number: 'N-1979' }] });
    const written = await rows();
    expect(written).toMatchObject(
      ['IDENTITY', 'NAME', 'RECORD'].map((data_class) => ({
        ...{ at: now, actor: 's-OFFICER', role: 'OFFICER', unit: '140403', data_class },
        ...{ action: 'personal.read', subject_type: 'Teacher', subject_ids: [A, B] },
        ...{ subject_count: 2, request_id: 'request-1' },
        fingerprint: expect.stringMatching(/^teachers#[0-9a-f]{16}$/),
      })),
    );
    expect(JSON.stringify(written)).not.toMatch(/王小明|N-1979/);
  });

  it('is the same question whatever value it asks with', async () => {
    await ask('OFFICER', '{ teachers(name: "a") { name } }');
    await ask('OFFICER', '{ teachers(name: "b") { other: name } }');
    const [one, two] = await rows();
    expect(one?.['fingerprint']).toBe(two?.['fingerprint']);
  });

  it('by reference leaves the same row', async () => {
    await ask(
      'ANALYST',
      `{ _entities(representations: [{ __typename: "Teacher", id: "${A}" }]) {
      ... on Teacher { stage } } }`,
    );
    expect(await rows()).toMatchObject([{ data_class: 'RECORD', subject_ids: [A] }]);
  });

  it('leaves none where nothing of a person, or her own, was shown', async () => {
    await ask('OFFICER', '{ unit { code } teachers { id } }');
    await ask(
      'TEACHER',
      `{ _entities(representations: [{ __typename: "Teacher", id: "${A}" }]) {
      ... on Teacher { name } } }`,
      { teacher: A },
    );
    const { errors } = await ask('AUDITOR', '{ teachers { number } }');
    expect(errors?.[0]?.extensions.code).toBe('FORBIDDEN');
    expect(await rows()).toEqual([]);
  });

  it('is not answered when it cannot be recorded; other questions are', async () => {
    await owner.query(`REVOKE INSERT ON audit FROM ${new URL(database.appUrl).username}`);
    try {
      const refused = await ask('OFFICER', '{ teachers { name } }');
      expect(refused.errors?.map(({ extensions }) => extensions.code)).toEqual(['UNAVAILABLE']);
      expect(JSON.stringify(refused)).not.toContain('王小明');
      expect(await ask('OFFICER', '{ unit { code } }')).toEqual({ data: { unit: { code: '14' } } });
    } finally {
      await owner.query(`GRANT INSERT ON audit TO ${new URL(database.appUrl).username}`);
    }
  });
});

describe('the audit log', () => {
  const ENTRIES = `nodes { service actor unit action dataClass subjectIds subjectCount }
    pageInfo { endCursor hasNextPage }`;
  const entries = async (role: Role, args = '', more: Partial<Actor> = {}) => {
    const answer = await ask(role, `{ kitAuditEntries${args} { ${ENTRIES} } }`, more);
    const page = answer.data?.['kitAuditEntries'] as
      | { nodes: Record<string, unknown>[]; pageInfo: { endCursor: string; hasNextPage: boolean } }
      | undefined;
    return { ...page, code: answer.errors?.[0]?.extensions.code };
  };

  const write = (unit: string, action = 'thing.make', subject: string | null = null) =>
    db.query(
      `INSERT INTO audit (id, at, actor, role, unit, action, subject_type, subject_id, request_id)
       VALUES ($1, $2, 'o', 'OFFICER', $3, $4, $5, $6, 'r')`,
      [randomUUID(), now, unit, action, subject && 'Teacher', subject],
    );

  it.each(['UPDATE audit SET actor = $$x$$', 'DELETE FROM audit', 'TRUNCATE audit'])(
    'refuses %s from the service and from the owner',
    async (statement) => {
      await write('14');
      await expect(db.query(statement)).rejects.toThrow('permission denied');
      await expect(owner.query(statement)).rejects.toThrow('append-only');
      expect(await rows()).toHaveLength(1);
    },
  );

  it('shows the auditor what units of the jurisdiction did, and nobody else anything', async () => {
    for (const unit of ['140403', '1402', 'nowhere']) await write(unit);
    now = new Date(now.getTime() + 1_000);
    await ask('OFFICER', '{ teachers { name } }');
    const { nodes } = await entries('AUDITOR', '', { unit: '1404' });
    expect(nodes).toMatchObject([
      { service: 'kit', action: 'personal.read', dataClass: 'NAME', subjectIds: [A, B] },
      { unit: '140403', action: 'thing.make', dataClass: null, subjectIds: null },
    ]);
    expect((await entries('AUDITOR', '', { unit: '14' })).nodes).toHaveLength(3);
    for (const role of ROLES.filter((each) => each !== 'AUDITOR')) {
      expect((await entries(role, '', { unit: '14' })).code).toBe('FORBIDDEN');
    }
    expect((await ask(null, '{ kitAuditEntries { nodes { id } } }')).errors).toMatchObject([
      { extensions: { code: 'UNAUTHENTICATED' } },
    ]);
  });

  it('is filtered, and never beyond the jurisdiction', async () => {
    for (const unit of ['140403', '1402']) await write(unit, 'teacher.retire', A);
    await write('140403');
    const found = async (filter: string, unit = '14') =>
      (await entries('AUDITOR', `(filter: {${filter}})`, { unit })).nodes?.length;
    expect(await found('under: "1404"')).toBe(2);
    expect(await found('under: "14"', '1404')).toBe(2);
    expect(await found(`teacherId: "${A}"`)).toBe(2);
    expect(await found('action: "thing.make", reads: false')).toBe(1);
    expect(await found('reads: true')).toBe(0);
    expect(await found('before: "2025-06-30T02:00:00Z"')).toBe(0);
    expect(await found('since: "2025-06-30T02:00:00Z", actor: "o"')).toBe(3);
  });

  it('is paged without a gap where many rows have one moment', async () => {
    for (let n = 0; n < 5; n += 1) await write('14');
    const first = await entries('AUDITOR', '(first: 3)', { unit: '14' });
    expect(first.nodes).toHaveLength(3);
    const after = `(first: 3, after: "${first.pageInfo?.endCursor}")`;
    const second = await entries('AUDITOR', after, { unit: '14' });
    expect([second.nodes?.length, second.pageInfo?.hasNextPage]).toEqual([2, false]);
  });

  it('tells a teacher who read or changed her data, without the person behind the office', async () => {
    await ask('OFFICER', '{ teachers { name } }');
    now = new Date(now.getTime() + 1_000);
    await write('140403', 'teacher.retire', A);
    await write('140403', 'teacher.retire', B);
    const query = '{ kitMyDataAccesses { nodes { role unit action dataClass } } }';
    const { data } = await ask('TEACHER', query, { teacher: A });
    expect(data?.['kitMyDataAccesses']).toEqual({
      nodes: [
        { role: 'OFFICER', unit: '140403', action: 'teacher.retire', dataClass: null },
        { role: 'OFFICER', unit: '140403', action: 'personal.read', dataClass: 'NAME' },
      ],
    });
    expect((await ask('OFFICER', query)).errors?.[0]?.extensions.code).toBe('FORBIDDEN');
  });
});
