import { describe, expect, it } from '@jest/globals';
import { actAs, inForce, type Assignment, type Identity } from './acting.js';

const TODAY = '2026-03-10';

const held = (more: Partial<Assignment> = {}): Assignment => ({
  id: 'a1',
  role: 'OFFICER',
  unit: '140403',
  institution: null,
  teacher: null,
  validFrom: '2026-01-01',
  validTo: null,
  endedAt: null,
  ...more,
});
const account: Identity = { subject: 's', claims: null };
const claiming: Identity = { subject: 's', claims: { role: 'OFFICER', unit: '140403' } };
const analyst = held({ id: 'a2', role: 'ANALYST', unit: '140400' });
const ended = new Date('2026-03-10T01:00:00Z');

describe('a role', () => {
  it.each([
    [{}, true],
    [{ validFrom: TODAY }, true],
    [{ validFrom: '2026-03-11' }, false],
    [{ validTo: TODAY }, true],
    [{ validTo: '2026-03-09' }, false],
    [{ endedAt: ended }, false],
  ])('holds from its first to its last day and until it is ended: %j', (more, holds) => {
    expect(inForce(held(more), TODAY)).toBe(holds);
  });
});

describe('who acts', () => {
  it.each<[string, Identity | null, Assignment[], string | undefined, unknown]>([
    ['nobody without a token', null, [held()], undefined, null],
    ['the one in force', account, [held()], undefined, 'OFFICER@140403'],
    ['what is named', account, [held(), analyst], 'ANALYST@140400', 'ANALYST@140400'],
    ['what is named by id', account, [held(), analyst], 'a1', 'OFFICER@140403'],
    ['nobody: several', account, [held(), analyst], undefined, /OFFICER@140403, ANALYST@140400/],
    ['nobody: none', account, [], undefined, /holds no role today/],
    ['nobody: not begun', account, [held({ validFrom: '2026-04-01' })], undefined, /no role today/],
    ['nobody: ended', account, [held({ endedAt: ended })], undefined, /no role today/],
    ['nobody: another', account, [held()], 'AUDITOR@140400', /does not hold AUDITOR@140400/],
    ['what is claimed', claiming, [], undefined, 'OFFICER@140403'],
    ['what is claimed and named', claiming, [], 'OFFICER@140403', 'OFFICER@140403'],
    ['nobody: named, not claimed', claiming, [analyst], 'ANALYST@140400', /does not hold ANALYST/],
    ['nobody: claimed but ended', claiming, [held({ endedAt: ended })], undefined, /not hold OFF/],
    [
      'what was given anew',
      claiming,
      [held({ endedAt: ended }), held()],
      undefined,
      'OFFICER@140403',
    ],
    ['another was ended', claiming, [{ ...analyst, endedAt: ended }], undefined, 'OFFICER@140403'],
  ])('%s', (_, identity, assignments, wanted, expected) => {
    const { actor, refusal } = actAs(identity, assignments, TODAY, wanted);
    if (expected === null) return expect([actor, refusal]).toEqual([null, null]);
    if (expected instanceof RegExp) {
      expect(actor).toBeNull();
      expect(refusal?.extensions).toMatchObject({ code: 'FORBIDDEN' });
      return expect(refusal?.text.en).toMatch(expected);
    }
    expect(`${actor?.role}@${actor?.unit}`).toBe(expected);
    return expect(refusal).toBeNull();
  });

  it('takes institution and teacher from the assignment', () => {
    const staff = held({ role: 'INSTITUTION', institution: 'INST-0004' });
    expect(actAs(account, [staff], TODAY, undefined).actor).toEqual({
      subject: 's',
      role: 'INSTITUTION',
      unit: '140403',
      institution: 'INST-0004',
    });
  });
});
