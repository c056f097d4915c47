import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { fundsCommitted, fundsReserved } from '@yanxiu/contracts/funding';
import type { ProjectData, ProjectSubmitted } from '@yanxiu/contracts/training';
import { openTrainingClass } from '../class/commands.js';
import { closeNeedsSurvey, openNeedsSurvey } from '../survey/commands.js';
import { submitTrainingScheme, approveTrainingScheme } from '../scheme/commands.js';
import {
  CITY,
  COUNTY_A,
  COUNTY_B,
  PROVINCE,
  SCHOOL_A1,
  UNIVERSITY,
  VOCATIONAL,
  coordinator,
  officer,
  refusal,
  staff,
  type DeliveryFixture,
} from '../testing/delivery.js';
import { COUNTY_VOCATIONAL, Planning, moduleOf } from '../testing/planning.js';
import * as commands from './commands.js';
import type { TrainingProject } from './entity.js';

let planning: Planning;
let fixture: DeliveryFixture;
beforeAll(async () => {
  planning = await Planning.start();
  fixture = planning.fixture;
  await planning.accredit();
});
afterAll(() => fixture.stop());

const REFUSED = (rule: string) => ({ code: 'REFUSED', rule });
const FORBIDDEN = { code: 'FORBIDDEN', rule: undefined };
const TYPE = 'cn.yanxiu.training.project.';

/** Everything that a refused command must leave as it was. */
const traces = async () => [
  await fixture.count('audit'),
  await fixture.count('outbox'),
  await fixture.count('project_step'),
];

/** A SCHEME_APPROVED project of the city with a class, and so far no survey or commitment. */
async function schemeApproved(): Promise<string> {
  const projectId = await planning.filed();
  const { schemeId } = await submitTrainingScheme(fixture.context(staff()), {
    projectId,
    modules: [moduleOf(), moduleOf({ type: 'SUBJECT', practice: true })],
  });
  await approveTrainingScheme(planning.as(CITY), { schemeId });
  await openTrainingClass(planning.as(CITY), {
    projectId,
    name: 'Class 1',
    startsOn: '2025-04-01',
    endsOn: '2025-04-05',
    capacity: 60,
    place: 'Changzhi',
    modality: 'FACE_TO_FACE',
  });
  return projectId;
}

async function surveyed(projectId: string): Promise<void> {
  const { surveyId } = await openNeedsSurvey(planning.as(CITY), {
    projectId,
    title: 'Needs',
    topics: ['Ethics'],
  });
  await closeNeedsSurvey(planning.as(CITY), { surveyId });
}

