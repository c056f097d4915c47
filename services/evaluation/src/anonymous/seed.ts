import type { EntityManager } from 'typeorm';
import { localDate } from '@yanxiu/subgraph/calendar';
import { nowOf, type Context } from '@yanxiu/subgraph/context';
import { enforce, permit } from '@yanxiu/subgraph/decision';
import { asSystem } from '@yanxiu/subgraph/scoped-database';
import { itemsOf } from '../instrument/queries.js';
import { lockEvaluation } from '../project/queries.js';
import { shuffled } from './batcher.js';
import { newBlindedToken } from './blind-client.js';
import { verifyToken } from './blind-signature.js';
import { channelKeys, type ChannelKeys } from './channel.js';
import { redeemAll, type Redemption } from './redemption.js';
import { answer, redemptionOf } from './responding.js';
import * as rules from './rules.js';
import { isEligible, signOnce } from './signing.js';

interface SeedResponse {
  teacherId: string;
  answers: readonly number[];
}

export interface SeedResponsesInput {
  projectId: string;
  /** All at once; or one, by `teacherId` and `answers`. */
  responses?: readonly SeedResponse[];
  teacherId?: string;
  answers?: readonly number[];
}

/**
 * Responses of generated participants, on the way of real ones: blind, sign, unblind, verify,
 * redeem. One transaction, so that a repeated seeding finds all of a call or nothing; who has had a
 * token signed is passed over. Only the generator can call it.
 */
export async function respondAsSeed(
  context: Context,
  input: SeedResponsesInput,
): Promise<{ stored: number }> {
  const { teacherId, answers } = input;
  const given = input.responses ?? (teacherId && answers ? [{ teacherId, answers }] : []);
  const today = localDate(nowOf(context));
  return asSystem(context.db).transaction(async (manager) => {
    const evaluation = await lockEvaluation(manager, input.projectId, 'pessimistic_read');
    const { projectId } = evaluation;
    const keys = await channelKeys(manager, projectId);
    if (!keys) return enforce(rules.channelClosed());
    const items = await itemsOf(manager, evaluation.anonymousInstrumentId);
    const batch: Redemption[] = [];
    for (const response of await unsigned(manager, projectId, given)) {
      enforce(rules.answersFit(items, response.answers));
      batch.push(await redemptionFor(manager, keys, projectId, response, today));
    }
    const outcomes = await redeemAll(manager, shuffled(batch), today);
    outcomes.forEach(answer);
    return { stored: outcomes.length };
  });
}

async function unsigned(
  manager: EntityManager,
  projectId: string,
  responses: readonly SeedResponse[],
): Promise<SeedResponse[]> {
  const rows: { teacher_id: string }[] = await manager.query(
    'SELECT teacher_id FROM signed_token WHERE project_id = $1',
    [projectId],
  );
  const signed = new Set(rows.map((row) => row.teacher_id));
  return responses.filter(({ teacherId }) => !signed.has(teacherId));
}

async function redemptionFor(
  manager: EntityManager,
  keys: ChannelKeys,
  projectId: string,
  { teacherId, answers }: SeedResponse,
  today: string,
): Promise<Redemption> {
  permit(rules.forParticipants(await isEligible(manager, projectId, teacherId)));
  const token = newBlindedToken(keys.publicKey);
  const blinded = token.blindedMessage;
  const blindSignature = await signOnce(manager, keys, { projectId, teacherId, blinded, today });
  const signature = token.unblind(blindSignature);
  const prepared = Buffer.concat([token.messageRandomizer, token.message]);
  if (!verifyToken(keys.publicKey, prepared, signature)) throw new Error('the token does not hold');
  return redemptionOf(projectId, prepared, answers);
}
