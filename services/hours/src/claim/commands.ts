import { claimDecided } from '@yanxiu/contracts/hours';
import { isWithin } from '@yanxiu/registry/org-unit';
import { orRefuse } from '@yanxiu/registry/policy';
import { localDate } from '@yanxiu/subgraph/calendar';
import { command, type CommandInput, type CommandTx } from '@yanxiu/subgraph/command';
import type { Context } from '@yanxiu/subgraph/context';
import { enforce } from '@yanxiu/subgraph/decision';
import { notFound } from '@yanxiu/subgraph/errors';
import { parametersOf } from '../policy/queries.js';
import { decide } from '../recognition/decide.js';
import { postsOf } from '../teacher/queries.js';
import { isUuid, lastPost } from '../teacher/rules.js';
import { sessionOf } from './form.js';
import { lockClaim, type ClaimRow } from './queries.js';
import {
  appealMayBeDecided,
  claimedBefore,
  may,
  mayAppeal,
  mayBeChecked,
  mayBeDecided,
  withReason,
  type ClaimParameter,
} from './rules.js';
import { moveClaim } from './store.js';

const CLAIM = { zh: '学时申报', en: 'claim' };
const DAY_MS = 86_400_000;

export interface ClaimInput extends CommandInput {
  claimId: string;
}

export interface CheckClaimInput extends ClaimInput {
  confirmed: boolean;
  reason?: string | null;
}

export interface DecideClaimInput extends ClaimInput {
  accepted: boolean;
  reason?: string | null;
}

export interface AppealClaimInput extends ClaimInput {
  reason: string;
}

type Step = (tx: CommandTx, claim: ClaimRow) => Promise<void>;

/** Takes one step on a claim that is locked for it. */
const onClaim = (context: Context, action: string, input: ClaimInput, step: Step) =>
  command(context, action, input, async (tx) => {
    const claim = isUuid(input.claimId) ? await lockClaim(tx.manager, input.claimId) : null;
    if (!claim) throw notFound(CLAIM, input.claimId);
    await step(tx, claim);
    tx.subject('Claim', claim.id);
    return { claimId: claim.id };
  });

/** The moment until which the next step is to be taken. */
async function dueIn(tx: CommandTx, claim: ClaimRow, of: keyof ClaimParameter): Promise<Date> {
  const posts = await postsOf(tx.manager, claim.teacherId);
  const parameters = await parametersOf(tx.manager);
  const today = localDate(tx.now);
  const policies = parameters.on(today, lastPost(posts, today)?.path ?? null);
  const days = orRefuse(() => policies.value<ClaimParameter>('hours.claims'))[of];
  return new Date(tx.now.getTime() + days * DAY_MS);
}

/** R49: the school confirms a claim or gives it back with a reason. */
export const checkClaim = (context: Context, input: CheckClaimInput) =>
  onClaim(context, 'claim.check', input, async (tx, claim) => {
    const { confirmed, reason = null } = input;
    enforce(may(tx.actor, 'check', claim));
    enforce(mayBeChecked(claim));
    enforce(withReason(confirmed, reason));
    await moveClaim(tx, claim, {
      status: confirmed ? 'CHECKED' : 'RETURNED',
      reason,
      dueAt: confirmed ? await dueIn(tx, claim, 'registrarDays') : null,
    });
  });

/** R35, R60, R74: the registrar accepts a claim, which is then recognised, or refuses it. */
export const decideClaim = (context: Context, input: DecideClaimInput) =>
  onClaim(context, 'claim.decide', input, async (tx, claim) => {
    const { accepted, reason = null } = input;
    enforce(may(tx.actor, 'decide', claim));
    enforce(mayBeDecided(claim, tx.actor));
    enforce(withReason(accepted, reason));
    const dueAt = accepted ? null : await dueIn(tx, claim, 'appealDays');
    await moveClaim(tx, claim, { status: accepted ? 'ACCEPTED' : 'REFUSED', reason, dueAt });
    await (accepted ? recognise(tx, claim) : tellRefusal(tx, claim));
  });

/** R121: the teacher appeals against the registrar's refusal. */
export const appealClaim = (context: Context, input: AppealClaimInput) =>
  onClaim(context, 'claim.appeal', input, async (tx, claim) => {
    if (!may(tx.actor, 'appeal', claim).accepted) throw notFound(CLAIM, claim.id);
    enforce(mayAppeal(claim, tx.now));
    enforce(withReason(false, input.reason));
    const dueAt = await dueIn(tx, claim, 'appealDecisionDays');
    await moveClaim(tx, claim, { status: 'APPEALED', reason: input.reason, dueAt });
  });

/** R121: a second officer accepts the claim after all, or dismisses the appeal. */
export const decideClaimAppeal = (context: Context, input: DecideClaimInput) =>
  onClaim(context, 'claim.decideAppeal', input, async (tx, claim) => {
    const { accepted, reason = null } = input;
    const { registrarCode } = claim;
    const above = await isWithin(tx.manager, registrarCode, tx.actor.unit);
    enforce(may(tx.actor, 'decideAppeal', { registrarCode, above }));
    enforce(appealMayBeDecided(claim, tx.actor));
    enforce(withReason(accepted, reason));
    const status = accepted ? 'ACCEPTED' : 'DISMISSED';
    await moveClaim(tx, claim, { status, reason, dueAt: null });
    await (accepted ? recognise(tx, claim) : tellRefusal(tx, claim));
  });

/** R110: what the registrar accepts is decided on by the rules, in the same transaction. */
async function recognise(tx: CommandTx, claim: ClaimRow): Promise<void> {
  const { id: causeId, teacherId, projectId, source, category, modality } = claim;
  const { registrarCode, unitCode, firstDate } = claim;
  const outcome = await decide(tx, {
    causeId,
    teacherId,
    enrolmentId: null,
    projectId,
    source,
    level: null,
    category,
    modality,
    registrarCode,
    unitCode,
    firstDate,
    sessions: claim.sessions.map((session) => sessionOf(session, modality, tx.newId())),
  });
  if (!outcome) enforce(claimedBefore());
}

const tellRefusal = (tx: CommandTx, claim: ClaimRow): Promise<void> =>
  tx.emit(claimDecided, claim.id, {
    claimId: claim.id,
    teacherId: claim.teacherId,
    unitCode: claim.unitCode,
    registrarCode: claim.registrarCode,
    source: claim.source,
    decisionId: null,
    outcome: 'REFUSED',
    rule: 'CLAIM-REGISTRAR',
    entries: [],
    at: tx.now.toISOString(),
  });
