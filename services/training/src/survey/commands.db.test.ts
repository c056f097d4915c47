import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { load } from '@yanxiu/subgraph/context';
import {
  CITY,
  COUNTY_A,
  COUNTY_B,
  PROVINCE,
  SCHOOL_A1,
  SCHOOL_A2,
  UNIVERSITY,
  coordinator,
  refusal,
  teacherActor,
  type DeliveryFixture,
} from '../testing/delivery.js';
import { Planning } from '../testing/planning.js';
import { answerNeedsSurvey, closeNeedsSurvey, openNeedsSurvey } from './commands.js';
import { talliesOf } from './queries.js';

let planning: Planning;
let fixture: DeliveryFixture;
beforeAll(async () => {
  planning = await Planning.start();
  fixture = planning.fixture;
});
afterAll(() => fixture.stop());

const FORBIDDEN = { code: 'FORBIDDEN', rule: undefined };
const SURVEY = { code: 'REFUSED', rule: 'PROJECT-SURVEY' };
const open = (projectId: string, unit = CITY) =>
  openNeedsSurvey(planning.as(unit), { projectId, title: 'Needs', topics: ['Ethics', 'Algebra'] });

describe('the needs survey', () => {
  it('[R107] opens once the organiser’s plan is filed, once for a project', async () => {
    const projectId = await planning.draft();
    expect(await refusal(open(projectId))).toEqual(SURVEY);
    expect(await fixture.count('needs_survey')).toBe(0);
    await planning.filePlan(CITY);
    expect(await refusal(open(projectId))).toBeNull();
    expect((await refusal(open(projectId)))?.code).toBe('CONFLICT');
    const running = await fixture.project({ status: 'RUNNING' });
    expect(await refusal(open(running))).toEqual({ code: 'REFUSED', rule: 'PROJECT-LIFECYCLE' });
  });

  it('[R39] is a county’s to open below the organiser, not another’s', async () => {
    const projectId = await planning.draft();
    expect(await refusal(open(projectId, SCHOOL_A1))).toEqual(FORBIDDEN);
    expect(await refusal(open(projectId, PROVINCE))).toEqual(FORBIDDEN);
    const { surveyId } = await open(projectId, COUNTY_A);
    const own = await planning.draft({ organiserCode: COUNTY_B, level: 'COUNTY' });
    expect(await refusal(open(own, COUNTY_A))).toEqual(FORBIDDEN);
    const close = () => refusal(closeNeedsSurvey(planning.as(CITY), { surveyId }));
    expect(await close()).toBeNull();
    expect(await close()).toEqual(SURVEY);
  });

  it('[R107] is answered once by each teacher and school below, while open', async () => {
    const { surveyId } = await open(await planning.draft());
    const answer = (actor: ReturnType<typeof coordinator>, topic: string, count: number) =>
      refusal(answerNeedsSurvey(fixture.context(actor), { surveyId, counts: [{ topic, count }] }));
    const teacher = teacherActor(fixture.id(), SCHOOL_A1);
    expect(await answer(teacher, 'Algebra', 2)).toMatchObject({ code: 'BAD_USER_INPUT' });
    expect(await answer(teacher, 'Geometry', 1)).toMatchObject({ code: 'BAD_USER_INPUT' });
    expect(await answer(coordinator(UNIVERSITY), 'Algebra', 1)).toEqual(FORBIDDEN);
    expect(await answer(teacher, 'Algebra', 1)).toBeNull();
    expect(await answer(teacher, 'Ethics', 1)).toMatchObject({ code: 'CONFLICT' });
    expect(await answer(coordinator(SCHOOL_A2), 'Algebra', 12)).toBeNull();
    const tallies = await load(planning.as(CITY), talliesOf, surveyId);
    expect(tallies).toEqual(
      expect.arrayContaining([
        { surveyId, topic: null, count: 2 },
        { surveyId, topic: 'Algebra', count: 13 },
      ]),
    );
    await closeNeedsSurvey(planning.as(CITY), { surveyId });
    expect(await answer(coordinator(SCHOOL_A1), 'Algebra', 1)).toEqual(SURVEY);
  });
});
