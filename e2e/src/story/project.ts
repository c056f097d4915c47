import { expect } from '@jest/globals';
import type { World } from './world.js';

export const projectInput = (world: World, change: object = {}) => ({
  name: '小学语文骨干教师培训',
  level: 'CITY',
  sector: 'BASIC',
  category: world.places.institution.category,
  year: 2025,
  organiserCode: world.places.city,
  delivererIds: [world.places.institution.id],
  target: { stages: ['PRIMARY'] },
  modes: ['OFFLINE'],
  budget: '60000.00',
  ...change,
});

export async function createProject(world: World, change: object = {}): Promise<string> {
  const { project } = await world.act<{ project: { id: string; status: string } }>(
    'createTrainingProject',
    'CreateTrainingProjectInput',
    projectInput(world, change),
    'project { id status }',
    world.cityOfficer,
  );
  expect(project.status).toBe('DRAFT');
  return project.id;
}

export const step = (world: World, name: string, projectId: string, asker = world.cityOfficer) =>
  world.act<{ project: { status: string } }>(
    name,
    'ProjectStepInput',
    { projectId },
    'project { status }',
    asker,
  );
export const refusedStep = (
  world: World,
  name: string,
  projectId: string,
  asker = world.cityOfficer,
) => world.refusedAct(name, 'ProjectStepInput', { projectId }, 'project { status }', asker);

/** Step 3: funding reserves by event; approval and filing turn it into a commitment. */
export async function fundProject(world: World): Promise<void> {
  const projectId = await createProject(world);
  world.plot.projectId = projectId;
  expect(
    await refusedStep(world, 'approveTrainingProject', projectId, world.provinceOfficer),
  ).toEqual({ code: 'REFUSED', rule: 'PROJECT-LIFECYCLE' });
  await step(world, 'submitTrainingProject', projectId);
  const funds = (state: string) =>
    world.eventually(
      () => world.projectStatus(projectId),
      (seen) => seen.fundsState === state,
      `funds ${state}`,
    );
  await funds('RESERVED');
  await step(world, 'approveTrainingProject', projectId, world.provinceOfficer);
  await step(world, 'fileTrainingProject', projectId);
  await funds('COMMITTED');
}

/** Step 3, second half: a project beyond the budget comes back to DRAFT with the reason. */
export async function overspend(world: World): Promise<void> {
  const { orgUnit } = await world.ask<{ orgUnit: { budget: { available: string } } }>(
    'query($code: ID!) { orgUnit(code: $code) { budget(fiscalYear: 2025) { available } } }',
    { code: world.places.city },
    world.cityOfficer,
  );
  const [yuan = '0', fen] = orgUnit.budget.available.split('.');
  const beyond = `${BigInt(yuan) + 1n}.${fen}`;
  const projectId = await createProject(world, { name: '超预算项目', budget: beyond });
  await step(world, 'submitTrainingProject', projectId);
  const back = await world.eventually(
    () => world.projectStatus(projectId),
    (seen) => seen.status === 'DRAFT',
    'back to DRAFT',
  );
  expect(back).toEqual({ status: 'DRAFT', fundsState: 'REFUSED', fundsRule: 'PROJECT-FUNDED' });
  const { trainingProject } = await world.ask<{ trainingProject: { fundsReason: string } }>(
    'query($id: ID!) { trainingProject(id: $id) { fundsReason } }',
    { id: projectId },
    world.cityOfficer,
  );
  expect(trainingProject.fundsReason).toMatch(/\d/);
}

const ethics = {
  title: '思想政治和师德师风教育',
  type: 'ETHICS',
  required: true,
  hours: '8.00',
  practice: false,
  deliveryMethod: 'LECTURE',
};
const subject = {
  title: '统编教材课例研究',
  type: 'SUBJECT',
  required: true,
  hours: '48.00',
  practice: true,
  deliveryMethod: 'CASE_TEACHING',
};

/** Step 4: a scheme whose first module is not ethics is refused; corrected, it is approved. */
export async function approveScheme(world: World): Promise<void> {
  const { projectId } = world.plot;
  const submit = (modules: object[]) =>
    [
      'submitTrainingScheme',
      'SubmitTrainingSchemeInput',
      { projectId, modules },
      'scheme { id practicePercent }',
      world.institutionStaff,
    ] as const;
  expect(await world.refusedAct(...submit([subject, ethics]))).toEqual({
    code: 'REFUSED',
    rule: 'SCHEME-ETHICS-FIRST',
  });
  const { scheme } = await world.act<{ scheme: { id: string; practicePercent: number } }>(
    ...submit([ethics, subject]),
  );
  expect(scheme.practicePercent).toBe(86);
  await world.act(
    'approveTrainingScheme',
    'ApproveTrainingSchemeInput',
    { schemeId: scheme.id },
    'scheme { status }',
    world.cityOfficer,
  );
  expect((await world.projectStatus()).status).toBe('SCHEME_APPROVED');
}

