import { describe, expect, it } from '@jest/globals';
import type { MissingEvent, Reconciliation } from '@yanxiu/messaging/reconcile';
import { moment } from './commands.js';
import { ageOf } from './status.js';
import { table } from './table.js';
import { exitCodeOf, textOf } from './verify.js';

const missing: MissingEvent = {
  eventId: '0198d2a0-0000-7000-8000-000000000001',
  ...{ topic: 'training.project', key: 'k1', version: 3 },
  ...{ consumer: 'hours', lastSeen: 'passed over' },
};

const compared = (more: Partial<Reconciliation> = {}): Reconciliation => ({
  ...{ missing: [], waiting: 0 },
  topics: [
    {
      topic: 'training.project',
      publisher: 'training',
      ...{ outbox: 3, pending: 0, log: 3, unknown: 2, unreadable: 1 },
      consumers: [
        { consumer: 'hours', taken: 2, held: 0, parked: 0, discarded: 0, waiting: 0, missing: 1 },
        { consumer: 'funding', taken: 3, held: 0, parked: 0, discarded: 0, waiting: 0, missing: 0 },
      ],
    },
  ],
  ...more,
});

describe('the comparison of events', () => {
  it.each([
    [{}, 0],
    [{ missing: [missing] }, 2],
    [{ missing: [missing], waiting: 4 }, 2],
    [{ waiting: 4 }, 3],
  ])('%j ends with code %i', (more, code) => {
    expect(exitCodeOf(compared(more))).toBe(code);
  });

  it('names what is missing, and tells a topic once', () => {
    const text = textOf(compared({ missing: [missing], waiting: 1 }));
    expect(text.match(/training\.project {2,}/g)).toHaveLength(1);
    expect(text).toContain('training.project: 2 events of the log are in no outbox\n');
    expect(text).toContain('training.project: 1 messages of the log are no events\n');
    expect(text).toContain(
      `missing in hours: ${missing.eventId} training.project k1 3: in the log; another event took`,
    );
    expect(text.trimEnd().split('\n').at(-1)).toBe('missing 1, 1 still on their way');
  });
});

describe('a moment', () => {
  it.each([
    ['2026-03-01T08:00Z', Date.parse('2026-03-01T08:00Z')],
    ['2026-03-01', Date.parse('2026-03-01')],
  ])('is %s', (text, instant) => {
    expect(moment(text).getTime()).toBe(instant);
  });

  it.each([
    ['30m', 1_800_000],
    ['12h', 43_200_000],
    ['7d', 604_800_000],
  ])('%s ago', (text, milliseconds) => {
    expect(Math.abs(Date.now() - milliseconds - moment(text).getTime())).toBeLessThan(60_000);
  });

  it.each(['yesterday', '12', '5w', ''])('is not "%s"', (text) => {
    expect(() => moment(text)).toThrow('it must be a moment');
  });
});

it('an age is told in the unit that a person takes in', () => {
  const now = Date.parse('2026-03-01T00:00:00Z');
  const ages = [5, 119, 600, 7_300, 86_400 * 3].map((seconds) =>
    ageOf(new Date(now - seconds * 1_000).toISOString(), now),
  );
  expect(ages).toEqual(['5 s', '119 s', '10 min', '2 h', '3 d']);
  expect(ageOf(null)).toBe('');
});

it('a table keeps numbers at the right and control characters out', () => {
  const rows = [
    ['a\u001b[31m', '7'],
    ['bc', '12'],
  ];
  expect(table(['name', 'n'], rows)).toBe('name     n\na [31m   7\nbc      12\n');
});
