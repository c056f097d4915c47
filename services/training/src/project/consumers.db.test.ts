import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { evaluationClosed } from '@yanxiu/contracts/evaluation';
import { fundsCommitted, fundsReleased, fundsReserved } from '@yanxiu/contracts/funding';
import { hoursCredited, hoursRefused } from '@yanxiu/contracts/hours';
import type { ProjectRecognised } from '@yanxiu/contracts/training';
import { deliver, messageOf } from '@yanxiu/testkit/events';
import { openTrainingClass } from '../class/commands.js';
import { confirmEnrolments } from '../enrolment/commands.js';
import { nominateTeachers } from '../nomination/commands.js';
import { allocateQuota } from '../quota/commands.js';
import { CITY, COUNTY_A, SCHOOL_A1, type DeliveryFixture } from '../testing/delivery.js';
import { Planning } from '../testing/planning.js';
import {
  resumeTrainingProject,
  startTrainingProject,
  submitTrainingProject,
  suspendTrainingProject,
} from './commands.js';
import { returnOverdueReservations } from './waits.js';

let planning: Planning;
let fixture: DeliveryFixture;
beforeAll(async () => {
  planning = await Planning.start();
  fixture = planning.fixture;
  await planning.accredit();
});
afterAll(() => fixture.stop());

const TYPE = 'cn.yanxiu.training.project.';

describe('answers of funding', () => {
  it('reserve, commit and release in turn', async () => {
    const projectId = await planning.submitted();
    for (const [contract, state] of [
      [fundsReserved, 'RESERVED'],
      [fundsCommitted, 'COMMITTED'],
      [fundsReleased, 'RELEASED'],
    ] as const) {
      await planning.fund(projectId, contract);
      expect((await planning.find(projectId)).fundsState).toBe(state);
    }
    expect((await planning.find(projectId)).status).toBe('SUBMITTED');
  });

  it('[R104] sends a refused project back to DRAFT with the reason, and it may be sent again', async () => {
    const projectId = await planning.submitted();
    const { fundsRequestId: requestId } = await planning.find(projectId);
    await planning.refuse(projectId);
    expect(await planning.find(projectId)).toMatchObject({
      status: 'DRAFT',
      fundsState: 'REFUSED',
      fundsRule: 'PROJECT-FUNDED',
      fundsReason: { en: 'over the budget' },
    });
    expect(await fixture.emitted(`${TYPE}returned.v1`, projectId)).toMatchObject([
      { requestId, rule: 'PROJECT-FUNDED' },
    ]);
    await submitTrainingProject(planning.as(CITY), { projectId });
    await planning.fund(projectId, fundsReserved);
    expect((await planning.find(projectId)).fundsState).toBe('RESERVED');
  });

  it('change nothing when they come late or name another request', async () => {
    const projectId = await planning.submitted();
    await planning.fund(projectId, fundsReserved, fixture.id());
    expect((await planning.find(projectId)).fundsState).toBe('ASKED');
    const { fundsRequestId } = await planning.find(projectId);
    await planning.refuse(projectId);
    await submitTrainingProject(planning.as(CITY), { projectId });
    await planning.refuse(projectId, fundsRequestId ?? '');
    expect(await planning.find(projectId)).toMatchObject({
      status: 'SUBMITTED',
      fundsState: 'ASKED',
    });
    expect(await fixture.emitted(`${TYPE}returned.v1`, projectId)).toHaveLength(1);
  });
});

describe('the wait for funding', () => {
  it('ends after the hours of the policy, and not before', async () => {
    fixture.clock.now = new Date('2025-03-10T00:00:00Z');
    const projectId = await planning.submitted();
    const answered = await planning.submitted();
    await planning.fund(answered, fundsReserved);
    const environment = fixture.context(null).environment;
    fixture.clock.now = new Date('2025-03-11T00:00:00Z');
    await returnOverdueReservations(fixture.db, environment);
    expect((await planning.find(projectId)).status).toBe('SUBMITTED');
    fixture.clock.now = new Date('2025-03-11T00:00:01Z');
    await returnOverdueReservations(fixture.db, environment);
    expect(await planning.find(projectId)).toMatchObject({
      status: 'DRAFT',
      fundsState: 'REFUSED',
      fundsRule: 'PROJECT-FUNDED',
    });
    expect(await fixture.emitted(`${TYPE}returned.v1`, projectId)).toHaveLength(1);
    expect((await planning.find(answered)).status).toBe('SUBMITTED');
    await planning.fund(projectId, fundsReserved);
    expect((await planning.find(projectId)).fundsState).toBe('REFUSED');
    expect(await returnOverdueReservations(fixture.db, environment)).toBe(0);
  });
});

/** A running project with enrolments that wait for their decision. */
async function running(participants: number) {
  const projectId = await fixture.project();
  const city = planning.as(CITY);
  const { classId } = await openTrainingClass(city, {
    projectId,
    name: 'Class 1',
    startsOn: '2025-04-01',
    endsOn: '2025-04-05',
    capacity: 60,
    place: 'Changzhi',
    modality: 'FACE_TO_FACE',
  });
  await allocateQuota(city, { classId, unitCode: COUNTY_A, seats: participants });
  const teacherIds = await fixture.teachers(SCHOOL_A1, participants);
  await nominateTeachers(planning.as(COUNTY_A), { classId, teacherIds });
  await confirmEnrolments(city, { classId });
  await startTrainingProject(city, { projectId });
  const enrolments: { enrolmentId: string; teacherId: string }[] = await fixture.db.query(
    `SELECT id AS "enrolmentId", teacher_id AS "teacherId" FROM enrolment WHERE project_id = $1`,
    [projectId],
  );
  return { projectId, enrolments };
}

