import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { shortfallCleared, shortfallFound } from '@yanxiu/contracts/funding';
import { declareFundingBase } from '../base/commands.js';
import { adjustBudget, approveBudget } from '../budget/commands.js';
import {
  CITY,
  COLLEGE,
  COUNTY,
  OTHER_COUNTY,
  PROVINCE,
  SCHOOL,
  Treasury,
  UNIVERSITY,
  VALUES,
  VOCATIONAL,
} from '../testing/treasury.js';

let treasury: Treasury;
beforeAll(async () => {
  treasury = await Treasury.start();
});
afterAll(() => treasury.stop());

const source = '2025年财政决算报表';

const REQUIREMENT = `query ($units: [_Any!]!, $year: Int!) {
  _entities(representations: $units) { ... on OrgUnit {
    statutoryRequirement(fiscalYear: $year) {
      rule required budgeted shortfall met baseAmount basisPoints policyKey policyVersion article
      base { version source }
    } } } }`;

async function requirementOf(code: string, year: number): Promise<unknown> {
  const units = [{ __typename: 'OrgUnit', code }];
  const { data, errors } = await treasury.ask(REQUIREMENT, treasury.as(code), { units, year });
  expect(errors).toBeUndefined();
  return (data as { _entities: { statutoryRequirement: unknown }[] })._entities[0]
    ?.statutoryRequirement;
}

interface Case {
  unit: string;
  given: { payroll?: number; publicFunds?: number; teacherPayroll?: number };
  wrong: { payroll?: number; publicFunds?: number; teacherPayroll?: number };
  rule: string;
  required: string;
  policyKey: string;
}

const gov = { rule: 'FUND-GOV', policyKey: 'funding.gov' };
const school = { rule: 'FUND-SCHOOL', policyKey: 'funding.school' };
const higher = { rule: 'FUND-HIGHER', policyKey: 'funding.higher' };
const payroll = { given: { payroll: 1_000_020 }, wrong: { publicFunds: 1 }, required: '250.01' };
const publicFunds = { given: { publicFunds: 1_010 }, wrong: { payroll: 1 }, required: '0.51' };
const teachers = { given: { teacherPayroll: 100 }, wrong: { payroll: 1 }, required: '0.02' };

const cases: [string, Case][] = [
  ['[R124] [FUND-GOV] 2.5 % of payroll, province', { unit: PROVINCE, ...gov, ...payroll }],
  ['[R124] [FUND-GOV] 2.5 % of payroll, city', { unit: CITY, ...gov, ...payroll }],
  ['[R124] [FUND-GOV] 2.5 % of payroll, county', { unit: COUNTY, ...gov, ...payroll }],
  ['[R125] [FUND-SCHOOL] 5 % of public funds, school', { unit: SCHOOL, ...school, ...publicFunds }],
  [
    '[R125] [FUND-SCHOOL] 5 % of public funds, secondary vocational',
    { unit: VOCATIONAL, ...school, ...publicFunds },
  ],
  [
    '[R126] [FUND-HIGHER] 1.5 % of teacher payroll, vocational college',
    { unit: COLLEGE, ...higher, ...teachers },
  ],
  [
    '[R126] [FUND-HIGHER] 1.5 % of teacher payroll, university',
    { unit: UNIVERSITY, ...higher, ...teachers },
  ],
];

