import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { mayRecord, maySchedule } from './rules.js';

const trainingClass = { startsOn: '2025-12-28', endsOn: '2026-01-03' };
const at = (text: string) => new Date(`${text}+08:00`);
const sitting = (from: string, to: string, plannedMinutes = 60) => ({
  startsAt: at(from),
  endsAt: at(to),
  plannedMinutes,
});
const ruleOf = (decision: ReturnType<typeof maySchedule>) =>
  decision.accepted ? null : decision.refusal.rule;

describe('maySchedule', () => {
  it.each([
    ['on the first day', '2025-12-28T00:00', '2025-12-28T01:00', 60, null],
    ['to the last midnight', '2026-01-03T23:00', '2026-01-04T00:00', 60, null],
    ['before the first day', '2025-12-27T23:59', '2025-12-28T01:00', 60, 'SESSION-DATES'],
    ['past the last midnight', '2026-01-03T23:00', '2026-01-04T00:01', 60, 'SESSION-DATES'],
    ['that ends as it starts', '2025-12-29T09:00', '2025-12-29T09:00', 1, 'SESSION-MINUTES'],
    ['that plans nothing', '2025-12-29T09:00', '2025-12-29T10:00', 0, 'SESSION-MINUTES'],
    ['that plans a minute too much', '2025-12-29T09:00', '2025-12-29T10:00', 61, 'SESSION-MINUTES'],
  ])('a session %s', (_, from, to, planned, rule) => {
    expect(ruleOf(maySchedule(sitting(from, to, planned), trainingClass, []))).toBe(rule);
  });

  it('keeps the sessions of a class apart, whatever is asked', () => {
    const day = at('2025-12-29T00:00').getTime();
    const span = fc.record({
      start: fc.integer({ min: 0, max: 600 }),
      minutes: fc.integer({ min: 1, max: 120 }),
    });
    fc.assert(
      fc.property(fc.array(span), (spans) => {
        const kept: { startsAt: Date; endsAt: Date }[] = [];
        for (const { start, minutes } of spans) {
          const startsAt = new Date(day + start * 60_000);
          const endsAt = new Date(startsAt.getTime() + minutes * 60_000);
          const one = { startsAt, endsAt, plannedMinutes: minutes };
          if (maySchedule(one, trainingClass, kept).accepted) kept.push(one);
        }
        kept.sort((a, b) => a.startsAt.getTime() - b.startsAt.getTime());
        kept.slice(1).forEach((one, index) => {
          expect(one.startsAt.getTime()).toBeGreaterThanOrEqual(kept[index]!.endsAt.getTime());
        });
      }),
    );
  });
});

describe('mayRecord', () => {
  const session = { endsAt: at('2025-12-29T12:00'), plannedMinutes: 180 };
  const after = at('2025-12-29T12:00');

  it.each([
    ['in full', 'a', 180, after, null],
    ['not at all', 'a', 0, after, null],
    ['longer than planned', 'a', 181, after, 'ATTENDANCE-PLANNED'],
    ['less than nothing', 'a', -1, after, 'ATTENDANCE-PLANNED'],
    ['by a stranger', 'b', 180, after, 'ATTENDANCE-ENROLLED'],
    ['a minute early', 'a', 180, at('2025-12-29T11:59'), 'ATTENDANCE-FUTURE'],
  ])('a session attended %s', (_, enrolmentId, attendedMinutes, now, rule) => {
    const records = [{ enrolmentId, attendedMinutes }];
    expect(ruleOf(mayRecord(session, new Set(['a']), records, now))).toBe(rule);
  });
});
