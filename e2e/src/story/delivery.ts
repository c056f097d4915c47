import { expect } from '@jest/globals';
import { ledgers, openEvents } from './ledgers.js';
import { republish } from './republish.js';
import type { World } from './world.js';

const DAYS = [
  '2025-12-28',
  '2025-12-29',
  '2025-12-30',
  '2025-12-31',
  '2026-01-01',
  '2026-01-02',
  '2026-01-03',
];
const HALF_DAY_MINUTES = 180;
/** a7 misses three half days and half of a fourth: 630 of 2520 minutes, a quarter. */
const missedBy = (key: string, index: number): number =>
  key !== 'a7' ? 0 : index < 3 ? HALF_DAY_MINUTES : index === 3 ? HALF_DAY_MINUTES / 2 : 0;

export const PARTICIPANTS = [
  ...[1, 2, 3, 4, 5, 6, 7].map((n) => `a${n}`),
  ...[1, 2, 3, 4, 5, 6].map((n) => `b${n}`),
];

/** Step 6: sessions and attendance. */
export async function attend(world: World): Promise<void> {
  const { classId } = world.plot;
  const sessions: string[] = [];
  for (const day of DAYS) {
    for (const [from, to] of [
      ['08:30', '11:30'],
      ['14:00', '17:00'],
    ]) {
      const { session } = await world.act<{ session: { id: string } }>(
        'scheduleSession',
        'ScheduleSessionInput',
        {
          classId,
          title: `${day} ${from}`,
          startsAt: `${day}T${from}:00+08:00`,
          endsAt: `${day}T${to}:00+08:00`,
          plannedMinutes: HALF_DAY_MINUTES,
          modality: 'FACE_TO_FACE',
        },
        'session { id }',
        world.institutionStaff,
      );
      sessions.push(session.id);
    }
  }
  const record = (index: number) =>
    [
      'recordAttendance',
      'RecordAttendanceInput',
      {
        sessionId: sessions[index],
        records: PARTICIPANTS.map((key) => ({
          enrolmentId: world.plot.enrolments[world.teacherId(key)],
          attendedMinutes: HALF_DAY_MINUTES - missedBy(key, index),
        })),
      },
      'session { id }',
      world.institutionStaff,
    ] as const;
  expect(await world.refusedAct(...record(0))).toEqual({
    code: 'REFUSED',
    rule: 'ATTENDANCE-FUTURE',
  });
  await world.system.setClock('2026-01-04T09:00:00+08:00');
  expect(await verdictOf(world, 'a1')).toMatchObject({ verdict: 'SHORT', required: '24.00' });
  for (const index of sessions.keys()) await world.act(...record(index));
}

/** Completes the class: participations are told, hours has not yet decided. */
export async function complete(world: World): Promise<void> {
  const { participations } = await world.act<{ participations: number }>(
    'completeTrainingClass',
    'CompleteTrainingClassInput',
    { classId: world.plot.classId },
    'participations',
    world.institutionStaff,
  );
  expect(participations).toBe(13);
}

/** The middle of step 7: the log has every participation, hours has decided none. */
export async function toldButUndecided(world: World): Promise<void> {
  await world.eventually(
    () => openEvents(world),
    ([, training]) => training?.waiting === 0,
    'the participations to be in the log',
  );
  expect((await ledgers(world)).hours).toEqual([]);
  expect((await world.projectStatus()).status).toBe('RUNNING');
}

interface YearlyHours {
  total: string;
  required: string | null;
  verdict: string;
}

export async function verdictOf(world: World, key: string, year = 2025): Promise<YearlyHours> {
  const { teacher } = await world.ask<{ teacher: { hours: YearlyHours } }>(
    `query($id: ID!, $year: Int!) { teacher(id: $id) {
      hours(year: $year) { total required verdict } } }`,
    { id: world.teacherId(key), year },
    world.cityOfficer,
  );
  return teacher.hours;
}

/**
 * Step 7: each participation is decided once, though told three times; the project is recognised.
 */