describe('the minimum of a unit', () => {
  it.each(cases)('%s; refuses a declaration without that base', async (_, given) => {
    const { unit, rule, required, policyKey } = given;
    const common = { fiscalYear: 2024, source };
    await expect(
      declareFundingBase(treasury.as(unit), { ...common, ...given.wrong }),
    ).rejects.toMatchObject({ extensions: { code: 'REFUSED', rule } });
    expect(await requirementOf(unit, 2024)).toBeNull();
    await declareFundingBase(treasury.as(unit), { ...common, ...given.given });
    expect(await requirementOf(unit, 2024)).toMatchObject({
      rule,
      required,
      shortfall: required,
      budgeted: '0.00',
      met: false,
      policyKey,
      policyVersion: 1,
      article: '四（二）',
      base: { version: 1, source },
    });
  });

  it('refuses a declaration below zero, of another unit, or by another role', async () => {
    const input = { fiscalYear: 2023, source, payroll: 100 };
    const declare = (context = treasury.as(COUNTY), change = {}) =>
      declareFundingBase(context, { ...input, ...change });
    await expect(declare(undefined, { payroll: -1 })).rejects.toMatchObject({
      extensions: { rule: 'FUND-GOV' },
    });
    for (const context of [treasury.as(CITY), treasury.as(COUNTY, 'AUDITOR')]) {
      await expect(declare(context, { unit: COUNTY })).rejects.toMatchObject({
        extensions: { code: 'FORBIDDEN' },
      });
    }
    await expect(declare(undefined, { source: ' ' })).rejects.toMatchObject({
      extensions: { code: 'BAD_USER_INPUT' },
    });
    await declare(treasury.as(COUNTY, 'OFFICER'));
    expect(await requirementOf(COUNTY, 2023)).toMatchObject({ required: '0.03' });
  });

  it('follows the latest version of a declaration; the earlier ones stay', async () => {
    const common = { fiscalYear: 2022, source };
    for (const payroll of [4_000, 8_000]) {
      await declareFundingBase(treasury.as(COUNTY), { ...common, payroll });
    }
    expect(await requirementOf(COUNTY, 2022)).toMatchObject({
      required: '2.00',
      base: { version: 2 },
    });
    const versions = await treasury.db.query(
      'SELECT version FROM funding_base WHERE fiscal_year = 2022 ORDER BY version',
    );
    expect(versions).toEqual([{ version: 1 }, { version: 2 }]);
  });
});

describe('a shortfall', () => {
  it('[R40] [R122] is found when a county budgets too little, and then cleared', async () => {
    const [context, key] = [treasury.as(COUNTY), `${COUNTY}:2025`];
    await declareFundingBase(context, { fiscalYear: 2025, source, payroll: 40_000_000 });
    const { budgetId } = await approveBudget(context, {
      fiscalYear: 2025,
      source: 'LOCAL_TREASURY',
      amount: 600_000,
    });
    expect(await treasury.emitted(shortfallFound, key)).toMatchObject([
      { rule: 'FUND-GOV', requiredFen: 1_000_000, budgetedFen: 0, shortfallFen: 1_000_000 },
      { requiredFen: 1_000_000, budgetedFen: 600_000, shortfallFen: 400_000 },
    ]);
    expect(await treasury.emitted(shortfallCleared, key)).toEqual([]);
    const delta = 400_000;
    await expect(
      adjustBudget(treasury.as(CITY), { budgetId, delta, reason: '代县追加' }),
    ).rejects.toMatchObject({ extensions: { code: 'FORBIDDEN' } });
    await adjustBudget(context, { budgetId, delta, reason: '追加' });
    expect(await treasury.emitted(shortfallCleared, key)).toMatchObject([
      { requiredFen: 1_000_000, budgetedFen: 1_000_000, shortfallFen: 0 },
    ]);
    expect(await requirementOf(COUNTY, 2025)).toMatchObject({ met: true, shortfall: '0.00' });
    // What changes nothing is not told again.
    await declareFundingBase(context, { fiscalYear: 2025, source, payroll: 40_000_000 });
    expect(await treasury.emitted(shortfallCleared, key)).toHaveLength(1);
    expect(await treasury.emitted(shortfallFound, key)).toHaveLength(2);
  });

  it('follows a new version of the parameter for the years that begin in its force', async () => {
    const context = treasury.as(OTHER_COUNTY);
    for (const fiscalYear of [2025, 2026]) {
      await declareFundingBase(context, { fiscalYear, source, payroll: 1_000 });
    }
    await treasury.publish(
      'funding.gov',
      { basisPoints: 300, base: 'PAYROLL_BASIC' },
      { version: 2, validFrom: '2025-07-01' },
    );
    expect(await requirementOf(OTHER_COUNTY, 2025)).toMatchObject({ required: '0.25' });
    expect(await requirementOf(OTHER_COUNTY, 2026)).toMatchObject({
      required: '0.30',
      policyVersion: 2,
    });
  });

  it('is computed when the parameter arrives after the declaration', async () => {
    const late = await Treasury.start({ policies: false });
    try {
      await declareFundingBase(late.as(COUNTY), { fiscalYear: 2025, source, payroll: 1_000 });
      expect(await late.count('statutory_requirement')).toBe(0);
      await late.publish('funding.gov', VALUES['funding.gov']);
      expect(await late.emitted(shortfallFound, `${COUNTY}:2025`)).toMatchObject([
        { requiredFen: 25 },
      ]);
    } finally {
      await late.stop();
    }
  });
});

