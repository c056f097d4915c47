import { createPublicKey, randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { RSABSSA } from '@cloudflare/blindrsa-ts';
import type { Context } from '@yanxiu/subgraph/context';
import { CITY, World, evaluator, officer, teacher } from '../testing/world.js';
import { closeProjectEvaluation } from '../project/commands.js';
import { channelsOf } from '../channels.js';
import { projectEvaluation } from '../project/queries.js';
import { mixOpenProjects } from './mixing.js';
import { anonymousChannel } from './queries.js';
import { submitAnonymousResponse, type SubmitAnonymousResponseInput } from './responding.js';
import { signEvaluationToken } from './signing.js';

let world: World;
beforeAll(async () => {
  world = await World.create();
});
afterAll(() => world.destroy());

const suite = RSABSSA.SHA384.PSS.Randomized();
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
const TENS = [4, 4, 5, 4, 3, 4, 5, 4, 4, 5];

async function publicKeyOf(projectId: string) {
  const channel = await anonymousChannel(world.as(null), projectId);
  const der = createPublicKey(channel?.publicKey ?? '').export({ type: 'spki', format: 'der' });
  const algorithm = { name: 'RSA-PSS', hash: 'SHA-384' };
  return crypto.subtle.importKey('spki', der, algorithm, true, ['verify']);
}

/** A token by the library's client: blinded here, signed by the service, unblinded here. */
async function token(projectId: string, teacherId: string, signedFor = projectId) {
  const key = await publicKeyOf(signedFor);
  const prepared = suite.prepare(randomBytes(32));
  const { blindedMsg, inv } = await suite.blind(key, prepared);
  const { blindSignature } = await signEvaluationToken(world.as(teacher(teacherId)), {
    projectId: signedFor,
    blindedMessage: base64(blindedMsg),
  });
  const signature = await suite.finalize(key, prepared, Buffer.from(blindSignature, 'base64'), inv);
  return {
    projectId,
    messageRandomizer: base64(prepared.subarray(0, 32)),
    message: base64(prepared.subarray(32)),
    signature: base64(signature),
  };
}

const submit = (input: SubmitAnonymousResponseInput, context = world.as(null)) =>
  submitAnonymousResponse(context, input);

const rule = (name: string) => ({ extensions: { code: 'REFUSED', rule: name } });
const coded = (name: string) => ({ extensions: { code: name } });

const count = async (table: string, projectId: string): Promise<number> => {
  const rows = await world.rows<{ n: number }>(
    `SELECT count(*)::int AS n FROM ${table} WHERE project_id = $1`,
    [projectId],
  );
  return rows[0]?.n ?? -1;
};

describe('signing a token', () => {
  it('[R113] EVAL-ONCE signs one blinded message for each participant, the same one again', async () => {
    const { projectId, teachers } = await world.open(2);
    const [first = '', second = ''] = teachers;
    const key = await publicKeyOf(projectId);
    const blind = async () =>
      base64((await suite.blind(key, suite.prepare(randomBytes(32)))).blindedMsg);
    const [mine, another] = [await blind(), await blind()];
    const sign = (teacherId: string, blindedMessage: string) =>
      signEvaluationToken(world.as(teacher(teacherId)), { projectId, blindedMessage });
    const signed = await sign(first, mine);
    await expect(sign(first, mine)).resolves.toEqual(signed);
    await expect(sign(first, another)).rejects.toMatchObject(rule('EVAL-ONCE'));
    await expect(sign(second, another)).resolves.toBeDefined();
    expect(await count('signed_token', projectId)).toBe(2);
  });

  it('signs once for one participant when two requests come together', async () => {
    const { projectId, teachers } = await world.open(1);
    const key = await publicKeyOf(projectId);
    const attempts = await Promise.allSettled(
      [1, 2, 3].map(async () => {
        const { blindedMsg } = await suite.blind(key, suite.prepare(randomBytes(32)));
        const blindedMessage = base64(blindedMsg);
        const context = world.as(teacher(teachers[0] ?? ''));
        return signEvaluationToken(context, { projectId, blindedMessage });
      }),
    );
    expect(attempts.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('[R113] signs for participants only, while the channel is open', async () => {
    const { projectId, teachers } = await world.open(2);
    const [first = '', leaver = ''] = teachers;
    const blindedMessage = base64(Buffer.alloc(256, 1));
    const sign = (context: Context, project = projectId) =>
      signEvaluationToken(context, { projectId: project, blindedMessage });
    await expect(sign(world.as(teacher(randomUUID())))).rejects.toMatchObject(coded('FORBIDDEN'));
    await expect(sign(world.as(officer(CITY)))).rejects.toMatchObject(coded('FORBIDDEN'));
    await expect(sign(world.as(null))).rejects.toMatchObject(coded('UNAUTHENTICATED'));
    await world.withdraw(projectId, leaver, world.enrolments.get(leaver) ?? '');
    await expect(sign(world.as(teacher(leaver)))).rejects.toMatchObject(coded('FORBIDDEN'));
    const waiting = await world.file();
    const [early = ''] = await world.enrol(waiting.projectId, 1);
    await expect(sign(world.as(teacher(early)), waiting.projectId)).rejects.toMatchObject(
      rule('EVAL-THREE'),
    );
    await expect(sign(world.as(teacher(first)))).resolves.toBeDefined();
  });

  it('signs for one who came back, though the news of having left comes last', async () => {
    const { projectId, teachers } = await world.open(1);
    const [returned = ''] = teachers;
    const former = world.enrolments.get(returned) ?? '';
    await world.confirm(projectId, returned);
    // Two enrolments are two keys: nothing orders the events of one against the other's.
    await world.withdraw(projectId, returned, former);
    const blindedMessage = base64(Buffer.alloc(256, 1));
    await expect(
      signEvaluationToken(world.as(teacher(returned)), { projectId, blindedMessage }),
    ).resolves.toBeDefined();
  });

  it('refuses what is no blinded message', async () => {
    const { projectId, teachers } = await world.open(1);
    const context = world.as(teacher(teachers[0] ?? ''));
    for (const bad of [Buffer.alloc(255, 1), Buffer.alloc(256), Buffer.alloc(256, 0xff)]) {
      const input = { projectId, blindedMessage: base64(bad) };
      await expect(signEvaluationToken(context, input)).rejects.toMatchObject(
        coded('BAD_USER_INPUT'),
      );
    }
    expect(await count('signed_token', projectId)).toBe(0);
  });
});

describe('giving a response', () => {
  it("[R113] takes the library client's token without login, and refuses it with one (EVAL-ANON)", async () => {
    const { projectId, teachers } = await world.open(1);
    const input = { ...(await token(projectId, teachers[0] ?? '')), answers: TENS };
    for (const actor of [teacher(teachers[0] ?? ''), officer(CITY), evaluator('AGENCY1')]) {
      await expect(submit(input, world.as(actor))).rejects.toMatchObject(rule('EVAL-ANON'));
    }
    expect(await count('anonymous_response', projectId)).toBe(0);
    await expect(submit(input)).resolves.toEqual({ acknowledged: true });
    expect(await count('anonymous_response', projectId)).toBe(1);
  });

  it('[R113] EVAL-ONCE-RESPONSE counts a token once', async () => {
    const { projectId, teachers } = await world.open(1);
    const input = { ...(await token(projectId, teachers[0] ?? '')), answers: TENS };
    const other = { ...input, answers: TENS.map(() => 1) };
    const together = await Promise.allSettled([submit(input), submit(input), submit(input)]);
    expect(together.every(({ status }) => status === 'fulfilled')).toBe(true);
    await expect(submit(input)).resolves.toEqual({ acknowledged: true });
    await expect(submit(other)).rejects.toMatchObject(rule('EVAL-ONCE-RESPONSE'));
    expect(await count('anonymous_response', projectId)).toBe(1);
    expect(await count('spent_token', projectId)).toBe(1);
  });

  it('[R113] takes no token of another project, no forged one and no altered one', async () => {
    const mine = await world.open(2);
    const others = await world.open(1);
    const foreign = await token(mine.projectId, others.teachers[0] ?? '', others.projectId);
    await expect(submit({ ...foreign, answers: TENS })).rejects.toMatchObject(rule('EVAL-ANON'));
    const good = await token(mine.projectId, mine.teachers[0] ?? '');
    const forged = { ...good, signature: base64(randomBytes(256)), answers: TENS };
    await expect(submit(forged)).rejects.toMatchObject(rule('EVAL-ANON'));
    const altered = { ...good, message: base64(randomBytes(32)), answers: TENS };
    await expect(submit(altered)).rejects.toMatchObject(rule('EVAL-ANON'));
    expect(await count('anonymous_response', mine.projectId)).toBe(0);
    const context = world.as(null);
    await expect(submit({ ...good, answers: TENS }, context)).resolves.toBeDefined();
  });

  it('asks for an answer of 1–5 to each item', async () => {
    const { projectId, teachers } = await world.open(1);
    const good = await token(projectId, teachers[0] ?? '');
    for (const answers of [TENS.slice(1), [...TENS, 3], TENS.map(() => 0), TENS.map(() => 6)]) {
      await expect(submit({ ...good, answers })).rejects.toMatchObject(rule('EVAL-RELIABLE'));
    }
    expect(await count('spent_token', projectId)).toBe(0);
    await expect(submit({ ...good, answers: TENS })).resolves.toBeDefined();
  });

  it('is refused after the deadline and once closed, but a stored one is acknowledged again', async () => {
    const { projectId, teachers } = await world.open(2);
    const [first = '', second = ''] = teachers;
    const stored = { ...(await token(projectId, first)), answers: TENS };
    const late = { ...(await token(projectId, second)), answers: TENS };
    await submit(stored);
    const before = world.clock.now;
    world.clock.now = new Date('2025-08-02T00:00:00.000Z');
    await expect(submit(late)).rejects.toMatchObject(rule('EVAL-THREE'));
    await closeProjectEvaluation(world.as(officer(CITY)), { projectId });
    world.clock.now = before;
    await expect(submit(late)).rejects.toMatchObject(rule('EVAL-THREE'));
    await expect(submit(stored)).resolves.toEqual({ acknowledged: true });
    expect(await count('anonymous_response', projectId)).toBe(1);
  });
});

describe('results', () => {
  it('[R113] EVAL-ANON shows nothing from seven responses, and a result from eight', async () => {
    const seven = await world.open(7);
    const eight = await world.open(8);
    for (const { projectId, teachers } of [seven, eight]) await world.respond(projectId, teachers);
    const open = await projectEvaluation(world.as(officer(CITY)), eight.projectId);
    const running = await channelsOf(world.as(officer(CITY)), open);
    expect(running?.anonymous).toMatchObject({ score: null, count: 8, dimensions: [] });
    const before = world.clock.now;
    world.clock.now = new Date('2025-08-02T00:00:00.000Z');
    const results = [];
    for (const { projectId } of [seven, eight]) {
      await closeProjectEvaluation(world.as(officer(CITY)), { projectId });
      const closed = await projectEvaluation(world.as(officer(CITY)), projectId);
      results.push((await channelsOf(world.as(officer(CITY)), closed))?.anonymous);
    }
    world.clock.now = before;
    expect(results[0]).toMatchObject({ score: null, count: 7, reliability: null, dimensions: [] });
    expect(results[0]?.reason?.en).toContain('EVAL-ANON');
    expect(results[1]).toMatchObject({ score: 7500, count: 8, warning: true });
    expect(results[1]?.dimensions).toContainEqual({
      dimension: 'satisfaction',
      mean: 400,
      score: 7500,
    });
  });
});

describe('what is kept of who answered', () => {
  it('[R113] EVAL-ANON no table but the two of the participants names a teacher', async () => {
    const { projectId, teachers } = await world.open(8);
    const inputs: SubmitAnonymousResponseInput[] = [];
    for (const teacherId of teachers) {
      inputs.push({ ...(await token(projectId, teacherId)), answers: TENS });
    }
    await Promise.all(inputs.map((input) => submit(input)));
    await mixOpenProjects(world.db);
    const tables = await world.rows<{ table_name: string }>(
      `SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'`,
    );
    const naming: string[] = [];
    for (const { table_name: table } of tables) {
      const [row] = await world.rows<{ text: string }>(
        `SELECT coalesce(string_agg(t::text, E'\\n'), '') AS text FROM "${table}" t`,
      );
      if (teachers.some((id) => row?.text.includes(id))) naming.push(table);
      const signatures = inputs.map(({ signature }) => signature);
      expect(signatures.some((signature) => row?.text.includes(signature))).toBe(false);
    }
    // `inbox` keeps the ids of enrolments, which are not those of teachers.
    expect(naming.sort()).toEqual(['eligible_participant', 'signed_token']);
  });

  it('[R113] EVAL-ANON keeps no time, and no order, of responses', async () => {
    const columns = await world.rows<{ table_name: string; data_type: string }>(
      `SELECT table_name, data_type FROM information_schema.columns
       WHERE table_name IN ('signed_token', 'spent_token', 'anonymous_response')
         AND (data_type LIKE '%time%' OR data_type = 'date' OR is_identity = 'YES'
              OR column_default IS NOT NULL)`,
    );
    expect(columns).toEqual([{ table_name: 'signed_token', data_type: 'date' }]);
    const ids = await world.rows<{ id: string }>('SELECT id FROM anonymous_response');
    expect(ids.length).toBeGreaterThan(0);
    expect(ids.every(({ id }) => id[14] === '4')).toBe(true);
  });

  it('[R113] stores a batch in one transaction, in another order than it came', async () => {
    const sameOrder: boolean[] = [];
    for (let round = 0; round < 2; round += 1) {
      const { projectId, teachers } = await world.open(8);
      const inputs: SubmitAnonymousResponseInput[] = [];
      for (const [index, teacherId] of teachers.entries()) {
        // Eight different sheets: the place of its fives tells which is which.
        const answers = TENS.map((_answer, item) => (item === index ? 5 : 1));
        inputs.push({ ...(await token(projectId, teacherId)), answers });
      }
      await Promise.all(inputs.map((input) => submit(input)));
      const stored = await world.rows<{ place: number; written: string }>(
        `SELECT array_position(answers, 5::smallint) AS place, xmin::text AS written
         FROM anonymous_response WHERE project_id = $1 ORDER BY ctid`,
        [projectId],
      );
      expect(stored).toHaveLength(8);
      expect(new Set(stored.map(({ written }) => written)).size).toBe(1);
      sameOrder.push(stored.every(({ place }, index) => place === index + 1));
    }
    // 1 in 40 320 for one round by chance.
    expect(sameOrder).not.toEqual([true, true]);
  });

  it('[R113] mixing leaves no transaction id by which a signature meets its response', async () => {
    const { projectId, teachers } = await world.open(3);
    for (const teacherId of teachers) {
      await submit({ ...(await token(projectId, teacherId)), answers: TENS });
    }
    const written = () =>
      world.rows<{ xmin: string }>(
        `SELECT xmin::text FROM signed_token WHERE project_id = $1
         UNION SELECT xmin::text FROM spent_token WHERE project_id = $1
         UNION SELECT xmin::text FROM anonymous_response WHERE project_id = $1`,
        [projectId],
      );
    expect((await written()).length).toBeGreaterThan(3);
    expect(await mixOpenProjects(world.db)).toBeGreaterThanOrEqual(1);
    expect(await written()).toHaveLength(1);
    expect(await mixOpenProjects(world.db)).toBe(0);
    expect(await count('anonymous_response', projectId)).toBe(3);
  });

  it('[R113] writes no audit, idempotency or outbox row for signing and responding', async () => {
    const { projectId, teachers } = await world.open(1);
    const counts = async () =>
      world.rows(
        `SELECT (SELECT count(*)::int FROM audit) AS audit, (SELECT count(*)::int FROM outbox) AS outbox,
                (SELECT count(*)::int FROM idempotency) AS idempotency`,
      );
    const before = await counts();
    await submit({ ...(await token(projectId, teachers[0] ?? '')), answers: TENS });
    expect(await counts()).toEqual(before);
  });
});
