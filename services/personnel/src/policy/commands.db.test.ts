import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { policiesOn } from '@yanxiu/registry/policy';
import {
  changzhi,
  eventsOf,
  refusalOf,
  plantTree,
  province,
  publishVersion,
  startPersonnel,
  type Personnel,
} from '../testing/personnel.js';
import type { DraftPolicyInput } from './draft.js';
import { POLICY_SEEDS } from './seeds.js';

let personnel: Personnel;

beforeAll(async () => {
  personnel = await startPersonnel();
  await plantTree(personnel);
});

afterAll(() => personnel.stop());

const version = (more: Partial<DraftPolicyInput> = {}): DraftPolicyInput => ({
  key: 'hours.dayCap',
  value: 600,
  validFrom: '2025-09-01',
  instrument: '晋教师〔2023〕4号',
  article: 'A5',
  quotation: '每人每日至多6学时',
  ...more,
});

const publish = (input: DraftPolicyInput) => publishVersion(personnel, input);

const refusal = (work: () => Promise<unknown>) => refusalOf(personnel.db, work);

const valueOn = async (on: string, scope: string | null = null, key = 'hours.dayCap') => {
  const { data } = await personnel.ask(
    null,
    `query ($key: ID!, $on: Date, $scope: ID) {
       policy(key: $key, on: $on, scope: $scope) { value version } }`,
    { key, on, scope },
  );
  return data?.['policy'];
};

