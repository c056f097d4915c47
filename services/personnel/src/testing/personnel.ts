import { mkdtempSync, writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from '@jest/globals';
import { graphql, type GraphQLSchema } from 'graphql';
import type { DataSource } from 'typeorm';
import type { Contract } from '@yanxiu/contracts/contract';
import { assertContract, parseEnvelope, type EventOf } from '@yanxiu/contracts/envelope';
import type { Actor } from '@yanxiu/subgraph/actor';
import type { Context } from '@yanxiu/subgraph/context';
import { connectDatabase } from '@yanxiu/subgraph/database';
import type { Locale } from '@yanxiu/subgraph/errors';
import { personResolvers } from '@yanxiu/subgraph/person/export';
import { asSystem } from '@yanxiu/subgraph/scoped-database';
import { serviceSdl } from '@yanxiu/subgraph/sdl';
import { subgraphSchema } from '@yanxiu/subgraph/server';
import { partSdl } from '@yanxiu/subgraph/service-sdl';
import { testContext, type TestClock } from '@yanxiu/testkit/context';
import { createTestDatabase } from '@yanxiu/testkit/database';
import { appendOnly, entities, migrations } from '../database.js';
import { registerOrgUnit } from '../org-unit/commands.js';
import { publishDefaultPolicies } from '../policy/commands.js';
import {
  draftPolicy,
  publishPolicy,
  type DraftPolicyInput,
  type PolicyRef,
} from '../policy/draft.js';
import { service } from '../subgraph.js';
import { checkCharacter } from '../teacher/id-number.js';

export interface Personnel {
  db: DataSource;
  ownerUrl: string;
  clock: TestClock;
  /** The context of one request. */
  as(actor: Actor | null, locale?: Locale): Context;
  /** Asks through the service's own schema, as the gateway would. */
  ask(actor: Actor | null, source: string, variables?: Record<string, unknown>): Promise<Answer>;
  stop(): Promise<void>;
}

interface Answer {
  // What is asked differs from test to test.
  data: Record<string, never> | null;
  errors: { code: unknown; rule: unknown; message: string }[];
}

export const actor = (role: Actor['role'], unit: string, more: Partial<Actor> = {}): Actor => ({
  subject: `${role.toLowerCase()}-${unit}`,
  role,
  unit,
  ...more,
});

export const province = actor('OFFICER', '140000');
/** Another officer of the province, who publishes what the first has drafted. */
export const second = actor('OFFICER', '140000', { subject: 'second-officer-140000' });
export const changzhi = actor('OFFICER', '140400');
export const datong = actor('OFFICER', '140200');
export const luzhou = actor('OFFICER', '140403');
export const shangdang = actor('OFFICER', '140404');

/** A keyring of this process's own. */
export function useTestKeyring(): void {
  const key = () => randomBytes(32).toString('base64');
  const file = join(mkdtempSync(join(tmpdir(), 'yanxiu-keyring-')), 'personnel.json');
  const keyring = { active: 'k1', keys: { k1: key() }, hashKey: key() };
  writeFileSync(file, JSON.stringify(keyring), { mode: 0o600 });
  process.env['KEYRING_FILE'] = file;
}

let schema: GraphQLSchema | undefined;

function wholeSchema(): GraphQLSchema {
  const { name, mainUrl, personal, slices } = service;
  const sdl = `${serviceSdl(dirname(fileURLToPath(mainUrl)))}\n${partSdl('person', name)}`;
  return (schema ??= subgraphSchema(sdl, [
    ...slices.flatMap(({ resolvers }) => (resolvers ? [resolvers] : [])),
    personResolvers(name, personal),
  ]));
}

/** The service on a database of its own, its clock at 2025-06-30 10:00 in Shanghai. */
export async function startPersonnel(): Promise<Personnel> {
  useTestKeyring();
  const database = await createTestDatabase({ service: 'personnel', migrations, appendOnly });
  const db = asSystem(await connectDatabase({ url: database.appUrl, entities, poolSize: 4 }));
  const clock = { now: new Date('2025-06-30T10:00:00+08:00') };
  const as = (who: Actor | null, locale?: Locale) =>
    testContext({ service: 'personnel', db, actor: who, now: clock, ...(locale && { locale }) });
  return {
    db,
    ownerUrl: database.ownerUrl,
    clock,
    as,
    ask: async (who, source, variableValues = {}) => {
      const contextValue = as(who);
      const answer = await graphql({ schema: wholeSchema(), source, variableValues, contextValue });
      return {
        data: answer.data ? (JSON.parse(JSON.stringify(answer.data)) as Answer['data']) : null,
        errors: (answer.errors ?? []).map(({ extensions, message }) => ({
          code: extensions['code'],
          rule: extensions['rule'],
          message,
        })),
      };
    },
    stop: async () => {
      await db.destroy();
      await database.drop();
    },
  };
}

/** Drafts a version and publishes it, by two persons: two officers of the province, if not told. */
export async function publishVersion(
  personnel: Pick<Personnel, 'as'>,
  input: DraftPolicyInput,
  [drafter, publisher]: readonly [Actor | null, Actor | null] = [province, second],
): Promise<PolicyRef> {
  const { draftId } = await draftPolicy(personnel.as(drafter), input);
  return publishPolicy(personnel.as(publisher), { draftId });
}

/** The province, two cities, two counties of 长治 and four schools, with the default policies. */
export async function plantTree(personnel: Personnel): Promise<void> {
  const register = (input: Parameters<typeof registerOrgUnit>[1]) =>
    registerOrgUnit(personnel.as(province), { validFrom: '2021-01-01', ...input });
  await register({ code: '140000', name: '山西省', tier: 'PROVINCE' });
  await publishDefaultPolicies(personnel.as(province), {});
  await register({ code: '140400', name: '长治市', tier: 'CITY', parentCode: '140000' });
  await register({ code: '140200', name: '大同市', tier: 'CITY', parentCode: '140000' });
  await register({ code: '140403', name: '潞州区', tier: 'COUNTY', parentCode: '140400' });
  await register({ code: '140404', name: '上党区', tier: 'COUNTY', parentCode: '140400' });
  const school = { tier: 'SCHOOL', sector: 'BASIC' } as const;
  await register({ ...school, ...LUZHOU_PRIMARY, parentCode: '140403' });
  await register({ ...school, ...SHANGDANG_PRIMARY, parentCode: '140404' });
  await register({ ...school, code: '1404030002', name: '潞州区某学校', parentCode: '140403' });
  await register({
    code: '1404000001',
    name: '长治某职业学校',
    tier: 'SCHOOL',
    sector: 'VOCATIONAL',
    stage: 'SECONDARY_VOCATIONAL',
    parentCode: '140400',
  });
}

export const LUZHOU_PRIMARY = {
  code: '1404030001',
  name: '潞州区第一小学',
  stage: 'PRIMARY',
} as const;
export const SHANGDANG_PRIMARY = {
  code: '1404040001',
  name: '上党区第一小学',
  stage: 'PRIMARY',
} as const;

/** A valid ID number of nobody: 999999 is no region. */
export function idNumber(serial: number, birth = '19850612'): string {
  const first17 = `999999${birth}${String(serial).padStart(3, '0')}`;
  return first17 + checkCharacter(first17);
}

/** Rows of all tables that a refused command must leave as they were. */
export async function footprint(db: DataSource): Promise<Record<string, number>> {
  const tables = [
    'org_unit',
    'org_unit_parent',
    'teacher',
    'post',
    'classification',
    'leave',
    'policy',
  ];
  const counts: [string, number][] = [];
  const policy = ['instrument', 'policy_draft', 'policy_draft_end'];
  for (const table of [...tables, ...policy, 'audit', 'outbox']) {
    const rows: { n: number }[] = await db.query(`SELECT count(*)::int AS n FROM ${table}`);
    counts.push([table, rows[0]?.n ?? -1]);
  }
  return Object.fromEntries(counts);
}

/** The rule, or else the code, by which something is refused; a refusal has written nothing. */
export async function refusalOf(db: DataSource, work: () => Promise<unknown>): Promise<unknown> {
  const before = await footprint(db);
  const error = await work().then(
    () => null,
    (reason: { extensions?: { rule?: unknown; code?: unknown } }) => reason,
  );
  expect(error).not.toBeNull();
  expect(await footprint(db)).toEqual(before);
  return error?.extensions?.rule ?? error?.extensions?.code ?? error;
}

/** Types and data of the events of one key, in order. */
export async function eventsOf(
  db: DataSource,
  key: string,
): Promise<{ type: string; data: Record<string, unknown> }[]> {
  return db.query(
    `SELECT envelope ->> 'type' AS type, envelope -> 'data' AS data
     FROM outbox WHERE key = $1 AND topic NOT LIKE '%.state' ORDER BY version`,
    [key],
  );
}

/** The newest snapshot of one key as consumers of `<topic>.state` get it. */
export async function snapshotOf<C extends Contract>(
  db: DataSource,
  snapshot: C,
  key: string,
): Promise<EventOf<C>> {
  const rows: { envelope: unknown }[] = await db.query(
    'SELECT envelope FROM outbox WHERE topic = $1 AND key = $2 ORDER BY version DESC LIMIT 1',
    [snapshot.topic, key],
  );
  const envelope = parseEnvelope(JSON.stringify(rows[0]?.envelope ?? null));
  assertContract(envelope);
  expect(envelope.type).toBe(snapshot.type);
  return envelope as EventOf<C>;
}
