import { createPublicKey } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { localDate } from '@yanxiu/subgraph/calendar';
import { nowOf, type Context } from '@yanxiu/subgraph/context';
import { enforce, refused } from '@yanxiu/subgraph/decision';
import { DomainError, badInput } from '@yanxiu/subgraph/errors';
import { asSystem } from '@yanxiu/subgraph/scoped-database';
import { Batcher, type BatcherOptions } from './batcher.js';
import { RANDOMIZER_BYTES, sha256, verifyToken } from './blind-signature.js';
import { anonymousChannel } from './queries.js';
import { redeemAll, type Redemption, type RedemptionOutcome } from './redemption.js';
import * as rules from './rules.js';
import { decodeBase64 } from './signing.js';

/** All byte strings in base64. */
export interface SubmitAnonymousResponseInput {
  projectId: string;
  message: string;
  messageRandomizer: string;
  signature: string;
  answers: readonly number[];
}

const BATCH: BatcherOptions = { size: 8, waitMs: 2_000 };

interface Dated {
  redemption: Redemption;
  today: string;
}

const batchers = new WeakMap<DataSource, Batcher<Dated, RedemptionOutcome>>();

/**
 * Takes an anonymous response. Not a `command`: no actor, audit row, idempotency row, event,
 * request id or log line; a failure is told without its cause, whose query would carry token and
 * answers.
 */
export async function submitAnonymousResponse(
  context: Context,
  input: SubmitAnonymousResponseInput,
): Promise<{ acknowledged: true }> {
  enforce(rules.withoutLogin(context.actor));
  const db = asSystem(context.db);
  const today = localDate(nowOf(context));
  const batcher = batchers.get(db) ?? batchResponses(db);
  return withoutTrace(async () => {
    const redemption = await verified(context, input);
    return answer(await batcher.submit({ redemption, today }));
  });
}

/** Sets how the responses for a database are collected. */
export function batchResponses(
  db: DataSource,
  options: BatcherOptions = BATCH,
): Batcher<Dated, RedemptionOutcome> {
  const batcher = new Batcher<Dated, RedemptionOutcome>((batch) => writeBatch(db, batch), options);
  batchers.set(db, batcher);
  return batcher;
}

function writeBatch(db: DataSource, batch: readonly Dated[]): Promise<RedemptionOutcome[]> {
  const today = batch.map((each) => each.today).sort()[0] ?? '';
  const redemptions = batch.map(({ redemption }) => redemption);
  return db.transaction((manager) => redeemAll(manager, redemptions, today));
}

/** The response with its token's signature checked against the key of its project. */
async function verified(
  context: Context,
  input: SubmitAnonymousResponseInput,
): Promise<Redemption> {
  const channel = await anonymousChannel(context, input.projectId);
  if (!channel) return enforce(rules.channelClosed());
  const message = decodeBase64(input.message);
  const randomizer = decodeBase64(input.messageRandomizer);
  const signature = decodeBase64(input.signature);
  if (!message || message.length < 16 || message.length > 256) throw badBytes('message', '16–256');
  if (randomizer?.length !== RANDOMIZER_BYTES) throw badBytes('messageRandomizer', '32');
  if (!signature) throw badBytes('signature', '256');
  const prepared = Buffer.concat([randomizer, message]);
  if (!verifyToken(createPublicKey(channel.publicKey), prepared, signature)) {
    return enforce(
      refused(
        'EVAL-ANON',
        '匿名评价凭证无效：签名与该项目的公钥不符。',
        "The token does not hold: its signature is not by this project's key.",
      ),
    );
  }
  enforce(rules.answersFit(channel.items, input.answers));
  return redemptionOf(channel.projectId, prepared, input.answers);
}

export const redemptionOf = (
  projectId: string,
  prepared: Buffer,
  answers: readonly number[],
): Redemption => ({
  projectId,
  tokenHash: sha256(projectId, prepared),
  fingerprint: sha256('answers', projectId, prepared, answers.join(',')),
  answers,
});

/** What the participant is told. */
export function answer(outcome: RedemptionOutcome): { acknowledged: true } {
  if (outcome === 'CLOSED') return enforce(rules.channelClosed());
  if (outcome !== 'OTHER') return { acknowledged: true };
  return enforce(
    refused(
      'EVAL-ONCE-RESPONSE',
      '该凭证已用于另一份答卷，每个凭证只能使用一次。',
      'This token was used for another response: it counts once.',
    ),
  );
}

async function withoutTrace<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof DomainError) throw error;
    throw new DomainError('UNAVAILABLE', {
      zh: '暂时无法保存，请用同一凭证和同样的答案重新提交。',
      en: 'It could not be stored now. Send the same token and answers again.',
    });
  }
}

const badBytes = (field: string, size: string) =>
  badInput(`${field} 须为 ${size} 字节的 base64。`, `${field} must be ${size} bytes in base64.`);
