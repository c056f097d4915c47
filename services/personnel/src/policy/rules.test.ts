import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { inForceOn } from '@yanxiu/registry/policy';
import { POLICY_KEYS, type PolicyKey } from '@yanxiu/registry/policy-keys';
import { addDays } from '@yanxiu/subgraph/calendar';
import { at, whoMay } from '@yanxiu/testkit/acting';
import { cameSince, heldAbove, keptBelow, lastDay, may, noLess, type Placed } from './rules.js';

const KEY = 'hours.basic.annual';
const definition = POLICY_KEYS[KEY] as PolicyKey;

const CODES = ['140000', '140400', '140403', '140200'] as const;
const PATHS: Readonly<Record<string, string>> = {
  '140000': '140000',
  '140400': '140000.140400',
  '140403': '140000.140400.140403',
  '140200': '140000.140200',
};

const day = fc.integer({ min: 0, max: 30 }).map((days) => addDays('2025-01-01', days));

/** Versions of a key, numbered in their order, for the province or one of four units. */
const versions = fc
  .array(
    fc.record({
      value: fc.integer({ min: 0, max: 20 }),
      validFrom: day,
      days: fc.option(fc.integer({ min: 0, max: 10 })),
      scopeCode: fc.option(fc.constantFrom(...CODES)),
    }),
    { maxLength: 8 },
  )
  .map((list) =>
    list.map(({ days, ...each }, index): Placed => ({
      key: KEY,
      version: index + 1,
      ...each,
      validTo: days === null ? null : addDays(each.validFrom, days),
      path: each.scopeCode ? (PATHS[each.scopeCode] ?? null) : null,
    })),
  );

const draftOf = (list: readonly Placed[], scopeCode: string | null, value: number): Placed => ({
  ...{ key: KEY, version: list.length + 1, value, scopeCode },
  ...{ validFrom: '2025-01-05', validTo: '2025-01-25' },
  path: scopeCode ? (PATHS[scopeCode] ?? null) : null,
});

const days = Array.from({ length: 21 }, (_, index) => addDays('2025-01-05', index));
const valueOn = (list: readonly Placed[], date: string, path: string | null) =>
  inForceOn(list, date, path)[0];

describe('a value of its own', () => {
  it('is no less than what holds above on any day of its time', () => {
    fc.assert(
      fc.property(versions, fc.integer({ min: 0, max: 20 }), (list, value) => {
        const draft = draftOf(list, '140403', value);
        const above = days.map((date) => valueOn(list, date, '140000.140400'));
        const least = Math.max(0, ...above.map((version) => Number(version?.value ?? 0)));
        expect(noLess(definition, draft, list).accepted).toBe(value >= least);
        expect(new Set(heldAbove(draft, list))).toEqual(new Set(above.filter((each) => !!each)));
      }),
    );
  });
});

describe('a draft beside what is in force', () => {
  it('decides until the day before a later version of the same place', () => {
    fc.assert(
      fc.property(versions, fc.constantFrom(null, ...CODES), (list, scopeCode) => {
        const draft = { ...draftOf(list, scopeCode, 1), validTo: null };
        const until = lastDay(draft, list);
        const same = list.filter((version) => version.scopeCode === scopeCode);
        const all = [...same, draft];
        const decides = (date: string) => valueOn(all, date, draft.path) === draft;
        expect(decides(until ?? '2025-12-31')).toBe(true);
        if (until !== null) expect(decides(addDays(until, 1))).toBe(false);
      }),
    );
  });

  it('leaves alone what was published for units that it does not hold for', () => {
    const at = (version: number, scopeCode: string | null): Placed => ({
      ...draftOf([], scopeCode, 1),
      version,
    });
    const list = [at(1, null), at(2, '140400'), at(3, '140403'), at(4, '140200')];
    const numbers = (found: readonly Placed[]) => found.map(({ version }) => version);
    expect(numbers(cameSince({ path: PATHS['140400'] ?? null }, 1, list))).toEqual([2, 3]);
    expect(numbers(cameSince({ path: PATHS['140403'] ?? null }, 0, list))).toEqual([1, 2, 3]);
    expect(numbers(cameSince({ path: null }, 2, list))).toEqual([3, 4]);
    expect(numbers(keptBelow(at(5, '140400'), null, list))).toEqual([3]);
    expect(numbers(keptBelow(at(5, null), '2025-01-04', list))).toEqual([]);
  });
});

describe('who may set a parameter', () => {
  const everywhere = { key: KEY, definition, scopeCode: null };
  const forItself = { ...everywhere, scopeCode: '140400' };
  const province = at('OFFICER', 'PROVINCE');

  it.each(['draft', 'withdraw'] as const)('%s: the province, or a unit for itself', (action) => {
    expect(whoMay((actor) => may(actor, action, everywhere))).toEqual(province);
    expect(whoMay((actor) => may(actor, action, forItself))).toEqual(
      at('OFFICER', 'PROVINCE', 'CITY'),
    );
  });

  it('publish: the same, but not whoever has drafted it', () => {
    const by = (draftedBy: string) =>
      whoMay((actor) => may(actor, 'publish', { ...forItself, draftedBy }));
    expect(by('another')).toEqual(at('OFFICER', 'PROVINCE', 'CITY'));
    expect(by('OFFICER@CITY')).toEqual(province);
  });

  it.each(['registerInstrument', 'publishDefaults'] as const)('%s: the province', (action) => {
    expect(whoMay((actor) => may(actor, action))).toEqual(province);
  });
});
