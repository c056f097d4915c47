import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { policySet } from '../testing/policies.js';
import { capMinutes, isAbsent, recognise, type Cause } from './rules.js';
import { piecesOf } from './session.js';
import { couplingOf, type SourceCap } from './caps.js';
import { centihoursOf } from './unit.js';

const policies = policySet();

/** A session by local start, length in minutes, and what was attended. */
function session(start: string, planned: number, attended = planned, id = start) {
  const from = new Date(`${start}:00+08:00`);
  return {
    sessionId: id,
    startsAt: from.toISOString(),
    endsAt: new Date(from.getTime() + planned * 60_000).toISOString(),
    modality: 'FACE_TO_FACE',
    plannedMinutes: planned,
    attendedMinutes: attended,
  };
}

const cause = (causeId: string, sessions: Cause['sessions'], level = 'COUNTY'): Cause => ({
  causeId,
  source: 'PARTICIPATION',
  category: 'SUBJECT',
  level: level as Cause['level'],
  sessions,
  policies,
});

const minutesOf = (causes: Cause[]) =>
  Object.fromEntries([...recognise(causes)].map(([id, o]) => [id, o.creditedMinutes]));

describe('HOURS-UNIT', () => {
  it.each([
    [45, 100],
    [360, 800],
    [60, 133],
    [120, 267],
    [1, 2],
    [9, 20],
  ])('%d minutes are %d hundredths of an hour, half up', (minutes, centihours) => {
    expect(centihoursOf(minutes, 45)).toBe(centihours);
  });

  it('rounds a half up: 1 minute of 8 is 12.5 hundredths', () => {
    expect(centihoursOf(1, 8)).toBe(13);
  });
});

describe('HOURS-ABSENCE', () => {
  it.each([
    [400, 80, false],
    [400, 81, true],
    [400, 0, false],
    [400, 400, true],
    [0, 0, true],
  ])('of %d planned minutes %d missed: absent %s', (planned, missed, absent) => {
    const only = cause('a', [session('2025-03-03T08:00', planned, planned - missed)]);
    expect(isAbsent(only)).toBe(absent);
  });

  it('takes the share from the parameter', () => {
    const only = cause('a', [session('2025-03-03T08:00', 400, 300)]);
    expect(isAbsent({ ...only, policies: policySet({ 'hours.maxAbsenceShare': 25 }) })).toBe(false);
  });

  it('does not credit more than was planned', () => {
    const [outcome] = recognise([cause('a', [session('2025-03-03T08:00', 90, 500)])]).values();
    expect(outcome).toMatchObject({ creditedMinutes: 90, attendedMinutes: 90 });
  });
});

describe('local dates (Asia/Shanghai)', () => {
  it('splits a session that crosses midnight, and its year', () => {
    const [outcome] = recognise([cause('a', [session('2024-12-31T23:00', 120, 100)])]).values();
    expect(outcome?.days).toEqual([
      { date: '2024-12-31', minutes: 50 },
      { date: '2025-01-01', minutes: 50 },
    ]);
    expect(outcome?.credits).toEqual([
      { year: 2024, minutes: 50, rawMinutes: 50, centihours: 111, validOn: '2024-12-31' },
      { year: 2025, minutes: 50, rawMinutes: 50, centihours: 111, validOn: '2025-01-01' },
    ]);
  });

  it('loses and adds no minute in splitting', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 3_000_000 }),
        fc.integer({ min: 0, max: 6_000 }),
        fc.integer({ min: 0, max: 6_000 }),
        (startMinute, planned, attended) => {
          const from = Date.UTC(2022, 0, 1) + startMinute * 60_000;
          const pieces = piecesOf({
            sessionId: 's',
            startsAt: new Date(from).toISOString(),
            endsAt: new Date(from + planned * 60_000).toISOString(),
            modality: 'ONLINE',
            plannedMinutes: planned,
            attendedMinutes: attended,
          });
          const sum = pieces.reduce((total, { minutes }) => total + minutes, 0);
          expect(sum).toBe(Math.min(planned, attended));
          expect(pieces.every(({ minutes }) => minutes >= 0)).toBe(true);
        },
      ),
    );
  });
});

