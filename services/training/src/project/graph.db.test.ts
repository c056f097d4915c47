import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { graphql, type GraphQLSchema } from 'graphql';
import type { Actor } from '@yanxiu/subgraph/actor';
import { serviceSdl } from '@yanxiu/subgraph/sdl';
import { subgraphSchema } from '@yanxiu/subgraph/server';
import { approveTrainingScheme, submitTrainingScheme } from '../scheme/commands.js';
import { service } from '../subgraph.js';
import { answerNeedsSurvey, openNeedsSurvey } from '../survey/commands.js';
import {
  CITY,
  COUNTY_B,
  PROVINCE,
  SCHOOL_A1,
  coordinator,
  officer,
  staff,
  type DeliveryFixture,
} from '../testing/delivery.js';
import { Planning, moduleOf } from '../testing/planning.js';

let planning: Planning;
let fixture: DeliveryFixture;
let schema: GraphQLSchema;
let projectId: string;
beforeAll(async () => {
  planning = await Planning.start();
  fixture = planning.fixture;
  const sdl = serviceSdl(dirname(fileURLToPath(service.mainUrl)));
  const resolvers = service.slices.flatMap((slice) => (slice.resolvers ? [slice.resolvers] : []));
  schema = subgraphSchema(sdl, resolvers);
  await planning.accredit();
  await planning.filePlan(CITY);
  projectId = await planning.filed();
  const { schemeId } = await submitTrainingScheme(fixture.context(staff()), {
    projectId,
    modules: [moduleOf(), moduleOf({ type: 'SUBJECT', hours: 800 })],
  });
  await approveTrainingScheme(planning.as(CITY), { schemeId });
  const topics = ['Ethics', 'Algebra'];
  const survey = { projectId, title: 'Needs', topics };
  const { surveyId } = await openNeedsSurvey(planning.as(CITY), survey);
  const counts = [{ topic: 'Algebra', count: 7 }];
  await answerNeedsSurvey(fixture.context(coordinator(SCHOOL_A1)), { surveyId, counts });
});
afterAll(() => fixture.stop());

async function run(source: string, variableValues: Record<string, unknown>, actor: Actor) {
  const contextValue = fixture.context(actor);
  const { data, errors } = await graphql({ schema, source, variableValues, contextValue });
  return { data: JSON.parse(JSON.stringify(data ?? null)) as unknown, errors };
}

const PROJECT = `query ($id: ID!) { trainingProject(id: $id) {
  name level sector budget fundsState status
  organiser { code } authority { code } target { stages }
  deliverers { code suspended unit { code } accreditations { sectors validTo byUnit { code } }
    suspensions { reason } ratingHistory { grade } }
  scheme { version status hours practiceHours practicePercent warnings { rule message }
    project { id } modules { ordinal type hours deliveryMethod } }
  schemes { version }
  survey { status answers counts { topic count } unit { code } project { id } }
  steps { status at actorUnit { code } }
} }`;

