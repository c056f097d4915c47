import type { EntityManager } from 'typeorm';
import { localDate } from '@yanxiu/subgraph/calendar';
import { nowOf, requireActor, type Context } from '@yanxiu/subgraph/context';
import { enforce, permit, refused } from '@yanxiu/subgraph/decision';
import { badInput } from '@yanxiu/subgraph/errors';
import { asSystem } from '@yanxiu/subgraph/scoped-database';
import { lockEvaluation } from '../project/queries.js';
import { MODULUS_BYTES, blindSign, sha256 } from './blind-signature.js';
import { channelKeys, type ChannelKeys } from './channel.js';
import * as rules from './rules.js';

export interface SignEvaluationTokenInput {
  projectId: string;
  /** Base64. */
  blindedMessage: string;
}

/**
 * Signs a participant's blinded token. Not a `command`: its audit row would keep the second at
 * which a teacher signed. The row of `signed_token` (who, which project, which day) is the record,
 * and the same blinded message is its own idempotency key.
 */
export async function signEvaluationToken(
  context: Context,
  input: SignEvaluationTokenInput,
): Promise<{ blindSignature: string }> {
  const actor = requireActor(context);
  const teacher = actor.teacher ?? '';
  permit(rules.may(actor, 'ask'));
  const blinded = decodeBase64(input.blindedMessage);
  if (blinded?.length !== MODULUS_BYTES) throw badBlinded();
  const today = localDate(nowOf(context));
  return asSystem(context.db).transaction(async (manager) => {
    const evaluation = await lockEvaluation(manager, input.projectId, 'pessimistic_read');
    const eligible = await isEligible(manager, evaluation.projectId, teacher);
    permit(rules.may(actor, 'sign', { eligible }));
    if (!rules.takesResponses(evaluation, today)) enforce(rules.channelClosed());
    const keys = await channelKeys(manager, evaluation.projectId);
    if (!keys) return enforce(rules.channelClosed());
    const signature = await signOnce(manager, keys, {
      projectId: evaluation.projectId,
      teacherId: teacher,
      blinded,
      today,
    });
    return { blindSignature: signature.toString('base64') };
  });
}

/** One blinded message for each participant and project (EVAL-ONCE). */
export async function signOnce(
  manager: EntityManager,
  keys: ChannelKeys,
  token: { projectId: string; teacherId: string; blinded: Buffer; today: string },
): Promise<Buffer> {
  const signature = blindSign(keys, token.blinded);
  if (!signature) throw badBlinded();
  const hash = sha256(token.blinded);
  const rows: { blinded_hash: string }[] = await manager.query(
    `INSERT INTO signed_token (project_id, teacher_id, blinded_hash, signed_on)
     VALUES ($1, $2, $3, $4)
     ON CONFLICT (project_id, teacher_id) DO UPDATE SET blinded_hash = signed_token.blinded_hash
     RETURNING blinded_hash`,
    [token.projectId, token.teacherId, hash, token.today],
  );
  if (rows[0]?.blinded_hash !== hash) {
    return enforce(
      refused(
        'EVAL-ONCE',
        '您已为该项目领取过匿名评价凭证，每人每项目只签发一次。',
        'A token for this project was already signed for you: one for each participant.',
      ),
    );
  }
  return signature;
}

export async function isEligible(
  manager: EntityManager,
  projectId: string,
  teacherId: string,
): Promise<boolean> {
  const rows: unknown[] = await manager.query(
    'SELECT 1 FROM eligible_participant WHERE project_id = $1 AND teacher_id = $2',
    [projectId, teacherId],
  );
  return rows.length > 0;
}

const badBlinded = () =>
  badInput(
    `blindedMessage 须为 ${MODULUS_BYTES} 字节的 base64，且小于模数。`,
    `blindedMessage must be ${MODULUS_BYTES} bytes in base64, below the modulus.`,
  );

/** Bytes of a canonical base64 text; null for anything else. */
export function decodeBase64(text: string): Buffer | null {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : null;
}
