import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  actor,
  changzhi,
  datong,
  eventsOf,
  refusalOf,
  luzhou,
  plantTree,
  province,
  publishVersion,
  startPersonnel,
  type Personnel,
} from '../testing/personnel.js';
import { moveOrgUnit, registerOrgUnit, type RegisterOrgUnitInput } from './commands.js';

let personnel: Personnel;

beforeAll(async () => {
  personnel = await startPersonnel();
  await plantTree(personnel);
});

afterAll(() => personnel.stop());

const register = (who: typeof province | null, input: RegisterOrgUnitInput) =>
  registerOrgUnit(personnel.as(who), input);

/** The refusal of a command that must not leave a trace. */
const refusal = (work: () => Promise<unknown>) => refusalOf(personnel.db, work);

const school = (code: string, parentCode: string, more: Partial<RegisterOrgUnitInput> = {}) => ({
  code,
  name: `学校 ${code}`,
  tier: 'SCHOOL' as const,
  sector: 'BASIC' as const,
  parentCode,
  ...more,
});

describe('the tree of units', () => {
  it('[R4] keeps province, city, county and school in their order', async () => {
    const county = { code: '140405', name: '屯留区', tier: 'COUNTY' as const };
    expect(await refusal(() => register(province, { ...county, parentCode: '140000' }))).toBe(
      'ORG-TIER',
    );
    expect(await refusal(() => register(province, { ...county, parentCode: '140403' }))).toBe(
      'ORG-TIER',
    );
    await register(changzhi, { ...county, parentCode: '140400', validFrom: '2022-01-01' });
    expect(await eventsOf(personnel.db, '140405')).toEqual([
      {
        type: 'cn.yanxiu.personnel.org-unit.registered.v1',
        data: {
          ...county,
          sector: null,
          stage: null,
          parentCode: '140400',
          validFrom: '2022-01-01',
        },
      },
    ]);
    const audit: unknown[] = await personnel.db.query(
      "SELECT 1 FROM audit WHERE action = 'orgUnit.register' AND subject_id = '140405'",
    );
    expect(audit).toHaveLength(1);
  });

  it('[R17] hangs a basic school under a county or a city, not under the province', async () => {
    expect(await refusal(() => register(province, school('1400000009', '140000')))).toBe(
      'ORG-TIER',
    );
    await register(luzhou, school('1404030010', '140403', { stage: 'KINDERGARTEN' }));
    await register(changzhi, school('1404000010', '140400'));
  });

  it('[R50] hangs a vocational school under a city, never under a county', async () => {
    const vocational = { sector: 'VOCATIONAL', stage: 'SECONDARY_VOCATIONAL' } as const;
    expect(
      await refusal(() => register(province, school('1404030011', '140403', vocational))),
    ).toBe('ORG-TIER');
    await register(changzhi, school('1404000011', '140400', vocational));
  });

  it('[R64] hangs a university under the province or a city, never under a county', async () => {
    const higher = { sector: 'HIGHER', stage: 'HIGHER' } as const;
    expect(await refusal(() => register(province, school('1404030012', '140403', higher)))).toBe(
      'ORG-TIER',
    );
    await register(province, school('1400000012', '140000', higher));
  });

  it('lets the model of a sector be changed as data, from a date', async () => {
    const model = {
      BASIC: ['CITY', 'COUNTY'],
      VOCATIONAL: ['PROVINCE', 'CITY', 'COUNTY'],
      HIGHER: ['PROVINCE', 'CITY'],
    };
    const vocational = { sector: 'VOCATIONAL', stage: 'SECONDARY_VOCATIONAL' } as const;
    await publishVersion(personnel, {
      key: 'governance.parentTiers',
      value: model,
      validFrom: '2025-07-01',
      instrument: '晋教师〔2023〕4号',
      article: 'A21',
      quotation: '试点',
    });
    const input = school('1404030013', '140403', vocational);
    expect(await refusal(() => register(luzhou, input))).toBe('ORG-TIER');
    personnel.clock.now = new Date('2025-07-01T00:00:00+08:00');
    await register(luzhou, input);
  });

  it.each([
    ['a county code of five digits', { code: '14040', tier: 'COUNTY' as const }, 'ORG-CODE'],
    ['a school code of six digits', school('140499', '140400'), 'ORG-CODE'],
    ['no name', school('1404000099', '140400', { name: ' ' }), 'ORG-NAME'],
    ['a school without sector', school('1404000099', '140400', { sector: null }), 'ORG-SECTOR'],
    ['a stage of another sector', school('1404000099', '140400', { stage: 'HIGHER' }), 'ORG-STAGE'],
    ['a parent that does not exist', school('1404000099', '149900'), 'BAD_USER_INPUT'],
    ['a code that is taken', school('1404030001', '140403'), 'CONFLICT'],
    [
      'a day before its parent',
      school('1404000099', '140400', { validFrom: '2020-12-31' }),
      'ORG-PARENT-DATE',
    ],
    [
      'a day in the future',
      school('1404000099', '140400', { validFrom: '2026-01-01' }),
      'BAD_USER_INPUT',
    ],
  ])('refuses %s', async (_, input, rule) => {
    const full = { name: '某县', parentCode: '140400', ...input } as RegisterOrgUnitInput;
    expect(await refusal(() => register(province, full))).toBe(rule);
  });

  it.each([
    ['an officer of another city', datong, 'FORBIDDEN'],
    ['an officer of a county below', luzhou, 'FORBIDDEN'],
    ['a coordinator', actor('COORDINATOR', '140400'), 'FORBIDDEN'],
    ['the platform operator', actor('PLATFORM', '140000'), 'FORBIDDEN'],
    ['nobody', null, 'UNAUTHENTICATED'],
  ])('refuses %s', async (_, who, code) => {
    expect(await refusal(() => register(who, school('1404000098', '140400')))).toBe(code);
  });

  it('has one root, planted once', async () => {
    const second = { code: '150000', name: '另一省', tier: 'PROVINCE' as const };
    expect(await refusal(() => register(actor('OFFICER', '150000'), second))).toBe('FORBIDDEN');
  });

  it('answers the same key and input once', async () => {
    const input = school('1404000097', '140400', { idempotencyKey: 'k-97' });
    const first = await register(changzhi, input);
    expect(await register(changzhi, input)).toEqual(first);
    expect(await refusal(() => register(changzhi, { ...input, name: '别名' }))).toBe(
      'IDEMPOTENCY_KEY_REUSED',
    );
    expect(await eventsOf(personnel.db, '1404000097')).toHaveLength(1);
  });
});

