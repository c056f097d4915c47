import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { plan } from '@yanxiu/generator/plan';
import { SEEDED, startSeeded } from '@yanxiu/testkit/seeded';
import type { System } from '@yanxiu/testkit/system';
import { until } from '@yanxiu/testkit/waiting';
import { decimal } from './examples/expected.js';
import { Records } from './examples/records.js';

const TODAY = '2026-09-10';
const YEAR = 2026;
const CITY = '140400';

let system: System;
let records: Records;

beforeAll(async () => {
  system = await startSeeded({ today: TODAY });
  const steps = plan({ ...SEEDED, today: TODAY }).phases.flatMap((phase) => phase.steps);
  records = await Records.read(system, steps);
});
afterAll(() => system?.stop());

interface Leave {
  teacherId: string;
  reason: string;
  from: string;
  to?: string;
  actingFor: string;
}

/** Months of the year on whose 15th she is not on this leave. */
const monthsLeft = ({ from, to }: Leave): number =>
  Array.from({ length: 12 }, (_, at) => `${YEAR}-${String(at + 1).padStart(2, '0')}-15`).filter(
    (day) => day < from || (to !== undefined && day > to),
  ).length;

/** What is asked for so many months of basic education: half up to a whole hour. */
const required = (months: number): string => decimal(Math.round((72 * months) / 12) * 100);

describe('a long leave in the seeded province', () => {
  const QUESTION = `query ($id: ID!) { teacher(id: $id) {
    leaves { reason from to } hours(year: ${YEAR}) { required verdict total } } }`;

  interface Answer {
    teacher: {
      leaves: { reason: string; from: string; to: string | null }[];
      hours: { required: string | null; verdict: string; total: string };
    };
  }

  const ask = async (teacherId: string): Promise<Answer['teacher']> => {
    const { data, errors } = await system.gql<Answer>(
      QUESTION,
      { id: teacherId },
      { persona: 'city-officer', org: CITY },
    );
    expect(errors).toBeUndefined();
    if (!data) throw new Error('no answer');
    return data.teacher;
  };

  /** Who serves the whole year but for one leave in it, in basic education. */
  const away = (): Leave[] => {
    const leaves = records.commands<Leave>('leave.record');
    const moved = new Set(
      records
        .of<{ teacherId: string; on: string }>('teacher.transferred', 'teacher.retired')
        .map(({ teacherId }) => teacherId),
    );
    const since = new Map(
      records
        .of<{ teacherId: string; sector: string; hiredOn: string }>('teacher.registered')
        .filter(({ sector, hiredOn }) => sector === 'BASIC' && hiredOn < `${YEAR}-01-01`)
        .map(({ teacherId, hiredOn }) => [teacherId, hiredOn]),
    );
    return leaves.filter(
      ({ teacherId, from, actingFor }) =>
        from.startsWith(String(YEAR)) &&
        actingFor.startsWith('1404') &&
        since.has(teacherId) &&
        !moved.has(teacherId) &&
        leaves.filter((other) => other.teacherId === teacherId).length === 1,
    );
  };

  it('asks for the months that are left, for each reason that exempts', async () => {
    const leaves = away();
    expect(new Set(leaves.map(({ reason }) => reason))).toEqual(
      new Set(['MATERNITY', 'SICK', 'SECONDMENT']),
    );
    for (const leave of leaves) {
      const { leaves: shown, hours } = await ask(leave.teacherId);
      const { reason, from, to = null } = leave;
      expect(shown).toEqual([{ reason, from, to }]);
      expect(hours.required).toBe(required(monthsLeft(leave)));
      expect(Number(hours.required)).toBeLessThan(72);
    }
  });

  it('asks for more again once it ends earlier, and for all of it when it is withdrawn', async () => {
    const leave = away().find((each) => monthsLeft({ ...each, to: each.from }) > monthsLeft(each));
    if (!leave) throw new Error('nobody is on leave for a month');
    const { teacherId, from, actingFor } = leave;
    const before = await ask(teacherId);
    const persona = actingFor.endsWith('00') ? 'city-officer' : 'county-officer';
    const officer = { persona, org: actingFor };
    const [row] = (
      await system.gql<{ teacher: { leaves: { id: string }[] } }>(
        'query ($id: ID!) { teacher(id: $id) { leaves { id } } }',
        { id: teacherId },
        officer,
      )
    ).data!.teacher.leaves;
    const send = async (name: string, type: string, input: Record<string, unknown>) => {
      const mutation = `mutation ($input: ${type}!) { ${name}(input: $input) { __typename } }`;
      const { errors } = await system.gql(mutation, { input }, officer);
      return errors?.[0]?.extensions?.['rule'] ?? null;
    };
    const end = (on: string) => send('endLeave', 'EndLeaveInput', { leaveId: row?.id, on });
    expect(await end('2026-01-01')).toBe('LEAVE-DATES');
    expect(await end(from)).toBeNull();
    const shorter = required(monthsLeft({ ...leave, to: from }));
    expect(Number(shorter)).toBeGreaterThan(Number(before.hours.required));
    await untilRequired(teacherId, shorter);
    const withdraw = () => send('withdrawLeave', 'WithdrawLeaveInput', { leaveId: row?.id });
    expect(await withdraw()).toBeNull();
    await untilRequired(teacherId, '72.00');
    expect((await ask(teacherId)).leaves).toEqual([]);
  });

  const untilRequired = (teacherId: string, wanted: string): Promise<unknown> =>
    until(async () => (await ask(teacherId)).hours.required === wanted, {
      timeoutMs: 30_000,
      message: `${wanted} hours to be asked`,
    });
});
