import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '@yanxiu/testkit/waiting';
import { openTrainingClass } from '../class/commands.js';
import { allocateQuota } from '../quota/commands.js';
import {
  CITY,
  COUNTY_A,
  COUNTY_B,
  DeliveryFixture,
  PROVINCE,
  SCHOOL_A1,
  SCHOOL_A2,
  SCHOOL_B1,
  UNIVERSITY,
  VOCATIONAL,
  coordinator,
  officer,
  refusal,
  staff,
} from '../testing/delivery.js';
import { nominateTeachers, withdrawNomination } from './commands.js';

let fixture: DeliveryFixture;
beforeAll(async () => void (fixture = await DeliveryFixture.start()));
afterAll(() => fixture.stop());

const rulesOf = (results: { refusal: { rule: string } | null }[]) =>
  results.map(({ refusal: refused }) => refused?.rule ?? 'nominated');

/** A class of an enrolling project, with seats given by its organiser. */
async function classWith(
  quotas: Record<string, number>,
  other: Parameters<DeliveryFixture['project']>[0] = {},
): Promise<{ projectId: string; classId: string }> {
  const projectId = await fixture.project(other);
  const organiser = officer(other.organiserCode ?? CITY);
  const { classId } = await openTrainingClass(fixture.context(organiser), {
    projectId,
    name: 'Class 1',
    startsOn: '2025-04-01',
    endsOn: '2025-04-05',
    capacity: 60,
    place: 'Changzhi',
    modality: 'FACE_TO_FACE',
  });
  for (const [unitCode, seats] of Object.entries(quotas)) {
    await allocateQuota(fixture.context(organiser), { classId, unitCode, seats });
  }
  return { projectId, classId };
}

