import { createPublicKey, randomBytes } from 'node:crypto';
import { RSABSSA } from '@cloudflare/blindrsa-ts';
import { expect } from '@jest/globals';
import { PARTICIPANTS } from './delivery.js';
import { createProject, refusedStep } from './project.js';
import type { World } from './world.js';

const suite = RSABSSA.SHA384.PSS.Randomized();
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
const scores = (keys: string[], score: number) => keys.map((key) => ({ key, score }));

/** What a participant's browser does: blind, have signed, unblind, respond without login. */
async function respond(world: World, key: string, answers: number[]): Promise<object> {
  const { projectId } = world.plot;
  const { anonymousChannel } = await world.ask<{ anonymousChannel: { publicKey: string } }>(
    'query($id: ID!) { anonymousChannel(projectId: $id) { publicKey } }',
    { id: projectId },
  );
  const der = createPublicKey(anonymousChannel.publicKey).export({ type: 'spki', format: 'der' });
  const publicKey = await crypto.subtle.importKey(
    'spki',
    der,
    { name: 'RSA-PSS', hash: 'SHA-384' },
    true,
    ['verify'],
  );
  const prepared = suite.prepare(randomBytes(32));
  const { blindedMsg, inv } = await suite.blind(publicKey, prepared);
  const sign = (blinded: Uint8Array) =>
    [
      'signEvaluationToken',
      'SignEvaluationTokenInput',
      { projectId, blindedMessage: base64(blinded) },
      'blindSignature',
      world.teacher(key),
    ] as const;
  const { blindSignature } = await world.act<{ blindSignature: string }>(...sign(blindedMsg));
  const second = await suite.blind(publicKey, suite.prepare(randomBytes(32)));
  expect(await world.act(...sign(blindedMsg))).toEqual({ blindSignature });
  expect(await world.refusedAct(...sign(second.blindedMsg))).toEqual({
    code: 'REFUSED',
    rule: 'EVAL-ONCE',
  });
  const signature = await suite.finalize(
    publicKey,
    prepared,
    Buffer.from(blindSignature, 'base64'),
    inv,
  );
  return {
    projectId,
    answers,
    message: base64(prepared.subarray(32)),
    messageRandomizer: base64(prepared.subarray(0, 32)),
    signature: base64(signature),
  };
}

const RESPOND = `mutation($input: SubmitAnonymousResponseInput!) {
  submitAnonymousResponse(input: $input) { acknowledged } }`;
const CLOSE = ['closeProjectEvaluation', 'CloseProjectEvaluationInput'] as const;

/** Step 9, first half: three channels are in; composite and rating appear. */
export async function evaluate(world: World): Promise<void> {
  const { projectId } = world.plot;
  const close = () =>
    [
      ...CLOSE,
      { projectId },
      'evaluation { status outcome composite }',
      world.cityOfficer,
    ] as const;
  await world.act(
    'submitAgencyAssessment',
    'SubmitAgencyAssessmentInput',
    {
      projectId,
      comment: '方案与实施脱节',
      scores: scores(['design', 'faculty', 'process', 'practice', 'effect'], 45),
    },
    'assessment { score }',
    { persona: 'evaluator' },
  );
  expect(await world.refusedAct(...close())).toEqual({ code: 'REFUSED', rule: 'EVAL-THREE' });
  await world.act(
    'submitSupervision',
    'SubmitSupervisionInput',
    {
      projectId,
      findings: '考勤记录不全',
      visitedOn: '2025-12-30',
      scores: scores(['compliance', 'attendance', 'funds', 'safety', 'records'], 50),
    },
    'supervision { score }',
    world.cityOfficer,
  );
  await answerAnonymously(world);
  const { evaluation } = await world.act<{ evaluation: object }>(...close());
  expect(evaluation).toMatchObject({ status: 'CLOSED', outcome: 'COMPOSITE' });
  await world.eventually(
    () => world.projectStatus(),
    (seen) => seen.status === 'EVALUATED',
    'project evaluated',
  );
}

async function answerAnonymously(world: World): Promise<void> {
  const respondents = PARTICIPANTS.filter((key) => key !== 'b6');
  const inputs = await Promise.all(
    respondents.map((key, n) =>
      respond(
        world,
        key,
        Array.from({ length: 10 }, (_, item) => 2 + ((n + item) % 3 === 0 ? 1 : 0)),
      ),
    ),
  );
  expect(await world.refused(RESPOND, { input: inputs[0] }, world.cityOfficer)).toEqual({
    code: 'REFUSED',
    rule: 'EVAL-ANON',
  });
  const answers = await Promise.all(inputs.map((input) => world.ask(RESPOND, { input })));
  expect(answers).toEqual(
    respondents.map(() => ({ submitAnonymousResponse: { acknowledged: true } })),
  );
  const spent = { ...inputs[0], answers: Array(10).fill(5) };
  expect(await world.refused(RESPOND, { input: spent })).toEqual({
    code: 'REFUSED',
    rule: 'EVAL-ONCE-RESPONSE',
  });
}

/** Step 9, second half: an officer suspends the institution citing the rating. */
export async function suspend(world: World): Promise<void> {
  const { id } = world.places.institution;
  const { trainingInstitution } = await world.eventually(
    () =>
      world.ask<{
        trainingInstitution: {
          rating: { id: string; grade: string } | null;
          ratingHistory: object[];
        };
      }>(
        `query($id: ID!) { trainingInstitution(id: $id) {
        rating { id grade score } ratingHistory { grade } } }`,
        { id },
        world.cityOfficer,
      ),
    (seen) => seen.trainingInstitution.ratingHistory.length > 0,
    'the rating to reach training',
  );
  expect(trainingInstitution.rating?.grade).toBe('D');
  await world.act(
    'suspendInstitution',
    'SuspendInstitutionInput',
    { institutionId: id, reason: '评估等级 D', citedRatingId: trainingInstitution.rating?.id },
    'institution { suspended }',
    world.cityOfficer,
  );
  const next = await createProject(world, { name: '下一个项目', budget: '1000.00' });
  expect(await refusedStep(world, 'submitTrainingProject', next)).toEqual({
    code: 'REFUSED',
    rule: 'INST-ACCREDITED',
  });
}