type Enrolled = Awaited<ReturnType<typeof running>>['enrolments'][number];

const decisionOn = (projectId: string, { enrolmentId, teacherId }: Enrolled) => ({
  causeId: fixture.id(),
  decisionId: fixture.id(),
  teacherId,
  projectId,
  enrolmentId,
  at: '2025-04-06T00:00:00Z',
});

const creditOf = (projectId: string, enrolled: Enrolled) => {
  const entries = [{ entryId: fixture.id(), year: 2025, centihours: 3200 }];
  return { ...decisionOn(projectId, enrolled), entries };
};

const credit = (projectId: string, enrolled: Enrolled) => {
  const data = creditOf(projectId, enrolled);
  return deliver(fixture.inbox, hoursCredited, data.causeId, data);
};

const refuse = (projectId: string, enrolled: Enrolled) => {
  const data = decisionOn(projectId, enrolled);
  const reason = { zh: '缺勤', en: 'absent' };
  return deliver(fixture.inbox, hoursRefused, data.causeId, {
    ...data,
    rule: 'HOURS-ABSENCE',
    reason,
  });
};

describe('decisions on hours', () => {
  it('[R110] make the project RECOGNISED with the last of them, credited or refused', async () => {
    const { projectId, enrolments } = await running(2);
    const [first, second] = enrolments;
    expect(await credit(projectId, first!)).toBe('applied');
    expect((await planning.find(projectId)).status).toBe('RUNNING');
    expect(await refuse(projectId, second!)).toBe('applied');
    expect((await planning.find(projectId)).status).toBe('RECOGNISED');
    const [event] = await fixture.emitted<ProjectRecognised>(`${TYPE}recognised.v1`, projectId);
    expect(event).toMatchObject({ participants: 2, creditedCentihours: 3200 });
  });

  it('count when they come in one batch, but for one whose enrolment is not known yet', async () => {
    const [one, other] = [await running(2), await running(2)];
    const unknown = { enrolmentId: fixture.id(), teacherId: fixture.id() };
    const decisions = [
      ...one.enrolments.map((each) => creditOf(one.projectId, each)),
      creditOf(other.projectId, other.enrolments[0]!),
    ];
    const taken = (all: readonly ReturnType<typeof creditOf>[]) =>
      fixture.inbox.takeBatch(
        all.map((data) => messageOf(hoursCredited, data.causeId, data, 1, fixture.clock.now)),
      );
    expect(await taken(decisions)).toEqual(decisions.map(() => 'applied'));
    expect((await planning.find(one.projectId)).status).toBe('RECOGNISED');
    expect((await planning.find(other.projectId)).status).toBe('RUNNING');
    const [event] = await fixture.emitted<ProjectRecognised>(`${TYPE}recognised.v1`, one.projectId);
    expect(event).toMatchObject({ participants: 2, creditedCentihours: 6400 });
    const last = [
      creditOf(other.projectId, unknown),
      creditOf(other.projectId, other.enrolments[1]!),
    ];
    expect(await taken(last)).toEqual(['held', 'applied']);
    expect((await planning.find(other.projectId)).status).toBe('RECOGNISED');
  });

  it('that come while it is suspended count when it is resumed', async () => {
    const { projectId, enrolments } = await running(1);
    await suspendTrainingProject(planning.as(CITY), { projectId, reason: 'Flood' });
    await credit(projectId, enrolments[0]!);
    expect((await planning.find(projectId)).status).toBe('SUSPENDED');
    await resumeTrainingProject(planning.as(CITY), { projectId });
    expect((await planning.find(projectId)).status).toBe('RECOGNISED');
  });
});

describe('a closed evaluation', () => {
  const close = (projectId: string) =>
    deliver(fixture.inbox, evaluationClosed, projectId, {
      evaluationId: fixture.id(),
      projectId,
      outcome: 'INSUFFICIENT',
      composite: null,
      agency: null,
      anonymous: null,
      supervision: null,
      delivererIds: [],
      at: '2025-06-01T00:00:00Z',
    });

  it('[R111] makes a recognised project EVALUATED, and leaves another as it is', async () => {
    const recognised = await fixture.project({ status: 'RECOGNISED' });
    const early = await fixture.project({ status: 'RUNNING' });
    expect(await close(recognised)).toBe('applied');
    expect(await close(early)).toBe('applied');
    expect((await planning.find(recognised)).status).toBe('EVALUATED');
    expect(await fixture.emitted(`${TYPE}evaluated.v1`, recognised)).toHaveLength(1);
    expect((await planning.find(early)).status).toBe('RUNNING');
  });

  it('of a project that is not known yet waits', async () => {
    expect(await close(fixture.id())).toBe('held');
  });
});