describe('nominateTeachers', () => {
  it('[R108] judges each teacher on its own: eligible, once, within quota', async () => {
    const { projectId, classId } = await classWith({ [COUNTY_A]: 2 });
    const [first, second, third] = await fixture.teachers(SCHOOL_A1, 3);
    const vocational = await fixture.teacher(SCHOOL_A1, { sector: 'VOCATIONAL' });
    const context = fixture.context(officer(COUNTY_A));
    const { results } = await nominateTeachers(context, {
      classId,
      teacherIds: [vocational, first!, first!, second!, third!],
    });
    expect(rulesOf(results)).toEqual([
      'NOMINATION-ELIGIBLE',
      'nominated',
      'NOMINATION-ONCE',
      'nominated',
      'NOMINATION-QUOTA',
    ]);
    expect(await fixture.count('nomination', `project_id = '${projectId}'`)).toBe(2);
    expect(await fixture.count('quota', `class_id = '${classId}' AND used = 2`)).toBe(1);
  });

  it('[R108] writes nothing when all are refused, and names the rule', async () => {
    const { projectId, classId } = await classWith({ [COUNTY_A]: 5 });
    const vocational = await fixture.teacher(SCHOOL_A1, { sector: 'VOCATIONAL' });
    const audits = await fixture.count('audit');
    const refused = await refusal(
      nominateTeachers(fixture.context(coordinator(SCHOOL_A1)), {
        classId,
        teacherIds: [vocational],
        idempotencyKey: 'all-refused',
      }),
    );
    expect(refused).toEqual({ code: 'REFUSED', rule: 'NOMINATION-ELIGIBLE' });
    expect(await fixture.count('nomination', `project_id = '${projectId}'`)).toBe(0);
    expect(await fixture.count('audit')).toBe(audits);
    expect(await fixture.count('idempotency', `key = 'all-refused'`)).toBe(0);
  });

  it('[R32] lets a city send teachers to provincial training, and no one of another unit', async () => {
    const { classId } = await classWith(
      { [CITY]: 3 },
      { level: 'PROVINCIAL', organiserCode: PROVINCE },
    );
    const [teacherId] = await fixture.teachers(SCHOOL_B1, 1);
    const input = { classId, teacherIds: [teacherId!] };
    expect(await refusal(nominateTeachers(fixture.context(officer(COUNTY_A)), input))).toEqual({
      code: 'REFUSED',
      rule: 'NOMINATION-ELIGIBLE',
    });
    const { results } = await nominateTeachers(fixture.context(officer(CITY)), input);
    expect(rulesOf(results)).toEqual(['nominated']);
  });

  it('refuses a tier that does not govern the sector (PROJECT-TIER)', async () => {
    const { classId } = await classWith({ [VOCATIONAL]: 3 }, { sector: 'VOCATIONAL' });
    const teacherId = await fixture.teacher(VOCATIONAL, { sector: 'VOCATIONAL' });
    const input = { classId, teacherIds: [teacherId] };
    expect(await refusal(nominateTeachers(fixture.context(officer(COUNTY_A)), input))).toEqual({
      code: 'REFUSED',
      rule: 'PROJECT-TIER',
    });
    const { results } = await nominateTeachers(fixture.context(coordinator(VOCATIONAL)), input);
    expect(rulesOf(results)).toEqual(['nominated']);
  });

  it('refuses before enrolment opens and after it has closed', async () => {
    const { projectId, classId } = await classWith({ [COUNTY_A]: 3 });
    const [teacherId] = await fixture.teachers(SCHOOL_A1, 1);
    const nominate = () =>
      refusal(
        nominateTeachers(fixture.context(officer(COUNTY_A)), { classId, teacherIds: [teacherId!] }),
      );
    for (const status of ['SCHEME_APPROVED', 'RUNNING', 'SUSPENDED', 'CANCELLED'] as const) {
      const previousStatus = status === 'SUSPENDED' ? 'ENROLLING' : null;
      await fixture.db.query(
        'UPDATE training_project SET status = $2, previous_status = $3 WHERE id = $1',
        [projectId, status, previousStatus],
      );
      expect(await nominate()).toEqual({ code: 'REFUSED', rule: 'PROJECT-LIFECYCLE' });
    }
    await fixture.db.query(
      `UPDATE training_project SET status = 'ENROLLING', previous_status = NULL WHERE id = $1`,
      [projectId],
    );
    expect(await nominate()).toBeNull();
  });

  it('waits for a step of the project that is being taken, and obeys it', async () => {
    const { projectId, classId } = await classWith({ [COUNTY_A]: 3 });
    const teacherIds = await fixture.teachers(SCHOOL_A1, 1);
    const waiting = `datname = current_database() AND wait_event_type = 'Lock'`;
    const runner = fixture.db.createQueryRunner();
    await runner.startTransaction();
    await runner.query(`UPDATE training_project SET status = 'RUNNING' WHERE id = $1`, [projectId]);
    const refused = refusal(
      nominateTeachers(fixture.context(officer(COUNTY_A)), { classId, teacherIds }),
    );
    await until(() => fixture.count('pg_stat_activity', waiting), { message: 'the lock' });
    await runner.commitTransaction();
    await runner.release();
    expect(await refused).toEqual({ code: 'REFUSED', rule: 'PROJECT-LIFECYCLE' });
  });

  it.each<[string, object, Parameters<DeliveryFixture['teacher']>[1]]>([
    ['a stage', { targetStages: ['JUNIOR_SECONDARY'] }, { stage: 'JUNIOR_SECONDARY' }],
    ['a subject', { targetSubjects: ['PHYSICS'] }, { subject: 'PHYSICS' }],
    ['a step of the ladder', { targetLadders: ['MASTER'] }, { ladder: 'MASTER' }],
    ['a role', { targetRoles: ['PRINCIPAL'] }, { roles: ['CLASSROOM', 'PRINCIPAL'] }],
  ])(
    '[R3] [R7] takes who is of %s that the project is for, and no other',
    async (_, target, fits) => {
      const { classId } = await classWith({ [COUNTY_A]: 3 }, target);
      const teacherId = await fixture.teacher(SCHOOL_A1, fits);
      const [other] = await fixture.teachers(SCHOOL_A1, 1);
      const context = fixture.context(officer(COUNTY_A));
      expect(await refusal(nominateTeachers(context, { classId, teacherIds: [other!] }))).toEqual({
        code: 'REFUSED',
        rule: 'NOMINATION-ELIGIBLE',
      });
      const { results } = await nominateTeachers(context, { classId, teacherIds: [teacherId] });
      expect(rulesOf(results)).toEqual(['nominated']);
    },
  );

  it('takes a seat of the school itself before one of its county', async () => {
    const { classId } = await classWith({ [COUNTY_A]: 5, [SCHOOL_A1]: 1 });
    const own = await fixture.teachers(SCHOOL_A1, 2);
    const other = await fixture.teachers(SCHOOL_A2, 1);
    const { results } = await nominateTeachers(fixture.context(officer(COUNTY_A)), {
      classId,
      teacherIds: [...own, ...other],
    });
    expect(rulesOf(results)).toEqual(['nominated', 'NOMINATION-QUOTA', 'nominated']);
  });

  it('keeps coordinators to their school and others out', async () => {
    const { classId } = await classWith({ [COUNTY_A]: 5 });
    const [teacherId] = await fixture.teachers(SCHOOL_A2, 1);
    const input = { classId, teacherIds: [teacherId!] };
    expect(await refusal(nominateTeachers(fixture.context(coordinator(SCHOOL_A1)), input))).toEqual(
      { code: 'REFUSED', rule: 'NOMINATION-ELIGIBLE' },
    );
    expect((await refusal(nominateTeachers(fixture.context(staff()), input)))?.code).toBe(
      'FORBIDDEN',
    );
    expect((await refusal(nominateTeachers(fixture.context(null), input)))?.code).toBe(
      'UNAUTHENTICATED',
    );
  });

  it('answers a repeated request without acting again', async () => {
    const { projectId, classId } = await classWith({ [COUNTY_A]: 5 });
    const teacherIds = await fixture.teachers(SCHOOL_A1, 2);
    const input = { classId, teacherIds, idempotencyKey: `again-${classId}` };
    const first = await nominateTeachers(fixture.context(officer(COUNTY_A)), input);
    const second = await nominateTeachers(fixture.context(officer(COUNTY_A)), input);
    expect(second).toEqual(first);
    expect(await fixture.count('nomination', `project_id = '${projectId}'`)).toBe(2);
  });

  it('never gives more seats than the quota to commands side by side', async () => {
    const { projectId, classId } = await classWith({ [COUNTY_A]: 7, [COUNTY_B]: 3 });
    const groups = [
      ...(await Promise.all([1, 2, 3, 4].map(() => fixture.teachers(SCHOOL_A1, 3)))),
      ...(await Promise.all([1, 2].map(() => fixture.teachers(SCHOOL_B1, 3)))),
    ];
    const settled = await Promise.allSettled(
      groups.map((teacherIds) =>
        nominateTeachers(fixture.context(officer(CITY)), { classId, teacherIds }),
      ),
    );
    const failed = settled.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
    for (const error of failed) {
      expect((error as { extensions: unknown }).extensions).toMatchObject({
        rule: 'NOMINATION-QUOTA',
      });
    }
    const of = (school: string) => `project_id = '${projectId}' AND unit_code = '${school}'`;
    expect(await fixture.count('nomination', of(SCHOOL_A1))).toBe(7);
    expect(await fixture.count('nomination', of(SCHOOL_B1))).toBe(3);
  });

  it('nominates a teacher once when two classes of a project do it side by side', async () => {
    const { projectId, classId } = await classWith({ [COUNTY_A]: 5 });
    const organiser = fixture.context(officer(CITY));
    const second = await openTrainingClass(organiser, {
      projectId,
      name: 'Class 2',
      startsOn: '2025-05-01',
      endsOn: '2025-05-05',
      capacity: 10,
      place: 'Changzhi',
      modality: 'ONLINE',
    });
    await allocateQuota(organiser, { classId: second.classId, unitCode: COUNTY_A, seats: 5 });
    const teacherIds = await fixture.teachers(SCHOOL_A1, 4);
    const settled = await Promise.allSettled(
      [classId, second.classId].map((id) =>
        nominateTeachers(fixture.context(officer(COUNTY_A)), { classId: id, teacherIds }),
      ),
    );
    const failed = settled.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
    for (const error of failed) {
      expect((error as { extensions: unknown }).extensions).toMatchObject({
        rule: 'NOMINATION-ONCE',
      });
    }
    expect(await fixture.count('nomination', `project_id = '${projectId}'`)).toBe(4);
    const used: { used: number }[] = await fixture.db.query(
      'SELECT sum(used)::int AS used FROM quota WHERE class_id = ANY($1)',
      [[classId, second.classId]],
    );
    expect(used[0]?.used).toBe(4);
  });
});