describe('the policy register', () => {
  it('publishes every parameter of the guideline once, each with its event', async () => {
    const again = 'mutation { publishDefaultPolicies(input: {}) { published } }';
    expect((await personnel.ask(province, again)).data).toEqual({
      publishDefaultPolicies: { published: 0 },
    });
    expect((await personnel.ask(changzhi, again)).errors).toMatchObject([{ code: 'FORBIDDEN' }]);
    for (const seed of POLICY_SEEDS) {
      expect(await eventsOf(personnel.db, seed.key)).toEqual([
        {
          type: 'cn.yanxiu.personnel.policy.published.v1',
          data: expect.objectContaining({ key: seed.key, version: 1, value: seed.value }),
        },
      ]);
    }
  });

  it('[R1] rests every version on a registered document with article and words', async () => {
    expect(await refusal(() => publish(version({ instrument: '某文件' })))).toBe('BAD_USER_INPUT');
    expect(await refusal(() => publish(version({ quotation: ' ' })))).toBe('POLICY-CITED');
    const { data, errors } = await personnel.ask(
      province,
      `mutation {
         registerPolicyInstrument(input: {
           citation: "晋教师〔2025〕9号", title: "某通知", issuer: "山西省教育厅", issuedOn: "2025-06-01"
         }) { instrument { citation } } }`,
    );
    expect(errors).toEqual([]);
    expect(data).toEqual({
      registerPolicyInstrument: { instrument: { citation: '晋教师〔2025〕9号' } },
    });
    const instrument = '晋教师〔2025〕9号';
    const key = 'hours.minutesPerHour';
    await publish(version({ key, value: 45, validFrom: '2025-07-01', instrument }));
    const read = await personnel.ask(
      null,
      `{ policy(key: "${key}", on: "2025-07-01") {
           version unit rules instrument { issuedOn } } }`,
    );
    expect(read.data).toEqual({
      policy: {
        version: 2,
        unit: 'minutes',
        rules: ['HOURS-UNIT'],
        instrument: { issuedOn: '2025-06-01' },
      },
    });
  });

  it('[R20] tells of what it publishes', async () => {
    expect(await publish(version())).toEqual({ key: 'hours.dayCap', version: 2 });
    expect((await eventsOf(personnel.db, 'hours.dayCap')).at(-1)?.data).toEqual({
      ...version(),
      version: 2,
      unit: 'centihours',
      validTo: null,
      scopeCode: null,
      rules: ['HOURS-CAP'],
      publishedAt: '2025-06-30T02:00:00.000Z',
    });
  });

  it('[R138] is read without login, as of a date', async () => {
    expect(await valueOn('2025-08-31')).toEqual({ value: 800, version: 1 });
    expect(await valueOn('2025-09-01')).toEqual({ value: 600, version: 2 });
    expect(await valueOn('2020-12-31')).toBeNull();
    const { data, errors } = await personnel.ask(
      null,
      `{ policies(on: "2025-06-30") { key quotation article instrument { citation issuedOn } }
         policyInstruments { citation } policyVersions(key: "hours.dayCap") { version } }`,
    );
    expect(errors).toEqual([]);
    expect(data?.['policies']).toHaveLength(POLICY_SEEDS.length);
    expect(data?.['policies']).toContainEqual({
      key: 'hours.basic.annual',
      article: '三（一）1、A31',
      quotation: '5年一周期，每年不少于72学时',
      instrument: { citation: '晋教师〔2023〕4号', issuedOn: '2023-05-04' },
    });
    expect(data?.['policyVersions']).toEqual([{ version: 2 }, { version: 1 }]);
    // What is not public stays closed to the same caller.
    const closed = await personnel.ask(null, '{ teachers { nodes { id } } }');
    expect(closed.errors).toMatchObject([{ code: 'UNAUTHENTICATED' }]);
  });

  it('keeps null and lists as the value they are', async () => {
    expect(await valueOn('2025-01-01', null, 'hours.higher.annual')).toEqual({
      value: null,
      version: 1,
    });
    expect(await valueOn('2025-01-01', null, 'hours.sourceCaps')).toEqual({
      value: [],
      version: 1,
    });
  });

  it('prefers the nearest scope, as the rules that compute do', async () => {
    const key = 'evaluation.minResponses';
    const scoped = (value: number, scopeCode: string, validTo?: string) =>
      publish(version({ key, value, scopeCode, validTo, validFrom: '2025-01-01', article: 'A16' }));
    await scoped(10, '140400');
    await scoped(12, '140403', '2025-03-31');
    const cases = [
      ['2025-03-31', '1404030001', 12],
      ['2025-04-01', '1404030001', 10],
      ['2025-03-31', '140404', 10],
      ['2025-03-31', '140200', 8],
      ['2025-03-31', null, 8],
      ['2024-12-31', '140403', 8],
    ] as const;
    for (const [on, unit, value] of cases) {
      expect(await valueOn(on, unit, key)).toMatchObject({ value });
      expect((await policiesOn(personnel.db.manager, on, unit)).value(key)).toBe(value);
    }
  });

  it.each([
    ['an unknown key', { key: 'hours.unknown' }, 'POLICY-KEY'],
    ['a value of another shape', { value: '8 hours' }, 'POLICY-VALUE'],
    ['an end before its beginning', { validTo: '2025-08-31' }, 'POLICY-DATES'],
    ['a scope that does not exist', { scopeCode: '149900' }, 'BAD_USER_INPUT'],
  ])('refuses %s', async (_, more, rule) => {
    expect(await refusal(() => publish(version(more)))).toBe(rule);
  });

  it('numbers versions without gaps when two are published at once', async () => {
    const key = 'evaluation.alphaWarn';
    const published = await Promise.all(
      ['140200', '140403', '140404'].map((scopeCode) =>
        publish(version({ key, value: 65, scopeCode })),
      ),
    );
    expect(published.map((ref) => ref.version).sort()).toEqual([2, 3, 4]);
  });

  it.each(['policy', 'instrument'])('never edits %s, whoever asks', async (table) => {
    const owner = new pg.Client({ connectionString: personnel.ownerUrl });
    await owner.connect();
    try {
      const column = table === 'policy' ? 'article' : 'title';
      for (const statement of [
        `UPDATE ${table} SET ${column} = 'x'`,
        `DELETE FROM ${table}`,
        `TRUNCATE ${table} CASCADE`,
      ]) {
        await expect(owner.query(statement)).rejects.toThrow(/append-only/);
        await expect(personnel.db.query(statement)).rejects.toThrow(/permission denied/);
      }
    } finally {
      await owner.end();
    }
  });
});
