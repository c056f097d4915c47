import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { graphql, type GraphQLSchema } from 'graphql';
import type { DataSource, MigrationInterface, QueryRunner } from 'typeorm';
import { policyPublished } from '@yanxiu/contracts/personnel';
import { on } from '@yanxiu/messaging/handlers';
import { Inbox } from '@yanxiu/messaging/inbox';
import type { Transport } from '@yanxiu/messaging/port';
import { messagingTables } from '@yanxiu/messaging/tables';
import { testContext, testEnvironment } from '@yanxiu/testkit/context';
import { createTestDatabase, type TestDatabase } from '@yanxiu/testkit/database';
import { messageOf } from '@yanxiu/testkit/events';
import { ROLES, type Role } from '../actor.js';
import { auditStatements } from '../audit/tables.js';
import { commandTables } from '../command.js';
import { connectDatabase } from '../database.js';
import { baseSdl } from '../sdl.js';
import { subgraphSchema } from '../server.js';
import { partSdl } from '../service-sdl.js';
import { dutyResolvers } from './resolvers.js';

class Tables1700000000001 implements MigrationInterface {
  name = 'Tables1700000000001';
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [...messagingTables, ...commandTables, ...auditStatements])
      await runner.query(statement);
  }
  async down(): Promise<void> {}
}

const NOW = new Date('2025-06-30T02:00:00Z');
const data = {
  key: 'hours.basic.annual',
  ...{ version: 1, value: 7200, unit: 'centihours', validFrom: '2021-01-01', validTo: null },
  ...{ scopeCode: null, rules: ['HOURS-BASIC-ANNUAL'], instrument: 'x', article: '三（一）1' },
  ...{ quotation: '每年不少于72学时', publishedAt: '2023-05-04T00:00:00.000Z' },
};

let database: TestDatabase;
let db: DataSource;
let inbox: Inbox;
let schema: GraphQLSchema;
let broken: boolean;
let applied: number;

beforeAll(async () => {
  database = await createTestDatabase({ service: 'hours', migrations: [Tables1700000000001] });
  db = await connectDatabase({ url: database.appUrl, entities: [], poolSize: 4 });
  const handlers = [
    on(policyPublished, async () => {
      if (broken) throw new Error('a bug');
      applied += 1;
    }),
  ];
  const environment = testEnvironment({ now: NOW });
  inbox = new Inbox({ consumer: 'hours', dataSource: db, handlers, environment });
  const lags: Pick<Transport, 'partitionLags'> = {
    partitionLags: async (_group, topics) =>
      topics.map((topic) => ({ topic, partition: 0, lag: 3 })),
  };
  // Of the transport, these fields ask for the lag alone.
  const transport = lags as Transport;
  const resolvers = dutyResolvers({ service: 'hours', inbox, transport });
  const roots =
    'type Query { _: Int @access(data: PUBLIC) } type Mutation { _: Int @access(roles: [ANYONE]) }';
  const sdl = `${baseSdl()}\n${roots}\n${partSdl('duty', 'hours')}`;
  schema = subgraphSchema(sdl, [resolvers]);
});
afterAll(async () => {
  await db.destroy();
  await database.drop();
});
afterEach(async () => {
  await db.query('DELETE FROM dead_letter');
});

async function ask(role: Role | null, source: string, variables: Record<string, unknown> = {}) {
  const actor = role && { subject: 'on-duty', role, unit: '140000' };
  const contextValue = testContext({ service: 'hours', db, actor, now: NOW });
  const { data: answer, errors } = await graphql({
    schema,
    source,
    variableValues: variables,
    contextValue,
  });
  // What is asked differs from test to test.
  return { data: answer as Record<string, never> | null | undefined, errors: errors ?? [] };
}

async function park(): Promise<string> {
  broken = true;
  applied = 0;
  await inbox.take(messageOf(policyPublished, randomUUID(), data, 1));
  broken = false;
  const rows: { id: string }[] = await db.query('SELECT id FROM dead_letter');
  return rows[0]?.id ?? '';
}

const REDRIVE = `mutation ($input: RedriveDeadLetterInput!) {
  hoursRedriveDeadLetter(input: $input) { deadLetter { resolution resolvedBy resolvedAt } }
}`;
const DISCARD = `mutation ($input: DiscardDeadLetterInput!) {
  hoursDiscardDeadLetter(input: $input) { deadLetter { resolution reason } }
}`;
const STATUS = `{ hoursEvents { service outbox { pending oldestAt } held { count oldestAt }
  lag { topic partition lag }
  deadLetters { nodes { id fault detail value } pageInfo { hasNextPage } } } }`;