export async function recognise(world: World): Promise<void> {
  await republish(world.system, 'cn.yanxiu.training.participation.completed.v1', 2);
  await recognised(world);
  await world.eventually(
    () => verdictOf(world, 'a1'),
    (seen) => seen.verdict === 'MET',
    'a1 to be met for 2025',
  );
  expect(await verdictOf(world, 'a1')).toEqual({
    total: '32.00',
    required: '24.00',
    verdict: 'MET',
  });
  expect(await verdictOf(world, 'a1', 2026)).toMatchObject({ total: '24.00' });
  expect(await verdictOf(world, 'a7')).toMatchObject({ total: '0.00', verdict: 'SHORT' });
  await decisions(world);
}

export const recognised = (world: World) =>
  world.eventually(
    () => world.projectStatus(),
    (seen) => seen.status === 'RECOGNISED',
    'project recognised',
  );

interface Decision {
  status: string;
  rule: string | null;
  trace: { step: string; text: string; policyKey: string | null }[];
  entries: { year: number; hours: string }[];
}

async function decisions(world: World): Promise<void> {
  const decisionOf = async (key: string) => {
    const { enrolment } = await world.ask<{ enrolment: { decision: Decision } }>(
      `query($id: ID!) { enrolment(id: $id) { decision {
        status rule trace { step text policyKey } entries { year hours } } } }`,
      { id: world.plot.enrolments[world.teacherId(key)] },
      world.cityOfficer,
    );
    return enrolment.decision;
  };
  const credited = await decisionOf('a1');
  expect(credited).toMatchObject({
    status: 'ACCEPTED',
    entries: [
      { year: 2025, hours: '32.00' },
      { year: 2026, hours: '24.00' },
    ],
  });
  const absent = await decisionOf('a7');
  expect(absent).toMatchObject({ status: 'REFUSED', rule: 'HOURS-ABSENCE', entries: [] });
  expect(absent.trace.find((each) => each.step === 'ABSENCE')).toMatchObject({
    text: expect.stringContaining('25'),
    policyKey: 'hours.maxAbsenceShare',
  });
  const { trainingProject } = await world.ask<{ trainingProject: object }>(
    `query($id: ID!) { trainingProject(id: $id) {
      creditedHours recognition { credited refused pending } } }`,
    { id: world.plot.projectId },
    world.cityOfficer,
  );
  expect(trainingProject).toEqual({
    creditedHours: '672.00',
    recognition: { credited: 12, refused: 1, pending: 0 },
  });
}

/** Step 8: a teacher transfers; hours follow, the old county's report of last month stays. */
export async function transfer(world: World): Promise<void> {
  await world.system.setClock('2026-02-10T09:00:00+08:00');
  const [countyA, countyB] = world.places.counties;
  const report = async (unit: string, asOf: string) => {
    const { hoursReport } = await world.ask<{ hoursReport: { teachers: number; total: string } }>(
      `query($unit: ID!, $asOf: Date!) { hoursReport(unit: $unit, year: 2025, asOf: $asOf) {
        teachers met short total average } }`,
      { unit, asOf },
      world.cityOfficer,
    );
    return hoursReport;
  };
  const before = await report(countyA, '2026-01-31');
  const beforeB = await report(countyB, '2026-02-10');
  await world.act(
    'transferTeacher',
    'TransferTeacherInput',
    { teacherId: world.teacherId('a2'), toUnitCode: world.places.schools[1], on: '2026-02-10' },
    'teacher { id }',
    world.cityOfficer,
  );
  await world.eventually(
    () => report(countyB, '2026-02-10'),
    (seen) => seen.teachers === beforeB.teachers + 1,
    'the new county to see the teacher',
  );
  expect(await report(countyA, '2026-01-31')).toEqual(before);
  expect((await report(countyA, '2026-02-10')).teachers).toBe(before.teachers - 1);
  const seenBy = (index: 0 | 1) =>
    world.ask<{ teacher: { hours: YearlyHours | null } | null }>(
      `query($id: ID!) { teacher(id: $id) { hours(year: 2025) { total verdict } } }`,
      { id: world.teacherId('a2') },
      world.countyOfficer(index),
    );
  expect((await seenBy(1)).teacher?.hours).toEqual({ total: '32.00', verdict: 'MET' });
  await expect(
    seenBy(0).then(
      (seen) => seen.teacher?.hours ?? null,
      () => null,
    ),
  ).resolves.toBeNull();
}
