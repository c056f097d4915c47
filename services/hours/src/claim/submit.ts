import { claimSubmitted } from '@yanxiu/contracts/hours';
import { orRefuse } from '@yanxiu/registry/policy';
import { localDate } from '@yanxiu/subgraph/calendar';
import { command, type CommandInput, type CommandTx } from '@yanxiu/subgraph/command';
import type { Context } from '@yanxiu/subgraph/context';
import { enforce, type Decision, type Refusal } from '@yanxiu/subgraph/decision';
import { badInput } from '@yanxiu/subgraph/errors';
import type { Actor } from '@yanxiu/subgraph/actor';
import type { CycleParameter } from '../compliance/rules.js';
import { parametersOf } from '../policy/queries.js';
import type { Parameters } from '../policy/rules.js';
import { isUuid, lastPost } from '../teacher/rules.js';
import { claimedDates, type NewClaim } from './form.js';
import { contentKey, knownOf, onceKey, type Known } from './queries.js';
import {
  may,
  mayClaim,
  notRegistrar,
  registrarOf,
  unknownTeacher,
  type ClaimParameter,
} from './rules.js';
import { insertClaims, type AcceptedClaim } from './store.js';

const MAX_ROWS = 500;

export interface SubmitClaimInput extends CommandInput {
  claim: NewClaim;
}

/** Makes one claim; refused with the rule that it breaks. */
export async function submitClaim(
  context: Context,
  input: SubmitClaimInput,
): Promise<{ claimId: string }> {
  return command(context, 'claim.submit', input, async (tx) => {
    const [result] = await takeClaims(tx, [input.claim], {});
    if (result && 'refusal' in result) {
      return enforce<never>({ accepted: false, refusal: result.refusal });
    }
    const claimId = result?.claimId;
    if (!claimId) throw new Error('a claim without a result');
    tx.subject('Claim', claimId);
    return { claimId };
  });
}

export interface SubmitClaimsInput extends CommandInput {
  claims: readonly NewClaim[];
  dryRun?: boolean | null;
}

/** What became of one claim of a list; without an id it was made before, just so. */
export type ClaimResult = { claimId: string | null } | { refusal: Refusal };

/** Makes the good claims of a list and says what is wrong with the others, in one transaction. */
export async function submitClaims(
  context: Context,
  input: SubmitClaimsInput,
): Promise<ClaimResult[]> {
  const { claims, dryRun } = input;
  if (claims.length < 1 || claims.length > MAX_ROWS) {
    throw badInput(
      `每次须为 1 至 ${MAX_ROWS} 项。`,
      `Send from 1 to ${MAX_ROWS} claims at a time.`,
    );
  }
  const key = dryRun ? { claims } : input;
  return command(context, dryRun ? 'claim.checkMany' : 'claim.submitMany', key, async (tx) => {
    const results = await takeClaims(tx, claims, { many: true, dryRun });
    tx.subject('OrgUnit', tx.actor.unit);
    return results;
  });
}

async function takeClaims(
  tx: CommandTx,
  claims: readonly NewClaim[],
  { many = false, dryRun = false }: { many?: boolean; dryRun?: boolean | null | undefined },
): Promise<ClaimResult[]> {
  const { actor } = tx;
  enforce(may(actor, 'submit'));
  // One list of a teacher at a time: two that show the same must not both find it missing.
  const teacherIds = [...new Set(claims.map(({ teacherId }) => teacherId))].filter(isUuid);
  await tx.manager.query(
    'SELECT id FROM teacher_copy WHERE id = ANY($1::uuid[]) ORDER BY id FOR UPDATE',
    [teacherIds],
  );
  const readable = claims.filter(
    ({ teacherId, projectId }) => isUuid(teacherId) && (projectId === null || isUuid(projectId)),
  );
  const known = await knownOf(tx.manager, readable);
  const parameters = await parametersOf(tx.manager);
  const claimed = new Map(known.claimed);
  const taken: AcceptedClaim[] = [];
  const results = claims.map((claim): ClaimResult => {
    const decision = judge(claim, { actor, now: tx.now, known, claimed, parameters });
    if (!decision.accepted) {
      const again = many && decision.refusal.rule === 'HOURS-ONCE' && isKnown(claim, known);
      return again ? { claimId: null } : { refusal: decision.refusal };
    }
    const made = { ...claim, id: tx.newId(), ...decision.value };
    const key = onceKey(claim.teacherId, claim.evidence.sha256, made.firstDate);
    claimed.set(key, contentKey(claim));
    taken.push(made);
    return { claimId: made.id };
  });
  if (!dryRun && taken.length > 0) {
    await insertClaims(tx, taken);
    await tx.emitAll(claimSubmitted, taken.map(submittedEvent(tx.now)));
  }
  return results;
}