describe('a move', () => {
  const move = (who: typeof province, code: string, parentCode: string, validFrom: string) =>
    moveOrgUnit(personnel.as(who), { code, parentCode, validFrom });

  beforeAll(async () => {
    personnel.clock.now = new Date('2025-07-02T10:00:00+08:00');
    await register(changzhi, school('1404030020', '140403', { validFrom: '2022-01-01' }));
  });

  it('[R4] gives the unit and what is below it another parent from a date', async () => {
    await move(changzhi, '1404030020', '140404', '2025-03-01');
    const { data } = await personnel.ask(
      luzhou,
      `{ orgUnit(code: "1404030020") {
           now: parent { code }
           before: parent(on: "2025-02-28") { code }
           from: parent(on: "2025-03-01") { code }
           ancestors { code }
           then: ancestors(on: "2025-02-28") { code }
         } }`,
    );
    expect(data?.['orgUnit']).toEqual({
      now: { code: '140404' },
      before: { code: '140403' },
      from: { code: '140404' },
      ancestors: [{ code: '140000' }, { code: '140400' }, { code: '140404' }],
      then: [{ code: '140000' }, { code: '140400' }, { code: '140403' }],
    });
    expect((await eventsOf(personnel.db, '1404030020')).at(-1)).toEqual({
      type: 'cn.yanxiu.personnel.org-unit.moved.v1',
      data: { code: '1404030020', parentCode: '140404', validFrom: '2025-03-01' },
    });
  });

  it('moves a whole subtree', async () => {
    await register(province, {
      code: '140406',
      name: '某县',
      tier: 'COUNTY',
      parentCode: '140400',
    });
    await register(province, school('1404060001', '140406'));
    personnel.clock.now = new Date('2025-07-03T10:00:00+08:00');
    await move(province, '140406', '140200', '2025-07-03');
    const paths = await personnel.db.query(
      "SELECT path FROM org_unit WHERE code IN ('140406', '1404060001') ORDER BY path",
    );
    expect(paths).toEqual([
      { path: '140000.140200.140406' },
      { path: '140000.140200.140406.1404060001' },
    ]);
  });

  it.each([
    ['under the same parent', changzhi, '1404030020', '140404', '2025-06-01', 'ORG-SAME'],
    ['in the future', changzhi, '1404030020', '140403', '2025-12-01', 'ORG-DATE'],
    ['before the last move', changzhi, '1404030020', '140403', '2025-03-01', 'ORG-DATE'],
    ['under itself', province, '140403', '140403', '2025-06-01', 'ORG-CYCLE'],
    ['under what is below it', province, '140400', '140403', '2025-06-01', 'ORG-CYCLE'],
    ['into the wrong tier', province, '140403', '140404', '2025-06-01', 'ORG-TIER'],
    ['out of the jurisdiction', luzhou, '1404030001', '140404', '2025-06-01', 'FORBIDDEN'],
    ['from outside the jurisdiction', luzhou, '1404040001', '140403', '2025-06-01', 'FORBIDDEN'],
    ['of the root', province, '140000', '140400', '2025-06-01', 'NOT_FOUND'],
  ])('is refused %s', async (_, who, code, parentCode, on, rule) => {
    expect(await refusal(() => move(who, code, parentCode, on))).toBe(rule);
  });
});