describe('submitting', () => {
  it('[R27] asks funding under a new request, and tells the project', async () => {
    const projectId = await planning.submitted();
    const project = await planning.find(projectId);
    expect(project).toMatchObject({
      status: 'SUBMITTED',
      fundsState: 'ASKED',
      authorityCode: PROVINCE,
    });
    const [event] = await fixture.emitted<ProjectSubmitted>(`${TYPE}submitted.v1`, projectId);
    expect(event).toMatchObject({
      requestId: project.fundsRequestId,
      organiserCode: CITY,
      budgetFen: 10_000_000,
    });
    expect(await fixture.count('audit', `subject_id = '${projectId}'`)).toBe(2);
    const again = () => commands.submitTrainingProject(planning.as(CITY), { projectId });
    const before = await traces();
    expect(await refusal(again())).toEqual(REFUSED('PROJECT-LIFECYCLE'));
    expect(await traces()).toEqual(before);
  });

  it('[R79] [R80] [R81] refuses a tier that does not govern the sector', async () => {
    const county = { organiserCode: COUNTY_A, level: 'COUNTY' as const };
    const basic = await planning.draft(county);
    await commands.submitTrainingProject(planning.as(COUNTY_A), { projectId: basic });
    const vocational = await planning.draft({ ...county, sector: 'VOCATIONAL' });
    const before = await traces();
    const submit = (unit: string, projectId: string) =>
      refusal(commands.submitTrainingProject(planning.as(unit), { projectId }));
    expect(await submit(COUNTY_A, vocational)).toEqual(REFUSED('PROJECT-TIER'));
    expect(await traces()).toEqual(before);
    const higher = await planning.draft({ sector: 'HIGHER' });
    expect(await submit(CITY, higher)).toEqual(REFUSED('PROJECT-TIER'));
    const city = await planning.draft({ sector: 'VOCATIONAL' });
    expect(await submit(CITY, city)).toBeNull();
    const provincial = { organiserCode: PROVINCE, level: 'PROVINCIAL' as const };
    const ofHigher = await planning.draft({ ...provincial, sector: 'HIGHER' });
    expect(await submit(PROVINCE, ofHigher)).toBeNull();
  });

  it('[R22] [R31] [R42] refuses a level that is not the organiser’s', async () => {
    const provincial = await planning.draft({ level: 'PROVINCIAL' });
    const submit = () =>
      commands.submitTrainingProject(planning.as(CITY), { projectId: provincial });
    expect(await refusal(submit())).toEqual(REFUSED('PROJECT-LEVEL'));
    const own = await planning.draft({ organiserCode: PROVINCE, level: 'PROVINCIAL' });
    await commands.submitTrainingProject(planning.as(PROVINCE), { projectId: own });
    expect((await planning.find(own)).authorityCode).toBe(PROVINCE);
  });

  it('[R5] refuses a project without a deliverer', async () => {
    const projectId = await planning.draft({ delivererIds: [] });
    const submit = () => commands.submitTrainingProject(planning.as(CITY), { projectId });
    expect(await refusal(submit())).toEqual(REFUSED('PROJECT-ROLES'));
    expect((await planning.find(await planning.submitted())).delivererIds).toHaveLength(1);
  });

  it('[R102] refuses an institution without accreditation for the category', async () => {
    const projectId = await planning.draft({ category: 'LEADERSHIP' });
    const submit = (id: string) =>
      refusal(commands.submitTrainingProject(planning.as(CITY), { projectId: id }));
    expect(await submit(projectId)).toEqual(REFUSED('INST-ACCREDITED'));
    expect(await submit(await planning.draft())).toBeNull();
  });

  it('is for the organiser alone: not a county, not a teacher, not without a token', async () => {
    const projectId = await planning.draft();
    const submit = (context: ReturnType<Planning['as']>) =>
      refusal(commands.submitTrainingProject(context, { projectId }));
    const before = await traces();
    expect(await submit(planning.as(COUNTY_A))).toEqual(FORBIDDEN);
    expect(await submit(planning.as(PROVINCE))).toEqual(FORBIDDEN);
    expect(await submit(fixture.context({ ...officer(CITY), role: 'TEACHER' }))).toEqual(FORBIDDEN);
    expect(await submit(fixture.context(coordinator(CITY)))).toEqual(FORBIDDEN);
    expect((await submit(fixture.context(null)))?.code).toBe('UNAUTHENTICATED');
    expect(await traces()).toEqual(before);
    const unknown = { projectId: 'nobody' };
    const lost = commands.submitTrainingProject(planning.as(CITY), unknown);
    expect((await refusal(lost))?.code).toBe('NOT_FOUND');
  });

  it('gives the same answer to the same key, once', async () => {
    const projectId = await planning.draft();
    const input = { projectId, idempotencyKey: 'submit-once' };
    const first = await commands.submitTrainingProject(planning.as(CITY), input);
    expect(await commands.submitTrainingProject(planning.as(CITY), input)).toEqual(first);
    expect(await fixture.emitted(`${TYPE}submitted.v1`, projectId)).toHaveLength(1);
  });
});

describe('creating', () => {
  it('refuses an unknown institution, an unknown sector and a taken code', async () => {
    await planning.draft({ code: 'SX-2025-001' });
    expect((await refusal(planning.draft({ code: 'SX-2025-001' })))?.code).toBe('CONFLICT');
    expect((await refusal(planning.draft({ sector: 'OTHER' })))?.code).toBe('BAD_USER_INPUT');
    const delivererIds = [fixture.id()];
    expect((await refusal(planning.draft({ delivererIds })))?.code).toBe('BAD_USER_INPUT');
  });

  it.each<[string, object, object]>([
    ['name', { name: 'n'.repeat(200) }, { name: 'n'.repeat(201) }],
    ['name', { name: '研' }, { name: ' ' }],
    ['category', { category: 'SUBJECT' }, { category: '' }],
    ['code', { code: 'c'.repeat(100) }, { code: 'c'.repeat(101) }],
    ['year', { year: 2100 }, { year: 2101 }],
    ['year', { year: 2000 }, { year: -1 }],
  ])('takes a sound %s %j and refuses %j', async (_, sound, unsound) => {
    expect(await refusal(planning.draft(sound))).toBeNull();
    const before = await traces();
    expect((await refusal(planning.draft(unsound)))?.code).toBe('BAD_USER_INPUT');
    expect(await traces()).toEqual(before);
  });
});

