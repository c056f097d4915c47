import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Actor } from '@yanxiu/subgraph/actor';
import { load, type Context } from '@yanxiu/subgraph/context';
import type { RunningSubgraph } from '@yanxiu/subgraph/server';
import { withoutRowFence } from '@yanxiu/testkit/context';
import { evaluationByProject } from './project/queries.js';
import { post, serve } from './testing/server.js';
import { CITY, OTHER_CITY, World, all, evaluator, officer, teacher } from './testing/world.js';

let world: World;
let subgraph: RunningSubgraph;

beforeAll(async () => {
  world = await World.create();
  // The token is the actor itself: what a verifier does is not what is tested here.
  subgraph = await serve(world, (header) => JSON.parse(header) as Actor);
});
afterAll(async () => {
  await subgraph.stop();
  await world.destroy();
});

const ask = (actor: Actor | null, query: string, variables: object = {}) =>
  post(subgraph.url, query, variables, actor ? JSON.stringify(actor) : undefined);

const ASSESS = `mutation($input: SubmitAgencyAssessmentInput!) {
  submitAgencyAssessment(input: $input) { assessment { agencyCode score scores { key score } } } }`;
const INSPECT = `mutation($input: SubmitSupervisionInput!) {
  submitSupervision(input: $input) { supervision { unit { code } score visitedOn findings } } }`;
const CLOSE = `mutation($input: CloseProjectEvaluationInput!) {
  closeProjectEvaluation(input: $input) { evaluation { status outcome composite channelSpread } } }`;
const ENTITIES = `query($representations: [_Any!]!) { _entities(representations: $representations) {
  ... on TrainingProject { id evaluation {
    status organiser { code } deliverers { id rating { grade score useAs } }
    channels { anonymous { score count reliability measure warning reason
                           dimensions { dimension mean } }
               agency { score count measure } supervision { score } }
    agencyAssessments { agencyCode comment } supervisions { findings } }
    anonymousChannel { open variant instrument { version items { key } } } }
  ... on TrainingInstitution { id rating { grade } ratings { score project { id } agreement } } } }`;

describe('the subgraph over HTTP', () => {
  it('takes a project from its channels to composite and rating', async () => {
    const { projectId, teachers } = await world.open(8);
    const scores = all('AGENCY', 91);
    const assess = { projectId, scores, comment: '良好' };
    const assessed = await ask(evaluator('AGENCY1'), ASSESS, { input: assess });
    expect(assessed.data?.['submitAgencyAssessment']).toMatchObject({
      assessment: { agencyCode: 'AGENCY1', score: '91.00', scores },
    });
    const early = await ask(officer(CITY), CLOSE, { input: { projectId } });
    expect(early.errors?.[0]?.extensions).toMatchObject({ code: 'REFUSED', rule: 'EVAL-THREE' });
    const inspection = { projectId, scores: all('SUPERVISION', 80), findings: '规范' };
    const inspected = await ask(officer(CITY), INSPECT, {
      input: { ...inspection, visitedOn: '2025-06-01' },
    });
    expect(inspected.data?.['submitSupervision']).toEqual({
      supervision: {
        ...{ unit: { code: CITY }, score: '80.00', visitedOn: '2025-06-01', findings: '规范' },
      },
    });
    await world.respond(projectId, teachers);
    const closed = await ask(officer(CITY), CLOSE, { input: { projectId } });
    expect(closed.data?.['closeProjectEvaluation']).toEqual({
      evaluation: {
        ...{ status: 'CLOSED', outcome: 'COMPOSITE', composite: '82.00', channelSpread: '16.00' },
      },
    });
    const representations = [
      { __typename: 'TrainingProject', id: projectId },
      { __typename: 'TrainingInstitution', id: world.institution.id },
    ];
    const { data, errors } = await ask(officer(CITY), ENTITIES, { representations });
    expect(errors).toBeUndefined();
    expect(data?.['_entities']).toMatchObject([
      {
        evaluation: {
          organiser: { code: CITY },
          deliverers: [{ id: world.institution.id, rating: { grade: 'B', score: '82.00' } }],
          channels: {
            anonymous: { score: '75.00', count: 8, reliability: null, warning: true },
            agency: { score: '91.00', measure: 'CRITERION_SPREAD' },
          },
          agencyAssessments: [{ agencyCode: 'AGENCY1', comment: '良好' }],
          supervisions: [{ findings: '规范' }],
        },
        anonymousChannel: { open: false, instrument: { version: 1 } },
      },
      { rating: { grade: 'B' }, ratings: [{ project: { id: projectId } }] },
    ]);
  });

  it('shows another city, a teacher and the public what each may see', async () => {
    const { projectId, teachers } = await world.open(1);
    const representations = [{ __typename: 'TrainingProject', id: projectId }];
    for (const actor of [officer(OTHER_CITY), teacher(teachers[0] ?? ''), null]) {
      const { data, errors } = await ask(actor, ENTITIES, { representations });
      const refused = [
        { path: ['_entities', 0, 'evaluation'], extensions: { code: 'UNAUTHENTICATED' } },
      ];
      if (actor) expect(errors).toBeUndefined();
      else expect(errors).toMatchObject(refused);
      const channel = { open: true, variant: 'RSABSSA-SHA384-PSS-Randomized' };
      expect(data?.['_entities']).toMatchObject([{ evaluation: null, anonymousChannel: channel }]);
    }
    const found = (context: Context) => load(context, evaluationByProject, projectId);
    expect(await found(world.as(officer(CITY)))).not.toBeNull();
    expect(await found(withoutRowFence(world.as(officer(OTHER_CITY))))).toBeNull();
    const unknown = await ask(null, '{ anonymousChannel(projectId: "nonsense") { open } }');
    expect(unknown).toEqual({ data: { anonymousChannel: null } });
  });
});