const submittedEvent = (now: Date) => (claim: AcceptedClaim) => ({
  key: claim.id,
  data: {
    claimId: claim.id,
    teacherId: claim.teacherId,
    unitCode: claim.unitCode,
    registrarCode: claim.registrarCode,
    source: claim.source,
    at: now.toISOString(),
  },
});

interface Judging {
  actor: Actor;
  now: Date;
  known: Known;
  claimed: ReadonlyMap<string, string>;
  parameters: Parameters;
}

type Placed = Pick<
  AcceptedClaim,
  'firstDate' | 'unitCode' | 'registrarCode' | 'institutionCode' | 'dueAt'
>;

const DAY_MS = 86_400_000;

function judge(
  claim: NewClaim,
  { actor, now, known, claimed, parameters }: Judging,
): Decision<Placed> {
  const { teacherId, projectId, evidence } = claim;
  const posts = known.posts.get(teacherId) ?? null;
  const current = posts && lastPost(posts, localDate(now));
  const claimant = { teacherId, unitCode: current?.unitCode ?? null };
  if (!posts || !may(actor, 'claimFor', claimant).accepted) return unknownTeacher();
  const policies = parameters.on(localDate(now), current?.path ?? null);
  const parameter = orRefuse(() => policies.value<ClaimParameter>('hours.claims'));
  const deliverers = projectId === null ? null : known.deliverers.get(projectId);
  const institution = actor.role === 'INSTITUTION' ? (actor.institution ?? '') : null;
  const [firstDate = ''] = isReadable(claim) ? claimedDates(claim) : [];
  const decision = mayClaim(claim, {
    now,
    posts,
    projectKnown:
      deliverers !== undefined && (institution === null || !!deliverers?.includes(institution)),
    cycle: orRefuse(() => policies.value<CycleParameter>('hours.cycle')),
    parameter,
    claimed: claimed.has(onceKey(teacherId, evidence.sha256, firstDate)),
  });
  if (!decision.accepted) return decision;
  const post = decision.value;
  const registrarCode = registrarOf(post, known.cities) ?? '';
  if (!may(actor, 'register', { registrarCode }).accepted) {
    return notRegistrar(registrarCode, actor);
  }
  const dueAt = new Date(now.getTime() + parameter.schoolDays * DAY_MS);
  const unitCode = post.unitCode ?? '';
  const placed = { firstDate, unitCode, registrarCode, institutionCode: institution, dueAt };
  return { accepted: true, value: placed };
}

/** Whether just this claim was made before this list. */
function isKnown(claim: NewClaim, { claimed }: Known): boolean {
  const [firstDate = ''] = claimedDates(claim);
  const key = onceKey(claim.teacherId, claim.evidence.sha256, firstDate);
  return claimed.get(key) === contentKey(claim);
}

/** Dates can be read; otherwise the rules say what is wrong. */
const isReadable = ({ sessions }: NewClaim): boolean =>
  sessions.every(({ date, startTime }) =>
    Number.isFinite(Date.parse(`${date}T${startTime ?? '00:00'}:00+08:00`)),
  );