describe('approving', () => {
  it('[R104] takes funds that are reserved, and the unit above', async () => {
    const projectId = await planning.submitted();
    const approve = (unit: string) =>
      refusal(commands.approveTrainingProject(planning.as(unit), { projectId }));
    expect(await approve(PROVINCE)).toEqual(REFUSED('PROJECT-FUNDED'));
    await planning.fund(projectId, fundsReserved);
    expect(await approve(CITY)).toEqual(FORBIDDEN);
    expect(await approve(PROVINCE)).toBeNull();
    expect(await fixture.emitted<ProjectData>(`${TYPE}approved.v1`, projectId)).toHaveLength(1);
    const steps: { status: string; actor_unit_code: string }[] = await fixture.db.query(
      'SELECT status, actor_unit_code FROM project_step WHERE project_id = $1 ORDER BY seq',
      [projectId],
    );
    expect(steps.map(({ status }) => status)).toEqual(['DRAFT', 'SUBMITTED', 'APPROVED']);
    expect(steps.at(-1)?.actor_unit_code).toBe(PROVINCE);
  });

  it('[R104] rejects with a reason; the project may be sent again under a new request', async () => {
    const projectId = await planning.submitted();
    const first = (await planning.find(projectId)).fundsRequestId;
    const reason = 'Too little practice';
    const city = commands.rejectTrainingProject(planning.as(CITY), { projectId, reason });
    expect(await refusal(city)).toEqual(FORBIDDEN);
    await commands.rejectTrainingProject(planning.as(PROVINCE), { projectId, reason });
    expect(await planning.find(projectId)).toMatchObject({
      status: 'REJECTED',
      statusReason: reason,
    });
    await commands.submitTrainingProject(planning.as(CITY), { projectId });
    const again = await planning.find(projectId);
    expect(again).toMatchObject({ status: 'SUBMITTED', fundsState: 'ASKED', statusReason: null });
    expect(again.fundsRequestId).not.toBe(first);
  });
});

describe('filing and opening enrolment', () => {
  it('[R105] files only once the organiser’s annual plan is filed', async () => {
    const projectId = await planning.approved();
    const file = () => refusal(commands.fileTrainingProject(planning.as(CITY), { projectId }));
    expect(await file()).toEqual(REFUSED('PROJECT-FILED'));
    expect(await fixture.emitted(`${TYPE}filed.v1`, projectId)).toHaveLength(0);
    await planning.filePlan(CITY);
    expect(await file()).toBeNull();
    expect(await fixture.emitted(`${TYPE}filed.v1`, projectId)).toHaveLength(1);
  });

  it('[R39] [R107] opens enrolment after the survey, the commitment and a class', async () => {
    const projectId = await schemeApproved();
    const open = (id: string) =>
      refusal(commands.openEnrolment(planning.as(CITY), { projectId: id }));
    expect(await open(projectId)).toEqual(REFUSED('PROJECT-SURVEY'));
    await surveyed(projectId);
    expect(await open(projectId)).toEqual(REFUSED('PROJECT-FUNDED'));
    await planning.fund(projectId, fundsCommitted);
    await fixture.db.query('DELETE FROM training_class WHERE project_id = $1', [projectId]);
    expect(await open(projectId)).toEqual(REFUSED('PROJECT-LIFECYCLE'));
    const complete = await schemeApproved();
    await surveyed(complete);
    await planning.fund(complete, fundsCommitted);
    expect(await open(complete)).toBeNull();
    const start = commands.startTrainingProject(planning.as(CITY), { projectId: complete });
    expect(await refusal(start)).toEqual(REFUSED('PROJECT-LIFECYCLE'));
  });
});