describe('HOURS-OVERLAP', () => {
  const at9 = (id: string, level: string) =>
    cause(id, [session('2025-03-03T09:00', 120, 120, id)], level);

  it('gives way to the higher registrar, wholly or for the shared minutes', () => {
    const city = cause('z', [session('2025-03-03T10:00', 120)], 'CITY');
    expect(minutesOf([at9('a', 'SCHOOL'), city])).toEqual({ a: 60, z: 120 });
    expect(minutesOf([at9('a', 'SCHOOL'), at9('b', 'CITY')])).toEqual({ a: 0, b: 120 });
    const refused = recognise([at9('a', 'SCHOOL'), at9('b', 'CITY')]).get('a');
    expect(refused).toMatchObject({ rule: 'HOURS-OVERLAP', credits: [] });
  });

  it('at equal rank lets the earlier start, then the cause id, go before', () => {
    const later = cause('a', [session('2025-03-03T10:00', 120)]);
    expect(minutesOf([later, at9('b', 'COUNTY')])).toEqual({ a: 60, b: 120 });
    expect(minutesOf([at9('b', 'COUNTY'), at9('a', 'COUNTY')])).toEqual({ a: 120, b: 0 });
  });

  it('counts minutes shared with several others once', () => {
    const others = ['NATIONAL', 'PROVINCIAL'].map((level) => at9(level, level));
    const low = cause('low', [session('2025-03-03T08:00', 180)], 'SCHOOL');
    expect(minutesOf([low, ...others])['low']).toBe(60);
  });

  it('gives nothing up to a claim that is refused for absence', () => {
    const absent = cause('b', [session('2025-03-03T09:00', 120, 10)], 'CITY');
    expect(minutesOf([at9('a', 'SCHOOL'), absent])).toEqual({ a: 120, b: 0 });
  });

  it('ranks by the parameter', () => {
    const ranks = { 'hours.registrarRank': ['SCHOOL', 'CITY'] };
    const causes = [at9('a', 'SCHOOL'), at9('b', 'CITY')].map((each) => ({
      ...each,
      policies: policySet(ranks),
    }));
    expect(minutesOf(causes)).toEqual({ a: 120, b: 0 });
  });
});

describe('HOURS-CAP', () => {
  const day = (id: string, start: string, minutes: number, level = 'COUNTY') =>
    cause(id, [session(`2025-03-03T${start}`, minutes)], level);

  it('is 8 hours a day over all activities, in the order of rank', () => {
    expect(capMinutes(policies)).toBe(360);
    expect(minutesOf([day('a', '08:00', 300), day('b', '14:00', 240, 'CITY')])).toEqual({
      a: 120,
      b: 240,
    });
  });

  it('refuses what comes when the day is full', () => {
    const full = recognise([day('a', '19:00', 60), day('b', '08:00', 400, 'CITY')]);
    expect(full.get('a')).toMatchObject({ rule: 'HOURS-CAP', credits: [] });
    expect(full.get('b')?.trace.find(({ step }) => step === 'CAP')).toMatchObject({
      minutesBefore: 400,
      minutesAfter: 360,
      policyVersion: 1,
      about: '2025-03-03',
    });
  });
});

describe('HOURS-CAP by source', () => {
  const caps = policySet({
    'hours.sourceCaps': [
      { source: 'SELF_STUDY', period: 'YEAR', max: 400 },
      { source: 'SELF_STUDY', category: 'ETHICS', period: 'CYCLE', max: 300 },
    ],
  });
  const study = (causeId: string, start: string, category = 'SUBJECT'): Cause => ({
    ...cause(causeId, [session(`${start}T19:00`, 120)]),
    level: null,
    source: 'SELF_STUDY',
    category,
    policies: caps,
  });

  it('counts a year of the source in the order of rank, days apart', () => {
    const [march, may] = [study('b', '2025-03-03'), study('a', '2025-05-05')];
    expect(minutesOf([may, march])).toEqual({ b: 120, a: 60 });
    expect(minutesOf([may, march, study('c', '2024-12-31')])).toEqual({ b: 120, a: 60, c: 120 });
  });

  it('counts a category over the cycle', () => {
    const first = study('a', '2021-03-03', 'ETHICS');
    const list = [first, study('b', '2025-03-03', 'ETHICS'), study('c', '2026-01-05', 'ETHICS')];
    expect(minutesOf(list)).toEqual({ a: 120, b: 15, c: 120 });
  });

  it('leaves other sources alone, refuses what comes when it is used up, and says so', () => {
    const list = ['a', 'b', 'c'].map((id, month) => study(id, `2025-0${month + 1}-06`));
    const outcomes = recognise([...list, cause('p', [session('2025-04-07T09:00', 240)])]);
    expect(outcomes.get('c')).toMatchObject({ rule: 'HOURS-CAP', credits: [] });
    expect(outcomes.get('p')).toMatchObject({ rule: null, creditedMinutes: 240 });
    const lineOf = (id: string) =>
      outcomes.get(id)?.trace.find(({ step }) => step === 'SOURCE_CAP');
    expect(lineOf('b')).toMatchObject({
      minutesBefore: 120,
      minutesAfter: 60,
      about: 'SELF_STUDY YEAR 2025',
    });
    expect(lineOf('p')).toMatchObject({ minutesBefore: 240, minutesAfter: 240, about: null });
  });

  it('does not use up the day with what the source may not have', () => {
    const early = { ...study('a', '2025-01-06'), sessions: [session('2025-01-06T08:00', 180)] };
    const full = { ...study('b', '2025-03-03'), sessions: [session('2025-03-03T08:00', 360)] };
    const after = { ...study('c', '2025-03-03'), source: 'EXTERNAL' as const };
    expect(minutesOf([early, full, after])).toEqual({ a: 180, b: 0, c: 120 });
  });
});

