import { describe, expect, it } from '@jest/globals';
import { policySet } from '../testing/policies.js';
import type { Post, Sector } from '../teacher/rules.js';
import {
  annualRequirement,
  cycleOf,
  cycleRequirement,
  cycleVerdicts,
  judge,
  verdictOf,
  type CycleParameter,
} from './rules.js';

const post = (validFrom: string, sector: Sector | null = 'BASIC'): Post => ({
  unitCode: sector && '140403001',
  path: null,
  sector: sector ?? 'BASIC',
  validFrom,
});
const policies = policySet();
const required = (posts: Post[], changed = {}) =>
  annualRequirement(posts, 2025, policySet(changed)).centihours;

describe('annual minimum', () => {
  it.each<[Sector, number | null]>([
    ['BASIC', 7200],
    ['VOCATIONAL', 9000],
    ['HIGHER', null],
  ])('HOURS-BASIC-ANNUAL, HOURS-VOC-ANNUAL, HOURS-HIGHER: %s asks %s', (sector, centihours) => {
    expect(required([post('2020-09-01', sector)])).toBe(centihours);
  });

  it.each([
    ['joins on 1 September: 4 months', [post('2025-09-01')], 2400],
    ['joins on 20 September: 3 months', [post('2025-09-20')], 1800],
    ['leaves on 30 June', [post('2020-01-01'), post('2025-07-01', null)], 3600],
    ['5 of 12 months at 90 h, 37.5: half up', [post('2025-08-01', 'VOCATIONAL')], 3800],
    ['half a year in each', [post('2020-01-01'), post('2025-07-01', 'VOCATIONAL')], 8100],
    ['half a year not regulated', [post('2020-01-01'), post('2025-07-01', 'HIGHER')], 3600],
  ])('HOURS-PRORATE: %s', (_, posts, centihours) => {
    expect(required(posts)).toBe(centihours);
  });

  it('HOURS-PRORATE: NONE asks the whole year of a joiner', () => {
    expect(required([post('2025-09-01')], { 'hours.proration': 'NONE' })).toBe(7200);
  });

  it('keeps a minimum that is no whole hour for a whole year', () => {
    expect(required([post('2020-01-01')], { 'hours.basic.annual': 7250 })).toBe(7250);
  });

  it.each([
    [7199, [post('2020-01-01')], 'SHORT'],
    [7200, [post('2020-01-01')], 'MET'],
    [0, [post('2020-01-01', 'HIGHER')], 'NOT_REGULATED'],
    [0, [post('2026-01-01')], 'EXEMPT'],
  ])('%d hundredths with these posts: %s', (centihours, posts, verdict) => {
    expect(verdictOf(centihours, annualRequirement(posts as Post[], 2025, policies))).toBe(verdict);
  });
});

describe('a year judged by what was added', () => {
  const teacher = { posts: [post('2020-01-01')], parameters: { on: () => policies } as never };
  const row = { year: 2025, centihours: 100, verdict: 'SHORT' as const };

  it.each([
    ['of a year with postings by its sum', [{ ...row, posted: true }], 300, 'SHORT'],
    ['of one that was only opened as if it had none', [{ ...row, centihours: 0, posted: false }]],
    ['of one that is not kept', []],
  ])('%s', (_, years, centihours = 200, before: string | null = null) => {
    const judged = judge({ ...teacher, years }, new Map([[2025, 200]]));
    expect(judged).toMatchObject([{ year: 2025, centihours, before, verdict: 'SHORT' }]);
  });
});

describe('HOURS-CYCLE', () => {
  const parameter = policies.value<CycleParameter>('hours.cycle');

  it.each([
    [2020, [2016, 2020]],
    [2021, [2021, 2025]],
    [2025, [2021, 2025]],
    [2026, [2026, 2030]],
  ])('%d lies in the common cycle %s', (year, cycle) => {
    expect(cycleOf(year, parameter)).toEqual(cycle);
  });

  it('asks 360 and 450 hours, and of a joiner her part', () => {
    const ask = (posts: Post[]) => cycleRequirement(posts, [2021, 2025], parameter).centihours;
    expect(ask([post('2020-01-01')])).toBe(36_000);
    expect(ask([post('2020-01-01', 'VOCATIONAL')])).toBe(45_000);
    expect(ask([post('2020-01-01', 'HIGHER')])).toBeNull();
    expect(ask([post('2025-01-01')])).toBe(7200);
  });

  it.each([
    ['STRICT_ANNUAL', ['MET', 'SHORT'], 'MET', 'SHORT'],
    ['CYCLE_AVERAGE', ['MET', 'SHORT'], 'MET', 'MET'],
    ['FLOOR_PLUS_CYCLE', ['MET', 'MET'], 'SHORT', 'SHORT'],
    ['FLOOR_PLUS_CYCLE', ['MET', 'SHORT'], 'MET', 'SHORT'],
    ['STRICT_ANNUAL', ['EXEMPT', 'MET'], 'SHORT', 'MET'],
    ['STRICT_ANNUAL', ['NOT_REGULATED'], 'NOT_REGULATED', 'NOT_REGULATED'],
  ] as const)('%s of %s and total %s decides %s', (mode, yearly, total, verdict) => {
    expect(cycleVerdicts(mode, yearly, total).verdict).toBe(verdict);
  });
});