describe('the graph', () => {
  it('shows a project with its parts', async () => {
    const { data, errors } = await run(PROJECT, { id: projectId }, officer(CITY));
    expect(errors).toBeUndefined();
    expect(data).toMatchObject({
      trainingProject: {
        budget: '100000.00',
        status: 'SCHEME_APPROVED',
        organiser: { code: CITY },
        authority: { code: PROVINCE },
        deliverers: [{ code: 'INST-1', suspended: false, suspensions: [], ratingHistory: [] }],
        scheme: {
          version: 1,
          hours: '12.00',
          practicePercent: 0,
          warnings: [{ rule: 'SCHEME-PRACTICE' }],
          modules: [
            { ordinal: 1, type: 'ETHICS', hours: '4.00', deliveryMethod: 'LECTURE' },
            { ordinal: 2, type: 'SUBJECT', hours: '8.00' },
          ],
        },
        survey: {
          status: 'OPEN',
          answers: 1,
          counts: [
            { topic: 'Ethics', count: 0 },
            { topic: 'Algebra', count: 7 },
          ],
        },
        steps: [
          { status: 'DRAFT', actorUnit: { code: CITY } },
          { status: 'SUBMITTED' },
          { status: 'APPROVED', actorUnit: { code: PROVINCE } },
          { status: 'FILED' },
          { status: 'SCHEME_APPROVED' },
        ],
      },
    });
  });

  it('takes mutations and tells a refusal with its rule', async () => {
    const create = `mutation ($input: CreateTrainingProjectInput!) {
      createTrainingProject(input: $input) { project { id status budget organiser { code } } } }`;
    const input = {
      name: 'Vocational',
      level: 'COUNTY',
      sector: 'VOCATIONAL',
      category: 'SUBJECT',
      year: 2025,
      delivererIds: [await planning.institutionId()],
      budget: '1000.00',
    };
    const created = await run(create, { input }, officer(COUNTY_B));
    expect(created.errors).toBeUndefined();
    expect(created.data).toMatchObject({
      createTrainingProject: { project: { status: 'DRAFT', budget: '1000.00' } },
    });
    const { id } = (created.data as { createTrainingProject: { project: { id: string } } })
      .createTrainingProject.project;
    const submit = `mutation ($input: ProjectStepInput!) {
      submitTrainingProject(input: $input) { project { id } } }`;
    const { errors } = await run(submit, { input: { projectId: id } }, officer(COUNTY_B));
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'REFUSED', rule: 'PROJECT-TIER' });
  });

  it('answers Q7 and Q18', async () => {
    const source = `query ($year: Int!) {
      waitingProjects(olderThanDays: 0) {
        nodes { status since days authority authorityUnit { code } project { id } } }
      orgUnitsWithoutPlan(year: $year, first: 3) {
        nodes { unit { code } superior { code } year planFiled studyRecorded }
        pageInfo { hasNextPage } } }`;
    const { now } = fixture.clock;
    fixture.clock.now = new Date(now.getTime() + 86_400_000);
    const { data, errors } = await run(source, { year: 2025 }, officer(PROVINCE));
    fixture.clock.now = now;
    expect(errors).toBeUndefined();
    expect(data).toMatchObject({
      waitingProjects: {
        nodes: expect.arrayContaining([
          expect.objectContaining({ status: 'SCHEME_APPROVED', days: 1, authority: 'ORGANISER' }),
        ]),
      },
      orgUnitsWithoutPlan: {
        nodes: expect.arrayContaining([
          expect.objectContaining({ unit: { code: PROVINCE }, superior: null, planFiled: false }),
        ]),
        pageInfo: { hasNextPage: true },
      },
    });
  });

  it('resolves references of other subgraphs within the scope', async () => {
    const source = `query ($refs: [_Any!]!) { _entities(representations: $refs) {
      ... on TrainingProject { name } ... on TrainingInstitution { code } } }`;
    const refs = [
      { __typename: 'TrainingProject', id: projectId },
      { __typename: 'TrainingInstitution', id: await planning.institutionId() },
      { __typename: 'TrainingInstitution', code: 'INST-2' },
    ];
    const seen = await run(source, { refs }, officer(CITY));
    expect(seen.data).toEqual({
      _entities: [
        { name: 'Backbone teachers of mathematics' },
        { code: 'INST-1' },
        { code: 'INST-2' },
      ],
    });
    const hidden = await run(source, { refs }, staff('INST-2'));
    expect(hidden.data).toMatchObject({
      _entities: [null, { code: 'INST-1' }, { code: 'INST-2' }],
    });
  });

  it('shows plans, studies and institutions', async () => {
    const source = `query { annualPlan(unitCode: "${CITY}", year: 2025) {
        status unit { code } superior { code } items { title } filedAt }
      annualPlans(first: 1) { nodes { id } }
      studyRecords(unitCode: "${CITY}") { id }
      trainingInstitution(code: "INST-1") { name kind }
      trainingInstitutions(first: 1) { edges { cursor node { code } } } }`;
    const { data, errors } = await run(source, {}, officer(CITY));
    expect(errors).toBeUndefined();
    expect(data).toMatchObject({
      annualPlan: { status: 'FILED', unit: { code: CITY }, superior: { code: PROVINCE } },
      studyRecords: [],
      trainingInstitution: { name: 'INST-1', kind: 'NORMAL_UNIVERSITY' },
      trainingInstitutions: { edges: [{ node: { code: 'INST-1' } }] },
    });
  });
});