describe('couplingOf', () => {
  const cap = (period: SourceCap['period']): SourceCap => ({ source: 'DEGREE', period, max: 100 });
  it.each<[SourceCap[][], string]>([
    [[[]], 'DAY'],
    [[[], [cap('DAY')]], 'DAY'],
    [[[cap('YEAR')], []], 'YEAR'],
    [[[cap('YEAR')], [cap('DAY'), cap('CYCLE')]], 'ALL'],
  ])('is the widest of all versions', (versions, coupling) => {
    expect(couplingOf(versions)).toBe(coupling);
  });
});

const LEVELS = ['NATIONAL', 'PROVINCIAL', 'CITY', 'COUNTY', 'SCHOOL'];

/** Causes of one teacher crowded into a few days, so that they overlap and fill days. */
const crowd = fc
  .array(
    fc.record({
      level: fc.constantFrom(...LEVELS),
      sessions: fc.array(
        fc.record({
          slot: fc.integer({ min: 0, max: 3 * 48 }),
          planned: fc.integer({ min: 1, max: 600 }),
          attended: fc.integer({ min: 0, max: 600 }),
        }),
        { minLength: 1, maxLength: 3 },
      ),
    }),
    { minLength: 1, maxLength: 6 },
  )
  .map((causes) =>
    causes.map(({ level, sessions }, index) =>
      cause(
        `cause-${index}`,
        sessions.map(({ slot, planned, attended }, number) => ({
          sessionId: `${index}-${number}`,
          startsAt: new Date(Date.UTC(2024, 11, 30) + slot * 1_800_000).toISOString(),
          endsAt: new Date(
            Date.UTC(2024, 11, 30) + slot * 1_800_000 + planned * 60_000,
          ).toISOString(),
          modality: 'ONLINE',
          plannedMinutes: planned,
          attendedMinutes: Math.max(attended, Math.ceil(planned * 0.7)),
        })),
        level,
      ),
    ),
  );

describe('recognise', () => {
  it('gives the same in every order of the causes', () => {
    fc.assert(
      fc.property(
        crowd.chain((causes) =>
          fc.tuple(
            fc.constant(causes),
            fc.shuffledSubarray(causes, { minLength: causes.length, maxLength: causes.length }),
          ),
        ),
        ([causes, shuffled]) => {
          const sorted = (map: ReturnType<typeof recognise>) =>
            [...map].sort(([a], [b]) => (a < b ? -1 : 1));
          expect(sorted(recognise(shuffled))).toEqual(sorted(recognise(causes)));
        },
      ),
    );
  });

  it('never passes the cap of a day, and credits and days agree', () => {
    fc.assert(
      fc.property(crowd, (causes) => {
        const perDay = new Map<string, number>();
        for (const outcome of recognise(causes).values()) {
          for (const { date, minutes } of outcome.days) {
            perDay.set(date, (perDay.get(date) ?? 0) + minutes);
          }
          const posted = outcome.credits.reduce((sum, { minutes }) => sum + minutes, 0);
          expect(posted).toBe(outcome.creditedMinutes);
          expect(outcome.creditedMinutes).toBeLessThanOrEqual(outcome.attendedMinutes);
          expect(outcome.rule !== null).toBe(outcome.credits.length === 0);
        }
        expect(Math.max(0, ...perDay.values())).toBeLessThanOrEqual(capMinutes(policies));
      }),
    );
  });
});
