import { createPublicKey } from 'node:crypto';
import { Writable } from 'node:stream';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { DataSource } from 'typeorm';
import type { RunningSubgraph } from '@yanxiu/subgraph/server';
import { post, serve, type Answer } from '../testing/server.js';
import { World, teacher } from '../testing/world.js';
import { newBlindedToken } from './blind-client.js';
import { anonymousChannel } from './queries.js';

let world: World;
let subgraph: RunningSubgraph;
let log = '';

beforeAll(async () => {
  world = await World.create();
  const stream = new Writable({
    write(chunk, _encoding, done) {
      log += String(chunk);
      done();
    },
  });
  // The token is the teacher's id: what a verifier does is not what is tested here.
  const verify = (header: string) => teacher(header.slice('Bearer '.length));
  subgraph = await serve(world, verify, pino({ level: 'trace' }, stream));
});
afterAll(async () => {
  await subgraph.stop();
  await world.destroy();
});

const ask = (query: string, variables: object, bearer?: string): Promise<Answer> =>
  post(subgraph.url, query, variables, bearer && `Bearer ${bearer}`);

const SIGN = `mutation($input: SignEvaluationTokenInput!) {
  signEvaluationToken(input: $input) { blindSignature } }`;
const RESPOND = `mutation($input: SubmitAnonymousResponseInput!) {
  submitAnonymousResponse(input: $input) { acknowledged } }`;

async function signedInput(projectId: string, teacherId: string) {
  const channel = await anonymousChannel(world.as(null), projectId);
  const token = newBlindedToken(createPublicKey(channel?.publicKey ?? ''));
  const blindedMessage = token.blindedMessage.toString('base64');
  const answer = await ask(SIGN, { input: { projectId, blindedMessage } }, teacherId);
  const signed = String(answer.data?.['signEvaluationToken']?.['blindSignature']);
  return {
    projectId,
    message: token.message.toString('base64'),
    messageRandomizer: token.messageRandomizer.toString('base64'),
    signature: token.unblind(Buffer.from(signed, 'base64')).toString('base64'),
    answers: [4, 4, 5, 4, 3, 4, 5, 4, 4, 5],
  };
}

async function asOwner(statement: string): Promise<void> {
  const owner = await new DataSource({ type: 'postgres', url: world.ownerUrl }).initialize();
  await owner.query(statement.replace('APP', `"${world.appRole}"`));
  await owner.destroy();
}

it('[R113] EVAL-ANON over HTTP: refused with a login, taken without, and no trace in the log', async () => {
  const { projectId, teachers } = await world.open(2);
  const [first = '', second = ''] = teachers;
  const input = await signedInput(projectId, first);
  const withLogin = await ask(RESPOND, { input }, first);
  expect(withLogin.errors?.[0]?.extensions).toMatchObject({ code: 'REFUSED', rule: 'EVAL-ANON' });
  const [stored, hindered] = [await ask(RESPOND, { input }), await signedInput(projectId, second)];
  expect(stored).toEqual({ data: { submitAnonymousResponse: { acknowledged: true } } });

  // A database that fails in the middle: the driver's error carries token and answers.
  await asOwner('REVOKE INSERT ON anonymous_response FROM APP');
  const failed = await ask(RESPOND, { input: hindered });
  await asOwner('GRANT INSERT ON anonymous_response TO APP');
  expect(failed.errors?.[0]?.extensions).toEqual({ code: 'UNAVAILABLE' });
  const again = await ask(RESPOND, { input: hindered });
  expect(again.data?.['submitAnonymousResponse']).toEqual({ acknowledged: true });

  // The log works: what is unforeseen elsewhere is in it.
  await asOwner('REVOKE SELECT ON instrument FROM APP');
  await ask('{ instruments { id } }', {});
  await asOwner('GRANT SELECT ON instrument TO APP');
  expect(log).toContain('unforeseen error');
  const hashes = await world.rows<{ token_hash: string }>('SELECT token_hash FROM spent_token');
  expect(hashes).toHaveLength(2);
  const traces = [first, second, projectId, ...hashes.map((row) => row.token_hash)];
  for (const each of [input, hindered]) traces.push(each.message, each.signature);
  for (const trace of traces) expect(log).not.toContain(trace);
});
