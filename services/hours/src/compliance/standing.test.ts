import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Parameters } from '../policy/rules.js';
import type { Post, Sector } from '../teacher/rules.js';
import { VALUES } from '../testing/policies.js';
import { judge } from './rules.js';
import { standingsOf, touchedStandings, type Standings } from './standing.js';

const NOW = 2027;
const CYCLE = VALUES['hours.cycle'] as object;

const version = (key: string, value: unknown, validFrom: string, version = 1) => ({
  ...{ key, version, value, validFrom, validTo: null, scopeCode: null, unit: 'test' },
  ...{ article: '', quotation: '', instrument: '', publishedAt: new Date('2023-05-04T00:00:00Z') },
});
const first = Object.entries(VALUES).map(([key, value]) => version(key, value, '2021-01-01'));
/** The common cycle; and another from 2024 on, whose years lie across it. */
const all = [
  new Parameters(first),
  new Parameters([
    ...first,
    version('hours.basic.annual', 5_000, '2024-01-01', 2),
    version('hours.cycle', { ...CYCLE, years: 3, anchor: 2024 }, '2024-01-01', 2),
    version('hours.cycle', { ...CYCLE, mode: 'FLOOR_PLUS_CYCLE' }, '2026-07-01', 3),
  ]),
];

const posts: fc.Arbitrary<Post[]> = fc
  .array(
    fc.record({
      unitCode: fc.option(fc.constantFrom('140403001', '140404001'), { freq: 3 }),
      path: fc.constant(null),
      sector: fc.constantFrom<Sector[]>('BASIC', 'VOCATIONAL', 'HIGHER'),
      validFrom: fc.constantFrom('2020-09-01', '2022-02-01', '2024-06-16', '2025-01-01'),
    }),
    { minLength: 1, maxLength: 3 },
  )
  .map((list) => list.sort((a, b) => (a.validFrom < b.validFrom ? -1 : 1)))
  .filter((list) => list.some(({ unitCode }) => unitCode));

const hours = fc
  .array(fc.tuple(fc.integer({ min: 2021, max: NOW }), fc.integer({ min: 0, max: 9_000 })), {
    maxLength: 3,
  })
  .map((list) => new Map(list));

/** Rows by what they are of, later ones in the place of earlier ones. */
const rowsOf = (...given: Standings[]) => ({
  years: new Map(given.flatMap(({ years }) => years).map((each) => [each.year, each])),
  cycles: new Map(given.flatMap(({ cycles }) => cycles).map((each) => [each.firstYear, each])),
});

describe('touchedStandings', () => {
  it('leaves with what is kept all that follows from the facts', () => {
    const parameters = fc.constantFrom(...all);
    const unopened = fc.nat({ max: 3 });
    fc.assert(
      fc.property(parameters, posts, hours, hours, unopened, (parameters, posts, was, added, n) => {
        const before = standingsOf({ posts, parameters, hours: was, through: NOW - n });
        const kept = before.years.map((each) => ({ ...each, posted: was.has(each.year) }));
        const judged = judge({ posts, parameters, years: kept }, added);
        const touched = touchedStandings(judged, { posts, parameters, kept, through: NOW });
        const sums = new Map([
          ...was,
          ...judged.map((each) => [each.year, each.centihours] as const),
        ]);
        const after = standingsOf({ posts, parameters, hours: sums, through: NOW });
        expect(rowsOf(before, touched)).toEqual(rowsOf(after));
      }),
      { numRuns: 1_000 },
    );
  });

  it('says nothing of years and cycles that nothing was posted in', () => {
    const parameters = new Parameters(first);
    const posts = [
      { unitCode: '1', path: null, sector: 'BASIC' as const, validFrom: '2020-09-01' },
    ];
    const before = standingsOf({ posts, parameters, hours: new Map(), through: NOW });
    const kept = before.years.map((each) => ({ ...each, posted: false }));
    const touchedBy = (years: number[]) => {
      const judged = judge({ posts, parameters, years: kept }, new Map(years.map((y) => [y, 100])));
      const { years: of, cycles } = touchedStandings(judged, {
        ...{ posts, parameters, kept, through: NOW },
      });
      return [of.map(({ year }) => year), cycles.map(({ firstYear }) => firstYear)];
    };
    expect(touchedBy([2023])).toEqual([[2023], [2021]]);
    expect(touchedBy([2025, 2026])).toEqual([
      [2025, 2026],
      [2026, 2021],
    ]);
    expect(touchedBy([])).toEqual([[], []]);
  });
});