describe('fundingShortfalls', () => {
  const QUERY = `query ($tier: String, $under: ID, $first: Int, $after: String,
      $onlyShort: Boolean) {
    fundingShortfalls(fiscalYear: 2025, tier: $tier, under: $under, first: $first, after: $after,
                      onlyShort: $onlyShort) {
      nodes { unit { code } required budgeted spent notBudgeted notSpent base { payroll } }
      pageInfo { hasNextPage endCursor } } }`;

  it('lists the units of a tier in the jurisdiction by code, page by page', async () => {
    const pages: unknown[] = [];
    let after: string | null = null;
    do {
      const variables = { tier: 'COUNTY', first: 1, after };
      const { data, errors } = await treasury.ask(QUERY, treasury.as(CITY, 'ANALYST'), variables);
      expect(errors).toBeUndefined();
      const { fundingShortfalls: page } = data as {
        fundingShortfalls: {
          nodes: unknown[];
          pageInfo: { hasNextPage: boolean; endCursor: string };
        };
      };
      pages.push(...page.nodes);
      after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
    } while (after);
    expect(pages).toEqual([
      {
        unit: { code: COUNTY },
        required: '10000.00',
        budgeted: '10000.00',
        spent: '0.00',
        notBudgeted: '0.00',
        notSpent: '10000.00',
        base: { payroll: '400000.00' },
      },
      {
        unit: { code: OTHER_COUNTY },
        required: '0.25',
        budgeted: '0.00',
        spent: '0.00',
        notBudgeted: '0.25',
        notSpent: '0.00',
        base: { payroll: '10.00' },
      },
    ]);
    const short = await treasury.ask(QUERY, treasury.as(CITY, 'ANALYST'), { onlyShort: true });
    expect(short.data).toMatchObject({
      fundingShortfalls: { nodes: [{ unit: { code: OTHER_COUNTY } }] },
    });
  });

  it('ends at the jurisdiction', async () => {
    const outside = await treasury.ask(QUERY, treasury.as(COUNTY), { under: CITY });
    expect(outside.errors).toEqual(['NOT_FOUND']);
    const teacher = await treasury.ask(QUERY, treasury.as(COUNTY, 'TEACHER'));
    expect(teacher.errors).toEqual(['FORBIDDEN']);
    const platform = await treasury.ask(QUERY, treasury.as(PROVINCE, 'PLATFORM'));
    expect(platform.errors).toEqual(['FORBIDDEN']);
    const nobody = { ...treasury.as(COUNTY), actor: null };
    expect((await treasury.ask(QUERY, nobody)).errors).toEqual(['UNAUTHENTICATED']);
    const entity = `{ _entities(representations: [{ __typename: "OrgUnit", code: "${COUNTY}" }]) {
      ... on OrgUnit {
        budget(fiscalYear: 2025) { id } fundingShortfalls(fiscalYear: 2025) { budgeted }
        fundingBase(fiscalYear: 2025) { id } statutoryRequirement(fiscalYear: 2025) { rule } } } }`;
    const foreign = await treasury.ask(entity, treasury.as(OTHER_COUNTY));
    expect(foreign.data).toEqual({
      _entities: [
        { budget: null, fundingShortfalls: null, fundingBase: null, statutoryRequirement: null },
      ],
    });
  });
});