describe('withdrawNomination', () => {
  it('frees the seat, and refuses another unit and a second time', async () => {
    const { classId } = await classWith({ [COUNTY_A]: 1 });
    const [first, second] = await fixture.teachers(SCHOOL_A1, 2);
    const county = fixture.context(officer(COUNTY_A));
    const { results } = await nominateTeachers(county, { classId, teacherIds: [first!] });
    const nominationId = results[0]!.nominationId!;
    expect(
      (await refusal(withdrawNomination(fixture.context(officer(COUNTY_B)), { nominationId })))
        ?.code,
    ).toBe('FORBIDDEN');
    await withdrawNomination(county, { nominationId });
    expect(await refusal(withdrawNomination(county, { nominationId }))).toEqual({
      code: 'REFUSED',
      rule: 'NOMINATION-OPEN',
    });
    const again = await nominateTeachers(county, { classId, teacherIds: [second!] });
    expect(rulesOf(again.results)).toEqual(['nominated']);
  });
});

describe('a nomination that was made', () => {
  it('can no longer be withdrawn once teaching has begun', async () => {
    const { projectId, classId } = await classWith({ [COUNTY_A]: 1 });
    const county = fixture.context(officer(COUNTY_A));
    const teacherIds = await fixture.teachers(SCHOOL_A1, 1);
    const { results } = await nominateTeachers(county, { classId, teacherIds });
    const withdraw = () =>
      refusal(withdrawNomination(county, { nominationId: results[0]!.nominationId! }));
    await fixture.setStatus(projectId, 'RUNNING');
    expect(await withdraw()).toEqual({ code: 'REFUSED', rule: 'PROJECT-LIFECYCLE' });
    await fixture.setStatus(projectId, 'ENROLLING');
    expect(await withdraw()).toBeNull();
  });
});

