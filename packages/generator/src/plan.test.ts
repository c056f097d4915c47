import { beforeAll, describe, expect, it } from '@jest/globals';
import { checkCharacter } from './id-number.js';
import { plan, type Plan } from './plan.js';
import type { Step } from './step.js';

const today = '2025-06-30';
const stepsOf = ({ phases }: Plan): Step[] => phases.flatMap(({ steps }) => steps);
const named = (steps: readonly Step[], command: string): Step[] =>
  steps.filter((step) => step.command === command);

let tiny: Step[] = [];
let province: Plan;
beforeAll(() => {
  province = plan({ size: 'tiny', seed: 1, today });
  tiny = stepsOf(province);
});

interface Row {
  id: string;
  idNumber: string;
  unitCode: string;
}
interface Leave {
  teacherId: string;
  reason: string;
  to?: string;
}
const rowsOf = (steps: readonly Step[]): Row[] =>
  named(steps, 'teacher.registerMany').flatMap(({ input }) => input['rows'] as Row[]);

describe('the plan of a province', () => {
  it('is the same for the same options and another for another seed', () => {
    const again = plan({ size: 'bare', seed: 1, today });
    expect(plan({ size: 'bare', seed: 1, today })).toEqual(again);
    expect(plan({ size: 'bare', seed: 2, today }).phases).not.toEqual(again.phases);
  });

  it('has no history at size bare, but policies, money and institutions', () => {
    const bare = stepsOf(plan({ size: 'bare', seed: 1, today }));
    expect(named(bare, 'project.create')).toEqual([]);
    expect(named(bare, 'policy.publishDefaults')).toHaveLength(1);
    expect(named(bare, 'institution.accredit')).toHaveLength(8);
    expect(named(bare, 'budget.approve').length).toBeGreaterThan(20);
    expect(rowsOf(bare)).toHaveLength(40);
  });

  it('gives every command a key of its own, and none after today', () => {
    const keys = tiny.map(({ input }) => input['idempotencyKey']);
    expect(new Set(keys).size).toBe(tiny.length);
    const late = tiny.filter(({ at }) => at > `${today}T15:59:59.999Z`);
    expect(late).toEqual([]);
  });

  it('has two cities, six counties and sixty schools under real divisions', () => {
    const units = named(tiny, 'orgUnit.register').map(({ input }) => input);
    const count = (tier: string) => units.filter((unit) => unit['tier'] === tier).length;
    expect([count('PROVINCE'), count('CITY'), count('COUNTY'), count('SCHOOL')]).toEqual([
      1, 2, 6, 60,
    ]);
    expect(units).toContainEqual(expect.objectContaining({ code: '140400', name: '长治市' }));
    const vocational = units.filter(({ sector }) => sector === 'VOCATIONAL');
    expect(vocational.map(({ parentCode }) => parentCode)).toEqual(['140400']);
    for (const { code, tier } of units) {
      expect(String(code)).toHaveLength(tier === 'SCHOOL' ? 10 : 6);
    }
    expect(
      units.filter(({ code }) => /71$/.test(String(code)) && String(code).length === 6),
    ).toEqual([]);
  });

  it('gives its 1,200 teachers valid ID numbers of the reserved range, each once', () => {
    const rows = rowsOf(tiny);
    expect(rows.length).toBeGreaterThanOrEqual(1_200);
    for (const { idNumber } of rows) {
      expect(idNumber).toMatch(/^140000(19|20)\d{6}9\d\d[\dX]$/);
      expect(checkCharacter(idNumber.slice(0, 17))).toBe(idNumber[17]);
    }
    expect(new Set(rows.map(({ idNumber }) => idNumber)).size).toBe(rows.length);
  });

  it('has projects that stop at every step of the lifecycle', () => {
    const last = new Map<unknown, string>();
    for (const { command, input } of tiny) {
      const id = command === 'project.create' ? input['id'] : input['projectId'];
      if (/^(project|scheme)\./.test(command) && id) last.set(id, command);
    }
    const ends = new Set(last.values());
    for (const end of [
      'project.create',
      'project.submit',
      'project.reject',
      'project.approve',
      'project.file',
      'project.accept',
      'scheme.submit',
      'project.openEnrolment',
      'project.start',
      'project.suspend',
      'project.cancel',
      'project.close',
    ]) {
      expect(ends).toContain(end);
    }
  });

  it('leaves seats of one project for which teachers are nominated now', () => {
    const [open] = named(tiny, 'project.create').filter(({ input }) =>
      String(input['name']).includes('·选派中'),
    );
    const classes = named(tiny, 'class.open').filter(
      ({ input }) => input['projectId'] === open?.input['id'],
    );
    expect(classes).not.toEqual([]);
    for (const { input } of classes) {
      const nominated = named(tiny, 'nomination.nominate')
        .filter((step) => step.input['classId'] === input['id'])
        .flatMap((step) => step.input['teacherIds'] as string[]);
      expect(Number(input['capacity'])).toBeGreaterThan(nominated.length);
    }
  });

  it('lets some units file no plan this year, and some hold no study (Q18)', () => {
    const filed = named(tiny, 'annual-plan.file').filter(({ input }) => input['year'] === 2025);
    expect(filed.length).toBeGreaterThan(69 * 0.75);
    expect(filed.length).toBeLessThan(69);
    const studied = named(tiny, 'study.record').filter(({ input }) => input['year'] === 2025);
    expect(studied.length).toBeGreaterThan(20);
    expect(studied.length).toBeLessThan(69);
  });

  it('suspends an institution and transfers about 2 % of teachers a year', () => {
    expect(named(tiny, 'institution.suspend')).toHaveLength(1);
    const moves = named(tiny, 'teacher.transfer').length;
    expect(moves).toBeGreaterThan(3 * 1_200 * 0.01);
    expect(moves).toBeLessThan(3 * 1_200 * 0.03);
  });

  it('sends about 1.5 % of teachers a year on a long leave, for each reason that exempts', () => {
    const leaves = named(tiny, 'leave.record').map(({ input }) => input as unknown as Leave);
    // Two whole years and the first half of the third, in which three of five begin by then.
    expect(leaves.length).toBeGreaterThan(2.3 * 1_200 * 0.015);
    expect(leaves.length).toBeLessThan(3 * 1_200 * 0.015);
    expect(new Set(leaves.map(({ reason }) => reason))).toEqual(
      new Set(['MATERNITY', 'SICK', 'SECONDMENT']),
    );
    const open = leaves.filter(({ to }) => to === undefined);
    expect(open.length).toBeGreaterThan(0);
    expect(new Set(open.map(({ reason }) => reason))).toEqual(new Set(['SICK']));
    const rows = new Map(rowsOf(tiny).map((row) => [row.id, row]));
    for (const { reason, teacherId } of leaves) {
      const digit = Number(rows.get(teacherId)?.idNumber[16]);
      if (reason === 'MATERNITY') expect(digit % 2).toBe(0);
    }
  });

  it('has nobody in a class while on a long leave', () => {
    const leaves = new Map(
      named(tiny, 'leave.record').map(({ input }) => [String(input['teacherId']), input]),
    );
    const days = new Map(
      named(tiny, 'session.schedule').map(({ input }) => [
        input['id'],
        String(input['startsAt']).slice(0, 10),
      ]),
    );
    let compared = 0;
    for (const { input } of named(tiny, 'session.recordAttendance')) {
      const day = days.get(input['sessionId']) ?? '';
      for (const { teacherId } of input['records'] as { teacherId: string }[]) {
        const leave = leaves.get(teacherId);
        if (!leave) continue;
        compared += 1;
        const lasts = leave['to'] === undefined || day <= String(leave['to']);
        expect(lasts && day >= String(leave['from'])).toBe(false);
      }
    }
    expect(compared).toBeGreaterThan(50);
  });

  it('offers all eleven personas, with units that exist', () => {
    const { personas, units, teachersByUnit } = province.directory;
    expect(personas).toHaveLength(11);
    for (const { unit } of personas) expect(units).toContain(unit);
    const teacher = personas.find(({ persona }) => persona === 'teacher');
    expect(teachersByUnit[teacher?.unit ?? '']?.length).toBeGreaterThan(1);
  });
});