describe('side exits', () => {
  it('suspends and goes back to the step it was in', async () => {
    const projectId = await planning.approved();
    const reason = 'Flood';
    const county = commands.suspendTrainingProject(planning.as(COUNTY_A), { projectId, reason });
    expect(await refusal(county)).toEqual(FORBIDDEN);
    await commands.suspendTrainingProject(planning.as(PROVINCE), { projectId, reason });
    expect(await planning.find(projectId)).toMatchObject({
      status: 'SUSPENDED',
      previousStatus: 'APPROVED',
      statusReason: reason,
    });
    await commands.resumeTrainingProject(planning.as(CITY), { projectId });
    expect(await planning.find(projectId)).toMatchObject({
      status: 'APPROVED',
      previousStatus: null,
    });
  });

  it('cancels before recognition, never after', async () => {
    const projectId = await planning.approved();
    const cancel = (id: string) =>
      refusal(commands.cancelTrainingProject(planning.as(CITY), { projectId: id, reason: 'x' }));
    expect(await cancel(projectId)).toBeNull();
    expect(await fixture.emitted(`${TYPE}cancelled.v1`, projectId)).toHaveLength(1);
    const recognised = await fixture.project({ status: 'RECOGNISED' });
    expect(await cancel(recognised)).toEqual(REFUSED('PROJECT-LIFECYCLE'));
    const evaluated = await fixture.project({ status: 'EVALUATED' });
    await commands.closeTrainingProject(planning.as(CITY), { projectId: evaluated });
    expect((await planning.find(evaluated)).status).toBe('CLOSED');
  });
});

describe('school-based training', () => {
  const filedBy = async (unit: string, sector: string): Promise<TrainingProject> => {
    const school = { organiserCode: unit, level: 'SCHOOL' as const, sector };
    const projectId = await planning.draft(school);
    await commands.fileTrainingProject(planning.as(unit), { projectId });
    return planning.find(projectId);
  };

  it('[R45] [R63] is filed with the county, or the city for vocational schools', async () => {
    const unplanned = await planning.draft({ organiserCode: SCHOOL_A1, level: 'SCHOOL' });
    const file = commands.fileTrainingProject(planning.as(SCHOOL_A1), { projectId: unplanned });
    expect(await refusal(file)).toEqual(REFUSED('PROJECT-FILED'));
    for (const unit of [SCHOOL_A1, VOCATIONAL, COUNTY_VOCATIONAL, UNIVERSITY]) {
      await planning.filePlan(unit);
    }
    const basic = await filedBy(SCHOOL_A1, 'BASIC');
    expect(basic.authorityCode).toBe(COUNTY_A);
    expect((await filedBy(VOCATIONAL, 'VOCATIONAL')).authorityCode).toBe(CITY);
    expect((await filedBy(COUNTY_VOCATIONAL, 'VOCATIONAL')).authorityCode).toBe(CITY);
    expect((await filedBy(UNIVERSITY, 'HIGHER')).authorityCode).toBe(UNIVERSITY);
    const accept = (unit: string) =>
      refusal(commands.acceptTrainingProject(planning.as(unit), { projectId: basic.id }));
    expect(await accept(COUNTY_B)).toEqual(FORBIDDEN);
    expect(await accept(COUNTY_A)).toBeNull();
    expect(await fixture.emitted(`${TYPE}accepted.v1`, basic.id)).toHaveLength(1);
  });

  it('[R45] does not start before its filing is accepted (SCHOOL-FILING)', async () => {
    const { id: projectId } = await filedBy(SCHOOL_A1, 'BASIC');
    const start = () =>
      refusal(
        commands.startTrainingProject(fixture.context(coordinator(SCHOOL_A1)), { projectId }),
      );
    expect(await start()).toEqual(REFUSED('SCHOOL-FILING'));
    await commands.acceptTrainingProject(planning.as(COUNTY_A), { projectId });
    // Accepted: what is missing now is a participant.
    expect(await start()).toEqual(REFUSED('PROJECT-LIFECYCLE'));
    const submit = commands.submitTrainingProject(planning.as(SCHOOL_A1), { projectId });
    expect(await refusal(submit)).toEqual(REFUSED('PROJECT-LIFECYCLE'));
  });
});