/** Step 5: survey, quota, nomination, enrolment. */
export async function enrol(world: World): Promise<void> {
  const { projectId } = world.plot;
  const { survey } = await world.act<{ survey: { id: string } }>(
    'openNeedsSurvey',
    'OpenNeedsSurveyInput',
    { projectId, title: '训前需求调研', topics: ['课例研究', '作业设计'] },
    'survey { id }',
    world.cityOfficer,
  );
  await openClass(world);
  expect(await refusedStep(world, 'openEnrolment', projectId)).toEqual({
    code: 'REFUSED',
    rule: 'PROJECT-SURVEY',
  });
  await world.act(
    'closeNeedsSurvey',
    'CloseNeedsSurveyInput',
    { surveyId: survey.id },
    'survey { id }',
    world.cityOfficer,
  );
  await step(world, 'openEnrolment', projectId);
  await nominate(world);
  await confirm(world);
  await step(world, 'startTrainingProject', projectId);
}

async function openClass(world: World): Promise<void> {
  const { trainingClass } = await world.act<{ trainingClass: { id: string } }>(
    'openTrainingClass',
    'OpenTrainingClassInput',
    {
      projectId: world.plot.projectId,
      name: '第一班',
      startsOn: '2025-12-28',
      endsOn: '2026-01-03',
      capacity: 13,
      place: '长治学院',
      modality: 'FACE_TO_FACE',
    },
    'trainingClass { id }',
    world.institutionStaff,
  );
  world.plot.classId = trainingClass.id;
  const [countyA, countyB] = world.places.counties;
  const allocate = (unitCode: string, seats: number) =>
    [
      'allocateQuota',
      'AllocateQuotaInput',
      { classId: world.plot.classId, unitCode, seats },
      'quota { seats }',
      world.cityOfficer,
    ] as const;
  await world.act(...allocate(countyA, 7));
  await world.act(...allocate(countyB, 6));
  expect(await world.refusedAct(...allocate(countyB, 7))).toEqual({
    code: 'REFUSED',
    rule: 'QUOTA-SPLIT',
  });
}

interface NominationResult {
  teacherId: string;
  nomination: { id: string } | null;
  refusal: { rule: string } | null;
}

async function nominate(world: World): Promise<void> {
  const input = (...keys: string[]) => ({
    classId: world.plot.classId,
    teacherIds: keys.map((key) => world.teacherId(key)),
  });
  const select = 'results { teacherId nomination { id } refusal { rule } }';
  const run = (asker: Parameters<World['act']>[4], ...keys: string[]) =>
    world.act<{ results: NominationResult[] }>(
      'nominateTeachers',
      'NominateTeachersInput',
      input(...keys),
      select,
      asker,
    );
  const refuse = (asker: Parameters<World['act']>[4], ...keys: string[]) =>
    world.refusedAct('nominateTeachers', 'NominateTeachersInput', input(...keys), select, asker);

  const a = await run(world.coordinator(0), 'a1', 'a2', 'a3', 'a4', 'a5', 'a6', 'a7');
  expect(a.results.map((result) => result.refusal)).toEqual(Array(7).fill(null));
  await run(world.coordinator(1), 'b1', 'b2', 'b3', 'b4', 'b5', 'b6');
  const refusedFor = (rule: string) => ({ code: 'REFUSED', rule });
  expect(await refuse(world.cityOfficer, 'v1')).toEqual(refusedFor('NOMINATION-ELIGIBLE'));
  expect(await refuse(world.coordinator(0), 'a1')).toEqual(refusedFor('NOMINATION-ONCE'));
  expect(await refuse(world.coordinator(0), 'a8')).toEqual(refusedFor('NOMINATION-QUOTA'));
}

async function confirm(world: World): Promise<void> {
  const { enrolmentIds } = await world.act<{ enrolmentIds: string[] }>(
    'confirmEnrolments',
    'ConfirmEnrolmentsInput',
    { classId: world.plot.classId },
    'enrolmentIds',
    world.institutionStaff,
  );
  expect(enrolmentIds).toHaveLength(13);
  const { trainingClass } = await world.ask<{
    trainingClass: { enrolments: { nodes: { id: string; teacher: { id: string } }[] } };
  }>(
    `query($id: ID!) { trainingClass(id: $id) {
      enrolments(first: 100) { nodes { id teacher { id } } } } }`,
    { id: world.plot.classId },
    world.cityOfficer,
  );
  for (const { id, teacher } of trainingClass.enrolments.nodes) {
    world.plot.enrolments[teacher.id] = id;
  }
}