describe('hours in the plan', () => {
  /** Hours (学时) of each teacher of BASIC schools in a year, as attendance gives them. */
  const hoursOf = (year: number): number[] => {
    const minutes = new Map(
      named(tiny, 'session.schedule').map(({ input }) => [
        input['id'],
        Number(input['plannedMinutes']),
      ]),
    );
    interface ClassHours {
      planned: number;
      attended: Map<string, number>;
    }
    const classes = new Map<unknown, ClassHours>();
    for (const { at, input, enrolmentsOf } of named(tiny, 'session.recordAttendance')) {
      if (Number(at.slice(0, 4)) !== year) continue;
      const row = classes.get(enrolmentsOf) ?? { planned: 0, attended: new Map() };
      classes.set(enrolmentsOf, row);
      row.planned += minutes.get(input['sessionId']) ?? 0;
      for (const { teacherId, attendedMinutes } of input['records'] as {
        teacherId: string;
        attendedMinutes: number;
      }[]) {
        row.attended.set(teacherId, (row.attended.get(teacherId) ?? 0) + attendedMinutes);
      }
    }
    const total = new Map(
      rowsOf(tiny)
        .filter(({ unitCode }) => !/^1400000001$|^1404000/.test(unitCode))
        .map(({ id }) => [id, 0]),
    );
    for (const { planned, attended } of classes.values()) {
      for (const [id, own] of attended) {
        if (own >= 0.8 * planned && total.has(id)) total.set(id, (total.get(id) ?? 0) + own / 45);
      }
    }
    return [...total.values()].filter((hours) => hours > 0);
  };

  it('come out as the figures say: most teachers above 72, a part below', () => {
    const hours = hoursOf(2024);
    const mean = hours.reduce((a, b) => a + b, 0) / hours.length;
    const short = hours.filter((value) => value < 72).length / hours.length;
    expect(mean).toBeGreaterThan(68);
    expect(mean).toBeLessThan(90);
    expect(short).toBeGreaterThan(0.1);
    expect(short).toBeLessThan(0.35);
  });

  it('are of 4 to 7 participations a teacher and year', () => {
    const participations = named(tiny, 'nomination.nominate').reduce(
      (sum, { input }) => sum + (input['teacherIds'] as string[]).length,
      0,
    );
    expect(participations / (1_200 * 2.5)).toBeGreaterThan(4);
    expect(participations / (1_200 * 2.5)).toBeLessThan(7);
  });
});