describe('allocateQuota', () => {
  it('[R108] splits down the tree and never beyond what a unit has (QUOTA-SPLIT)', async () => {
    const { classId } = await classWith({ [COUNTY_A]: 10 });
    const give = (unit: string, unitCode: string, seats: number) =>
      refusal(allocateQuota(fixture.context(officer(unit)), { classId, unitCode, seats }));
    const tooMuch = { code: 'REFUSED', rule: 'QUOTA-SPLIT' };
    expect(await give(COUNTY_A, SCHOOL_A1, 8)).toBeNull();
    expect(await give(COUNTY_A, SCHOOL_A2, 3)).toEqual(tooMuch);
    expect(await give(COUNTY_A, SCHOOL_A2, 2)).toBeNull();
    expect(await give(CITY, COUNTY_A, 9)).toEqual(tooMuch);
    expect(await give(CITY, COUNTY_B, 51)).toEqual(tooMuch);
    expect(await give(CITY, COUNTY_B, 50)).toBeNull();
    expect((await give(COUNTY_B, SCHOOL_A1, 1))?.code).toBe('FORBIDDEN');
    expect((await give(COUNTY_A, COUNTY_A, 20))?.code).toBe('FORBIDDEN');
    expect(
      (
        await refusal(
          allocateQuota(fixture.context(staff()), { classId, unitCode: COUNTY_B, seats: 1 }),
        )
      )?.code,
    ).toBe('FORBIDDEN');
  });

  it('is over once teaching has begun', async () => {
    const { projectId, classId } = await classWith({});
    const give = () =>
      refusal(
        allocateQuota(fixture.context(officer(CITY)), { classId, unitCode: COUNTY_A, seats: 5 }),
      );
    await fixture.setStatus(projectId, 'RUNNING');
    expect(await give()).toEqual({ code: 'REFUSED', rule: 'PROJECT-LIFECYCLE' });
    expect(await fixture.count('quota', `class_id = '${classId}'`)).toBe(0);
    await fixture.setStatus(projectId, 'SCHEME_APPROVED');
    expect(await give()).toBeNull();
  });

  it('keeps counties and universities out of what is not theirs (PROJECT-TIER)', async () => {
    const { classId } = await classWith({}, { sector: 'HIGHER', organiserCode: PROVINCE });
    const province = fixture.context(officer(PROVINCE));
    expect(await refusal(allocateQuota(province, { classId, unitCode: CITY, seats: 1 }))).toEqual({
      code: 'REFUSED',
      rule: 'PROJECT-TIER',
    });
    expect(
      await refusal(allocateQuota(province, { classId, unitCode: UNIVERSITY, seats: 1 })),
    ).toBeNull();
  });
});
