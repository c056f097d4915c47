import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { PolicySet } from '@yanxiu/registry/policy';
import { splitQuota, tierGoverns } from './rules.js';

interface Unit {
  seats: number;
  given: number;
  used: number;
}

/** A tree of units 0 … 6: the parent of unit n is (n - 1) / 2, that of 0 the class itself. */
const parentOf = (unit: number): number | null => (unit === 0 ? null : Math.floor((unit - 1) / 2));

describe('splitQuota', () => {
  it('never lets what is given and used exceed what a unit has, whatever is asked', () => {
    const step = fc.record({
      unit: fc.integer({ min: 0, max: 6 }),
      seats: fc.integer({ min: 0, max: 40 }),
      use: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 30 }), fc.array(step), (capacity, steps) => {
        const units = Array.from({ length: 7 }, (): Unit => ({ seats: 0, given: 0, used: 0 }));
        const at = (unit: number) => units[unit]!;
        for (const { unit, seats, use } of steps) {
          const held = at(unit);
          if (use) {
            if (held.seats - held.given - held.used > 0) held.used += 1;
            continue;
          }
          const parent = parentOf(unit);
          const source = parent === null ? null : at(parent);
          const sourceFree = source
            ? source.seats - source.given - source.used
            : capacity - held.seats;
          if (!splitQuota({ seats, held, sourceFree }).accepted) continue;
          if (source) source.given += seats - held.seats;
          held.seats = seats;
        }
        expect(at(0).seats).toBeLessThanOrEqual(capacity);
        units.forEach((unit, index) => {
          const children = units.filter((_, child) => parentOf(child) === index);
          const split = children.reduce((sum, child) => sum + child.seats, 0);
          expect(split).toBe(unit.given);
          expect(unit.given + unit.used).toBeLessThanOrEqual(unit.seats);
        });
      }),
    );
  });

  it.each([
    { seats: 5, held: [0, 0, 0], sourceFree: 5, allowed: true },
    { seats: 6, held: [0, 0, 0], sourceFree: 5, allowed: false },
    { seats: 8, held: [3, 0, 0], sourceFree: 5, allowed: true },
    { seats: 9, held: [3, 0, 0], sourceFree: 5, allowed: false },
    { seats: 3, held: [9, 2, 1], sourceFree: 0, allowed: true },
    { seats: 2, held: [9, 2, 1], sourceFree: 0, allowed: false },
  ])('$seats seats for $held with $sourceFree left: $allowed', (row) => {
    const [seats = 0, given = 0, used = 0] = row.held;
    const { accepted } = splitQuota({ ...row, held: { seats, given, used } });
    expect(accepted).toBe(row.allowed);
  });
});

describe('tierGoverns', () => {
  const tiers = { BASIC: ['PROVINCIAL', 'CITY', 'COUNTY', 'SCHOOL'], HIGHER: ['PROVINCIAL'] };
  const policies = PolicySet.of([
    {
      key: 'training.tiers',
      version: 1,
      value: tiers,
      unit: 'enum',
      article: '§3.1',
      quotation: '',
      instrument: '',
    },
  ]);

  it.each([
    ['COUNTY', 'BASIC', true],
    ['PROVINCE', 'HIGHER', true],
    ['COUNTY', 'HIGHER', false],
    ['SCHOOL', 'UNKNOWN', false],
  ] as const)('%s governs %s: %s, as the policy says', (tier, sector, governs) => {
    expect(tierGoverns(tier, sector, policies).accepted).toBe(governs);
  });
});
