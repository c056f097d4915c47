import { describe, expect, it } from '@jest/globals';
import type { AuthorityModel } from '@yanxiu/registry/governance';
import type { Tier } from '@yanxiu/registry/org-unit';
import { ROLES, type Role } from '@yanxiu/subgraph/actor';
import type { Permission } from '@yanxiu/subgraph/decision';
import { at, whoMay } from '@yanxiu/testkit/acting';
import * as rules from './rules.js';

const MODEL: AuthorityModel = {
  BASIC: { PROVINCE: 'GUIDE', CITY: 'IMPLEMENT', COUNTY: 'IMPLEMENT', SCHOOL: 'IMPLEMENT' },
  VOCATIONAL: { PROVINCE: 'GUIDE', CITY: 'COORDINATE', SCHOOL: 'IMPLEMENT' },
  HIGHER: { PROVINCE: 'GUIDE', SCHOOL: 'IMPLEMENT' },
};

const UNITS = {
  province: { code: '140000', tier: 'PROVINCE', sector: null, path: '140000' },
  city: { code: '140400', tier: 'CITY', sector: null, path: '140000.140400' },
  otherCity: { code: '140200', tier: 'CITY', sector: null, path: '140000.140200' },
  county: { code: '140403', tier: 'COUNTY', sector: null, path: '140000.140400.140403' },
  school: { code: '1', tier: 'SCHOOL', sector: 'BASIC', path: '140000.140400.140403.1' },
  otherSchool: { code: '2', tier: 'SCHOOL', sector: 'BASIC', path: '140000.140400.140403.2' },
  vocational: { code: '3', tier: 'SCHOOL', sector: 'VOCATIONAL', path: '140000.140400.140403.3' },
  university: { code: '4', tier: 'SCHOOL', sector: 'HIGHER', path: '140000.140400.4' },
} as const;
type Where = keyof typeof UNITS;

const brokenBy = (decision: Permission): string | null =>
  decision.accepted ? null : decision.refusal.rule;

const assigns = (by: Role, at: Where, role: Role, unit: Where): string | null =>
  brokenBy(
    rules.may({ subject: 'superior', role: by, unit: UNITS[at].code, place: UNITS[at] }, 'assign', {
      ...{ subject: 'another', role, unit: UNITS[unit] },
      model: MODEL,
    }),
  );

describe('who may assign what', () => {
  it.each<[Role, Where, Role, Where]>([
    ['OFFICER', 'province', 'OFFICER', 'province'],
    ['OFFICER', 'province', 'OFFICER', 'city'],
    ['OFFICER', 'city', 'OFFICER', 'county'],
    ['OFFICER', 'province', 'COORDINATOR', 'university'],
    ['OFFICER', 'county', 'COORDINATOR', 'school'],
    ['OFFICER', 'city', 'COORDINATOR', 'vocational'],
    ['OFFICER', 'county', 'TEACHER', 'school'],
    ['COORDINATOR', 'school', 'TEACHER', 'school'],
    ['COORDINATOR', 'university', 'TEACHER', 'university'],
    ['OFFICER', 'city', 'INSTITUTION', 'city'],
    ['OFFICER', 'county', 'ANALYST', 'county'],
    ['OFFICER', 'city', 'AUDITOR', 'county'],
    ['OFFICER', 'county', 'FINANCE', 'school'],
    ['OFFICER', 'province', 'EVALUATOR', 'province'],
  ])('%s of a %s names %s of a %s', (...asked) => {
    expect(assigns(...asked)).toBeNull();
  });

  it.each<[Role, Where, Role, Where]>([
    ['OFFICER', 'city', 'OFFICER', 'city'],
    ['OFFICER', 'county', 'OFFICER', 'city'],
    ['OFFICER', 'city', 'OFFICER', 'otherCity'],
    ['OFFICER', 'county', 'COORDINATOR', 'vocational'],
    ['OFFICER', 'city', 'COORDINATOR', 'university'],
    ['COORDINATOR', 'school', 'COORDINATOR', 'school'],
    ['COORDINATOR', 'school', 'TEACHER', 'otherSchool'],
    ['COORDINATOR', 'school', 'FINANCE', 'school'],
    ['OFFICER', 'county', 'AUDITOR', 'city'],
    ['OFFICER', 'otherCity', 'INSTITUTION', 'city'],
    ['AUDITOR', 'province', 'ANALYST', 'city'],
    ['FINANCE', 'city', 'FINANCE', 'county'],
  ])('%s of a %s does not name %s of a %s', (...asked) => {
    expect(assigns(...asked)).toBe('ROLE-SUPERIOR');
  });

  it.each(Object.keys(UNITS) as Where[])('nobody names the operator: at %s', (unit) => {
    for (const by of ROLES) expect(assigns(by, 'province', 'PLATFORM', unit)).not.toBeNull();
  });

  it.each(ROLES)('nobody gives herself %s', (role) => {
    const place = UNITS.province;
    const actor = {
      ...{ subject: 'me', role: 'OFFICER' as const },
      unit: place.code,
      place,
    } as const;
    const asked = { subject: 'me', role, unit: UNITS.county, model: MODEL };
    expect(brokenBy(rules.may(actor, 'assign', asked))).toBe('ROLE-SELF');
  });
});