const audit = (id: string): Promise<object[]> =>
  db.query('SELECT actor, role, action, at FROM audit WHERE subject_id = $1', [id]);

describe('the tools of whoever is on duty', () => {
  it('show what became of the events', async () => {
    const id = await park();
    const { data: answer } = await ask('PLATFORM', STATUS);
    expect(answer).toMatchObject({
      hoursEvents: {
        service: 'hours',
        outbox: { pending: 0, oldestAt: null },
        held: { count: 0, oldestAt: null },
        lag: [{ topic: 'personnel.policy', partition: 0, lag: 3 }],
        deadLetters: {
          nodes: [{ id, fault: 'HANDLER_FAILED', detail: 'a bug' }],
          pageInfo: { hasNextPage: false },
        },
      },
    });
  });

  it('page through dead letters, the newest first, each once', async () => {
    for (let n = 0; n < 5; n += 1) await park();
    const seen: string[] = [];
    let after: string | null = null;
    do {
      const { data: answer, errors } = await ask(
        'PLATFORM',
        `query ($after: String) { hoursEvents { deadLetters(first: 2, after: $after) {
          nodes { id } pageInfo { endCursor hasNextPage } } } }`,
        { after },
      );
      expect(errors).toEqual([]);
      const { nodes, pageInfo } = (
        answer as unknown as {
          hoursEvents: {
            deadLetters: {
              nodes: { id: string }[];
              pageInfo: { endCursor: string; hasNextPage: boolean };
            };
          };
        }
      ).hoursEvents.deadLetters;
      seen.push(...nodes.map((node) => node.id));
      after = pageInfo.hasNextPage ? pageInfo.endCursor : null;
    } while (after);
    expect(new Set(seen).size).toBe(5);
    expect(seen).toHaveLength(5);
  });

  it('redrive with one effect and one audit row, however often the request is sent', async () => {
    const id = await park();
    for (let time = 0; time < 2; time += 1) {
      const { data: answer, errors } = await ask('PLATFORM', REDRIVE, {
        input: { id, idempotencyKey: id },
      });
      expect(errors).toEqual([]);
      expect(answer?.['hoursRedriveDeadLetter']).toEqual({
        deadLetter: {
          resolution: 'REDRIVEN',
          resolvedBy: 'on-duty',
          resolvedAt: NOW.toISOString(),
        },
      });
    }
    expect(applied).toBe(1);
    expect(await audit(id)).toEqual([
      { actor: 'on-duty', role: 'PLATFORM', action: 'dead-letter.redrive', at: NOW },
    ]);
  });

  it('leave no trace of an attempt that fails', async () => {
    const id = await park();
    broken = true;
    const { errors } = await ask('PLATFORM', REDRIVE, { input: { id } });
    expect(errors[0]?.extensions).toMatchObject({ code: 'REFUSED', rule: 'DEAD-LETTER-FAILED' });
    expect(errors[0]?.message).toContain('a bug');
    expect(await audit(id)).toEqual([]);
  });

  it('discard with a reason, and not without', async () => {
    const id = await park();
    const without = await ask('PLATFORM', DISCARD, { input: { id, reason: '  ' } });
    expect(without.errors[0]?.extensions['code']).toBe('BAD_USER_INPUT');
    const { data: answer } = await ask('PLATFORM', DISCARD, { input: { id, reason: 'a test' } });
    expect(answer?.['hoursDiscardDeadLetter']).toEqual({
      deadLetter: { resolution: 'DISCARDED', reason: 'a test' },
    });
    expect(applied).toBe(0);
    expect(await audit(id)).toMatchObject([{ action: 'dead-letter.discard' }]);
    const again = await ask('PLATFORM', DISCARD, { input: { id, reason: 'a test' } });
    expect(again.errors[0]?.extensions['rule']).toBe('DEAD-LETTER-RESOLVED');
  });

  it.each(['no uuid', randomUUID()])('know no dead letter %s', async (id) => {
    const { errors } = await ask('PLATFORM', REDRIVE, { input: { id } });
    expect(errors[0]?.extensions['code']).toBe('NOT_FOUND');
  });

  it.each([null, ...ROLES.filter((role) => role !== 'PLATFORM')])(
    'are refused to %s',
    async (role) => {
      const id = await park();
      const code = role === null ? 'UNAUTHENTICATED' : 'FORBIDDEN';
      for (const [source, input] of [
        [STATUS, {}],
        [REDRIVE, { id }],
        [DISCARD, { id, reason: 'x' }],
      ] as const) {
        const { data: answer, errors } = await ask(role, source, { input });
        expect(errors[0]?.extensions['code']).toBe(code);
        expect(answer).toBeNull();
      }
      expect(applied).toBe(0);
    },
  );
});
