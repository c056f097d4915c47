import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { SchemeModuleInput } from '../generated/graphql.js';
import {
  CITY,
  PROVINCE,
  officer,
  refusal,
  staff,
  teacherActor,
  SCHOOL_A1,
  type DeliveryFixture,
} from '../testing/delivery.js';
import { Planning, moduleOf } from '../testing/planning.js';
import { approveTrainingScheme, returnTrainingScheme, submitTrainingScheme } from './commands.js';
import { SchemeModule, TrainingScheme } from './entity.js';

let planning: Planning;
let fixture: DeliveryFixture;
beforeAll(async () => {
  planning = await Planning.start();
  fixture = planning.fixture;
  await planning.accredit();
  await planning.filePlan(CITY);
});
afterAll(() => fixture.stop());

const FORBIDDEN = { code: 'FORBIDDEN', rule: undefined };
const subject = moduleOf({ type: 'SUBJECT', title: 'Algebra' });
const practice = moduleOf({ type: 'PEDAGOGY', practice: true, deliveryMethod: 'PLACEMENT' });
const find = (id: string) => fixture.db.manager.findOneByOrFail(TrainingScheme, { id });

const submit = (projectId: string, modules: SchemeModuleInput[], actor = staff()) =>
  submitTrainingScheme(fixture.context(actor), { projectId, modules });

describe('submitting a scheme', () => {
  it('[R84] refuses a scheme whose first module is not ethics; corrected it is approved', async () => {
    const projectId = await planning.filed();
    const before = [await fixture.count('training_scheme'), await fixture.count('audit')];
    expect(await refusal(submit(projectId, [subject, moduleOf()]))).toEqual({
      code: 'REFUSED',
      rule: 'SCHEME-ETHICS-FIRST',
    });
    const after = [await fixture.count('training_scheme'), await fixture.count('audit')];
    expect(after).toEqual(before);
    const { schemeId } = await submit(projectId, [moduleOf(), subject]);
    await approveTrainingScheme(planning.as(CITY), { schemeId });
    expect((await planning.find(projectId)).status).toBe('SCHEME_APPROVED');
    const modules = await fixture.db.manager.find(SchemeModule, {
      where: { schemeId },
      order: { ordinal: 'ASC' },
    });
    expect(modules.map(({ ordinal, type }) => [ordinal, type])).toEqual([
      [1, 'ETHICS'],
      [2, 'SUBJECT'],
    ]);
  });

  it('[R92] warns of little practice and refuses nothing for it', async () => {
    const projectId = await planning.filed();
    const little = await submit(projectId, [moduleOf(), subject, practice]);
    expect(await find(little.schemeId)).toMatchObject({
      totalCentihours: 1_200,
      practiceCentihours: 400,
      practiceWarning: true,
      version: 1,
    });
    const enough = await submit(projectId, [moduleOf(), practice]);
    expect(await find(enough.schemeId)).toMatchObject({ practiceWarning: false, version: 2 });
    expect((await find(little.schemeId)).status).toBe('SUPERSEDED');
    const empty = submit(projectId, []);
    expect(await refusal(empty)).toEqual({ code: 'REFUSED', rule: 'SCHEME-ETHICS-FIRST' });
  });

  it('is for a deliverer’s staff or the organiser’s officer', async () => {
    const projectId = await planning.filed();
    const modules = [moduleOf(), practice];
    expect(await refusal(submit(projectId, modules, staff('INST-2')))).toEqual(FORBIDDEN);
    expect(await refusal(submit(projectId, modules, officer(PROVINCE)))).toEqual(FORBIDDEN);
    const teacher = teacherActor(fixture.id(), SCHOOL_A1);
    expect(await refusal(submit(projectId, modules, teacher))).toEqual(FORBIDDEN);
    expect(await refusal(submit(projectId, modules, officer(CITY)))).toBeNull();
  });

  it('follows filing', async () => {
    const approved = await planning.approved();
    expect(await refusal(submit(approved, [moduleOf(), practice]))).toEqual({
      code: 'REFUSED',
      rule: 'PROJECT-LIFECYCLE',
    });
  });
});

describe('the review of a scheme', () => {
  it('[R106] approves or returns with a reason, once, by the organiser', async () => {
    const projectId = await planning.filed();
    const { schemeId } = await submit(projectId, [moduleOf(), practice]);
    const approve = (unit: string, id = schemeId) =>
      refusal(approveTrainingScheme(planning.as(unit), { schemeId: id }));
    expect(await approve(PROVINCE)).toEqual(FORBIDDEN);
    await returnTrainingScheme(planning.as(CITY), { schemeId, reason: 'Add a forum' });
    expect(await find(schemeId)).toMatchObject({ status: 'RETURNED', returnReason: 'Add a forum' });
    expect(await approve(CITY)).toEqual({ code: 'REFUSED', rule: 'PROJECT-LIFECYCLE' });
    expect((await planning.find(projectId)).status).toBe('FILED');
    const next = await submit(projectId, [moduleOf(), practice]);
    expect(await approve(CITY, next.schemeId)).toBeNull();
    const type = 'cn.yanxiu.training.project.scheme-approved.v1';
    expect(await fixture.emitted(type, projectId)).toHaveLength(1);
    const late = submit(projectId, [moduleOf(), practice]);
    expect(await refusal(late)).toEqual({ code: 'REFUSED', rule: 'PROJECT-LIFECYCLE' });
  });
});