describe('who sees what is held', () => {
  it('is whoever answers for the unit', () => {
    const of = (unit: Where) => whoMay((actor) => rules.may(actor, 'read', UNITS[unit]));
    const readers: Role[] = ['OFFICER', 'COORDINATOR', 'AUDITOR'];
    const seen = (...tiers: Tier[]) => readers.flatMap((role) => at(role, ...tiers)).sort();
    expect(of('county').sort()).toEqual(seen('PROVINCE', 'CITY', 'COUNTY'));
    expect(of('otherCity').sort()).toEqual(seen('PROVINCE'));
  });
});

describe('what is assigned', () => {
  const broken = (role: Role, unit: Where, more: Partial<rules.Assigned> = {}) =>
    brokenBy(
      rules.wellFormed({
        ...{ subject: 's', role, unit: UNITS[unit], institution: null, teacher: null },
        ...more,
      }),
    );
  const institution = { code: 'INST-1', accreditedBy: ['140400'] };

  it.each<[Role, Where, Partial<rules.Assigned>, string | null]>([
    ['OFFICER', 'county', {}, null],
    ['OFFICER', 'school', {}, 'ROLE-UNIT'],
    ['COORDINATOR', 'county', {}, 'ROLE-UNIT'],
    ['ANALYST', 'school', {}, 'ROLE-UNIT'],
    ['INSTITUTION', 'city', { institution }, null],
    ['INSTITUTION', 'city', {}, 'ROLE-INSTITUTION'],
    ['INSTITUTION', 'otherCity', { institution }, 'ROLE-INSTITUTION'],
    ['EVALUATOR', 'province', {}, null],
    ['EVALUATOR', 'province', { institution }, null],
    ['OFFICER', 'city', { institution }, 'ROLE-INSTITUTION'],
    ['TEACHER', 'school', { teacher: { unitCode: '1' } }, null],
    ['TEACHER', 'school', { teacher: { unitCode: '2' } }, 'ROLE-TEACHER'],
    ['TEACHER', 'school', { teacher: { unitCode: null } }, 'ROLE-TEACHER'],
    ['TEACHER', 'school', {}, 'ROLE-TEACHER'],
    ['COORDINATOR', 'school', { teacher: { unitCode: '1' } }, 'ROLE-TEACHER'],
  ])('%s of a %s with %j: %s', (role, unit, more, rule) => {
    expect(broken(role, unit, more)).toBe(rule);
  });

  it.each([
    ['2026-03-10', null, true],
    ['2026-03-10', '2026-03-10', true],
    ['2026-03-09', null, false],
    ['2026-04-01', '2026-03-31', false],
  ])('begins today or later and ends after it: %s to %s', (validFrom, validTo, holds) => {
    expect(rules.datesHold({ validFrom, validTo }, '2026-03-10').accepted).toBe(holds);
  });

  it.each([
    ['2026-05-01', null, '2026-01-01', null, false],
    ['2026-05-01', null, '2026-01-01', '2026-04-30', true],
    ['2026-05-01', '2026-06-30', '2026-07-01', null, true],
    ['2026-05-01', '2026-07-01', '2026-07-01', null, false],
  ])('is held once at a time: %s–%s beside %s–%s', (validFrom, validTo, from, to, holds) => {
    const other = { id: 'a', validFrom: from, validTo: to };
    expect(rules.heldOnce({ validFrom, validTo }, [other]).accepted).toBe(holds);
  });
});

describe('the first of an installation', () => {
  it.each<[Role, { parentCode: string | null } | null, boolean]>([
    ['OFFICER', null, true],
    ['OFFICER', { parentCode: null }, true],
    ['PLATFORM', { parentCode: null }, true],
    ['OFFICER', { parentCode: '140000' }, false],
    ['AUDITOR', { parentCode: null }, false],
  ])('is %s of %j: %s', (role, unit, may) => {
    expect(rules.mayBootstrap(role, unit).accepted).toBe(may);
  });
});