describe('reading the tree', () => {
  it('pages through a subtree and its children for any signed-in actor', async () => {
    const teacher = actor('TEACHER', '1404030001');
    const query = `query ($after: String) { orgUnits(under: "140400", first: 2, after: $after) {
      nodes { code } pageInfo { hasNextPage endCursor } } }`;
    const codes: string[] = [];
    let after: string | null = null;
    do {
      const { data }: Awaited<ReturnType<Personnel['ask']>> = await personnel.ask(teacher, query, {
        after,
      });
      const page = data?.['orgUnits'] as unknown as {
        nodes: { code: string }[];
        pageInfo: { hasNextPage: boolean; endCursor: string };
      };
      codes.push(...page.nodes.map(({ code }) => code));
      after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
    } while (after);
    expect(codes.slice(0, 2)).toEqual(['140400', '1404000001']);
    expect(new Set(codes).size).toBe(codes.length);
    expect(codes).not.toContain('140200');
    const { data } = await personnel.ask(
      teacher,
      '{ orgUnit(code: "140400") { children(tier: COUNTY, first: 2) { nodes { code } } } }',
    );
    expect(data?.['orgUnit']).toEqual({
      children: { nodes: [{ code: '140403' }, { code: '140404' }] },
    });
  });

  it('asks for a token, and knows a unit from its first day on', async () => {
    expect(
      (await personnel.ask(null, '{ orgUnit(code: "140400") { name } }')).errors,
    ).toMatchObject([{ code: 'UNAUTHENTICATED' }]);
    const dated = (on: string) =>
      personnel.ask(luzhou, `{ orgUnit(code: "140400", on: "${on}") { name } }`);
    expect(await dated('2020-12-31')).toMatchObject({
      data: { orgUnit: null },
      errors: [{ code: 'NOT_FOUND' }],
    });
    const unknown = await personnel.ask(luzhou, '{ orgUnits(under: "149900") { nodes { code } } }');
    expect(unknown.errors).toMatchObject([{ code: 'NOT_FOUND' }]);
    expect((await dated('2021-01-01')).data).toEqual({ orgUnit: { name: '长治市' } });
  });

  it('resolves references by code and by id', async () => {
    const { data } = await personnel.ask(luzhou, '{ orgUnit(code: "140403") { id } }');
    const { id } = data?.['orgUnit'] as unknown as { id: string };
    const answer = await personnel.ask(
      null,
      `query ($refs: [_Any!]!) { _entities(representations: $refs) { ... on OrgUnit { name } } }`,
      {
        refs: [
          { __typename: 'OrgUnit', code: '140404' },
          { __typename: 'OrgUnit', id },
          { __typename: 'OrgUnit', code: '999999' },
        ],
      },
    );
    expect(answer.data).toEqual({ _entities: [{ name: '上党区' }, { name: '潞州区' }, null] });
  });

  it('says who governs a school: four tiers, three or two (§三（一）)', async () => {
    const governance = async (code: string) => {
      const { data } = await personnel.ask(
        luzhou,
        `{ orgUnit(code: "${code}") { governance { unit { tier } authority } } }`,
      );
      const unit = data?.['orgUnit'] as unknown as {
        governance: { unit: { tier: string }; authority: string }[];
      };
      return unit.governance.map((part) => `${part.unit.tier} ${part.authority}`);
    };
    expect(await governance('1404030001')).toEqual([
      'PROVINCE GUIDE',
      'CITY IMPLEMENT',
      'COUNTY IMPLEMENT',
      'SCHOOL IMPLEMENT',
    ]);
    expect(await governance('1404000001')).toEqual([
      'PROVINCE GUIDE',
      'CITY COORDINATE',
      'SCHOOL IMPLEMENT',
    ]);
    expect(await governance('1400000012')).toEqual(['PROVINCE GUIDE', 'SCHOOL IMPLEMENT']);
    expect(await governance('140400')).toEqual([]);
  });
});
