import { afterAll, beforeAll, expect, it } from '@jest/globals';
import {
  classOpened,
  classScheduled,
  quotaAllocated,
  quotaUsed,
  type ClassOpened,
  type QuotaAllocated,
} from '@yanxiu/contracts/training';
import { openTrainingClass } from '../class/commands.js';
import { nominateTeachers, withdrawNomination } from '../nomination/commands.js';
import { scheduleSession } from '../session/commands.js';
import {
  CITY,
  COUNTY_A,
  DeliveryFixture,
  SCHOOL_A1,
  SCHOOL_B1,
  officer,
  refusal,
} from '../testing/delivery.js';
import { allocateQuota } from './commands.js';

let fixture: DeliveryFixture;
beforeAll(async () => void (fixture = await DeliveryFixture.start()));
afterAll(() => fixture.stop());

it('tells of a class, its timetable, its seats and who takes them; of what is refused nothing', async () => {
  const projectId = await fixture.project();
  const told = <D>({ type }: { type: string }) => fixture.emitted<D>(type, projectId);
  const city = fixture.context(officer(CITY));
  const days = { startsOn: '2025-04-01', endsOn: '2025-04-05' };
  const terms = { capacity: 20, modality: 'FACE_TO_FACE' } as const;
  const { classId } = await openTrainingClass(city, {
    ...{ projectId, name: 'Class', place: 'Changzhi', ...days, ...terms },
  });
  const at = fixture.clock.now.toISOString();
  const named = { projectId, classId, at };
  expect(await told<ClassOpened>(classOpened)).toEqual([{ ...named, ...days, ...terms }]);

  const sit = (startsAt: string, endsAt: string, plannedMinutes: number) =>
    scheduleSession(city, { classId, title: 'Session', startsAt, endsAt, plannedMinutes });
  await sit('2025-04-01T01:00:00Z', '2025-04-01T04:00:00Z', 180);
  await sit('2025-04-02T01:00:00Z', '2025-04-02T04:00:00Z', 135);
  expect((await refusal(sit('2025-04-02T02:00:00Z', '2025-04-02T03:00:00Z', 45)))?.code).toBe(
    'REFUSED',
  );
  expect(await told(classScheduled)).toEqual([
    { ...named, plannedMinutes: 180 },
    { ...named, plannedMinutes: 315 },
  ]);

  const give = (unitCode: string, seats: number, unit = CITY) =>
    allocateQuota(fixture.context(officer(unit)), { classId, unitCode, seats });
  await give(COUNTY_A, 4);
  await give(SCHOOL_A1, 1, COUNTY_A);
  expect((await refusal(give(SCHOOL_A1, 5, COUNTY_A)))?.rule).toBe('QUOTA-SPLIT');
  expect(await told<QuotaAllocated>(quotaAllocated)).toEqual([
    { ...named, unitCode: COUNTY_A, sourceCode: null, seats: 4 },
    { ...named, unitCode: SCHOOL_A1, sourceCode: COUNTY_A, seats: 1 },
  ]);

  const [first, second] = await fixture.teachers(SCHOOL_A1, 2);
  const [elsewhere] = await fixture.teachers(SCHOOL_B1, 1);
  const nominate = (teacherIds: string[]) =>
    nominateTeachers(fixture.context(officer(COUNTY_A)), { classId, teacherIds });
  const { results } = await nominate([first!, second!, elsewhere!]);
  const nominationId = String(results[0]?.nominationId);
  await withdrawNomination(fixture.context(officer(COUNTY_A)), { nominationId });
  expect(await told(quotaUsed)).toEqual([
    { ...named, unitCode: SCHOOL_A1, used: 1 },
    { ...named, unitCode: SCHOOL_A1, used: 0 },
  ]);
});
