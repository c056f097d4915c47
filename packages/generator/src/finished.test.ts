import { beforeAll, describe, expect, it } from '@jest/globals';
import type { ParticipationCompleted } from '@yanxiu/contracts/training';
import { CITY_SHARES } from './figures.js';
import { checkCharacter } from './id-number.js';
import { plan, tell } from './plan.js';
import type { Step } from './step.js';

const tiny = { size: 'tiny', seed: 1, today: '2025-06-30' } as const;
const stepsOf = (options: Parameters<typeof plan>[0]): Step[] =>
  plan(options).phases.flatMap(({ steps }) => steps);

let commands: Step[];
let bulk: Step[];
beforeAll(() => {
  commands = stepsOf(tiny);
  bulk = stepsOf({ ...tiny, way: 'BULK' });
});

const inputsOf = <T>(steps: readonly Step[], command: string): T[] =>
  steps.filter((step) => step.command === command).map(({ input }) => input as T);

interface Load {
  projects: { projectId: string; sector: string; delivererIds: string[] }[];
  participations: ParticipationCompleted[];
}

/** A line for each session that somebody attended, of the classes that commands complete. */
function attendedByCommands(): string[] {
  const ended = new Map(
    commands
      .filter(({ command }) => command === 'participation.completeClass')
      .map(({ at, input }) => [input['classId'], at]),
  );
  interface Session {
    id: string;
    classId: string;
    startsAt: string;
    endsAt: string;
    plannedMinutes: number;
  }
  const sessions = new Map(
    inputsOf<Session>(commands, 'session.schedule').map((session) => [session.id, session]),
  );
  interface Attendance {
    sessionId: string;
    records: { teacherId: string; attendedMinutes: number }[];
  }
  return inputsOf<Attendance>(commands, 'session.recordAttendance').flatMap((attendance) => {
    const session = sessions.get(attendance.sessionId);
    const at = ended.get(session?.classId);
    if (!session || !at) return [];
    const { id, classId, startsAt, endsAt, plannedMinutes } = session;
    return attendance.records.map(({ teacherId, attendedMinutes }) =>
      [teacherId, classId, at, id, startsAt, endsAt, plannedMinutes, attendedMinutes].join(),
    );
  });
}

describe('what has finished', () => {
  it('is what commands complete: the same people, sessions, minutes and times', () => {
    const loaded = inputsOf<Load>(bulk, 'ledger.load').flatMap(({ participations }) =>
      participations.flatMap(({ teacherId, classId, at, sessions }) =>
        sessions.map((session) => {
          const { sessionId, startsAt, endsAt, plannedMinutes, attendedMinutes } = session;
          return [
            ...[teacherId, classId, at, sessionId, startsAt, endsAt],
            ...[plannedMinutes, attendedMinutes],
          ].join();
        }),
      ),
    );
    expect(loaded.length).toBeGreaterThan(20_000);
    expect(loaded.sort()).toEqual(attendedByCommands().sort());
  });

  it('has ids of its own, a project that is told with it, and nothing after today', () => {
    const loads = inputsOf<Load>(bulk, 'ledger.load');
    const all = loads.flatMap(({ participations }) => participations);
    for (const what of ['participationId', 'enrolmentId'] as const) {
      expect(new Set(all.map((each) => each[what])).size).toBe(all.length);
    }
    for (const { projects, participations } of loads) {
      const told = new Set(projects.map(({ projectId }) => projectId));
      expect(new Set(participations.map(({ projectId }) => projectId))).toEqual(told);
    }
    expect(all.filter(({ at }) => at > '2025-06-30')).toEqual([]);
  });

  it('comes beside the same registers, plans and money, and nothing of training', () => {
    const kept =
      /^(orgUnit|policy|teacher|leave|institution\.(register|accredit)|annual-plan|study)/;
    const told = (steps: readonly Step[]) =>
      steps
        .filter(({ command }) => kept.test(command) || /^(base|budget)/.test(command))
        .map((step) => JSON.stringify({ ...step, input: { ...step.input, idempotencyKey: '' } }));
    expect(told(bulk)).toEqual(told(commands));
    const others = bulk.filter(({ command }) => /^(project|class|session|enrol)/.test(command));
    expect(others).toEqual([]);
  });

  it('is told anew the same', () => {
    const again = stepsOf({ ...tiny, way: 'BULK' });
    expect(again).toEqual(bulk);
  });
});

describe('the whole province', () => {
  it('is refused for a day too early for its years', () => {
    const early = { size: 'tenth', seed: 1, today: '2025-12-31' } as const;
    expect(() => tell(early)).toThrow('needs a day of 2026 or later');
  });

  it('has all divisions, and teachers by the share of each city', () => {
    const [registers] = tell({ size: 'tenth', seed: 1, today: '2026-12-31' }).phases;
    const steps = registers?.steps ?? [];
    interface Unit {
      code: string;
      tier: string;
      sector?: string;
      parentCode?: string;
    }
    const units = inputsOf<Unit>(steps, 'orgUnit.register');
    const tiers = new Map(units.map(({ code, tier }) => [code, tier]));
    for (const { sector, parentCode = '' } of units) {
      if (!sector) continue;
      // A21: what schools of a sector hang under.
      const above = { BASIC: 'COUNTY', VOCATIONAL: 'CITY', HIGHER: 'PROVINCE' }[sector];
      expect(tiers.get(parentCode)).toBe(above);
    }
    const count = (tier: string) => units.filter((unit) => unit.tier === tier).length;
    expect(['PROVINCE', 'CITY', 'COUNTY', 'SCHOOL'].map(count)).toEqual([1, 11, 117, 1_498]);
    expect(new Set(units.map(({ code }) => code)).size).toBe(units.length);
    interface Row {
      idNumber: string;
      unitCode: string;
    }
    const rows = inputsOf<{ rows: Row[] }>(steps, 'teacher.registerMany').flatMap((s) => s.rows);
    expect(rows).toHaveLength(48_000);
    expect(new Set(rows.map(({ idNumber }) => idNumber)).size).toBe(48_000);
    const wrong = rows.filter(({ idNumber: n }) => checkCharacter(n.slice(0, 17)) !== n[17]);
    expect(wrong).toEqual([]);
    const inCities = rows.filter(({ unitCode }) => !unitCode.startsWith('140000'));
    expect(inCities).toHaveLength(43_500);
    for (const [code, share] of Object.entries(CITY_SHARES)) {
      const own = inCities.filter(({ unitCode }) => unitCode.startsWith(code.slice(0, 4)));
      expect(Math.abs((100 * own.length) / inCities.length - share)).toBeLessThan(1.5);
    }
  });
});
