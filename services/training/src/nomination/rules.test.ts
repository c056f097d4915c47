import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { choose, isEligible, type Candidate } from './rules.js';

const days = { today: '2025-03-01', startsOn: '2025-04-01' };
const target = {
  sector: 'BASIC',
  targetStages: ['PRIMARY'],
  targetSubjects: ['MATHEMATICS'],
  targetLadders: ['YOUNG', 'BACKBONE'],
  targetRoles: [],
};
const teacher: Candidate = {
  teacherId: 't',
  unitCode: 'S',
  sector: 'BASIC',
  stage: 'PRIMARY',
  subject: 'MATHEMATICS',
  ladder: 'YOUNG',
  roles: [],
  hiredOn: '2020-09-01',
  retiredOn: null,
  within: true,
  quotaUnitCode: 'S',
};

describe('isEligible', () => {
  it.each([
    ['as the project wants', {}, true],
    ['of another unit', { within: false }, false],
    ['of another sector', { sector: 'VOCATIONAL' }, false],
    ['of another stage', { stage: 'KINDERGARTEN' }, false],
    ['of another subject', { subject: 'PHYSICS' }, false],
    ['of no subject', { subject: null }, false],
    ['on another step of the ladder', { ladder: 'MASTER' }, false],
    ['hired today', { hiredOn: '2025-03-01' }, true],
    ['not hired yet', { hiredOn: '2025-03-02' }, false],
    ['retired on the first day of the class', { retiredOn: '2025-04-01' }, true],
    ['retired before the class', { retiredOn: '2025-03-31' }, false],
  ])('a teacher %s', (_, other, eligible) => {
    expect(isEligible({ ...teacher, ...other }, target, days).accepted).toBe(eligible);
  });

  it('takes anyone of the sector when the project names no target', () => {
    const none = { targetStages: [], targetSubjects: [], targetLadders: [], targetRoles: [] };
    const open = { sector: 'BASIC', ...none };
    expect(isEligible({ ...teacher, subject: null, ladder: 'NEW' }, open, days).accepted).toBe(
      true,
    );
    const principals = { ...open, targetRoles: ['PRINCIPAL'] };
    expect(isEligible(teacher, principals, days).accepted).toBe(false);
    const principal = { ...teacher, roles: ['CLASSROOM', 'PRINCIPAL'] };
    expect(isEligible(principal, principals, days).accepted).toBe(true);
  });
});

describe('choose', () => {
  it('never takes more seats than are free, nor a teacher twice', () => {
    const unit = fc.constantFrom('A', 'B', null);
    const ids = fc.array(fc.integer({ min: 0, max: 9 }).map(String));
    const seats = fc.integer({ min: 0, max: 4 });
    fc.assert(
      fc.property(
        fc.array(unit, { minLength: 10, maxLength: 10 }),
        ids,
        seats,
        seats,
        (...given) => {
          const [units, teacherIds, a, b] = given;
          const candidates = new Map(
            units.map((quotaUnitCode, index) => [
              String(index),
              { ...teacher, teacherId: String(index), quotaUnitCode },
            ]),
          );
          const free = new Map([
            ['A', a],
            ['B', b],
          ]);
          const nominated = new Set(['0']);
          const results = choose(teacherIds, { candidates, target, days, nominated, free });
          const taken = results.flatMap(({ decision }) =>
            decision.accepted ? [decision.value] : [],
          );
          expect(results.map(({ teacherId }) => teacherId)).toEqual(teacherIds);
          expect(new Set(taken.map(({ teacherId }) => teacherId)).size).toBe(taken.length);
          expect(taken.some(({ teacherId }) => teacherId === '0')).toBe(false);
          for (const code of ['A', 'B']) {
            const wanted = new Set(
              teacherIds.filter((id) => id !== '0' && candidates.get(id)?.quotaUnitCode === code),
            );
            const got = taken.filter(({ quotaUnitCode }) => quotaUnitCode === code).length;
            expect(got).toBe(Math.min(wanted.size, free.get(code) ?? 0));
          }
        },
      ),
    );
  });
});
