import { load, nowOf, requireActor, type Context } from '@yanxiu/subgraph/context';
import { notFound } from '@yanxiu/subgraph/errors';
import { pageOf } from '@yanxiu/subgraph/pagination';
import type { ClaimContentInput, Resolvers } from '../generated/graphql.js';
import { decisionsOfClaims } from '../recognition/queries.js';
import { canSee, overseenUnit, seesRecord } from '../teacher/queries.js';
import { isUuid } from '../teacher/rules.js';
import { appealClaim, checkClaim, decideClaim, decideClaimAppeal } from './commands.js';
import {
  claimsById,
  claimsOfTeacher,
  stepsOfClaims,
  waitingClaims,
  type ClaimRow,
} from './queries.js';
import type { NewClaim } from './form.js';
import type { ClaimStatus } from './rules.js';
import { submitClaim, submitClaims } from './submit.js';

const WAITING: Readonly<Record<'SCHOOL_CHECK' | 'REGISTRAR' | 'APPEAL', ClaimStatus>> = {
  SCHOOL_CHECK: 'SUBMITTED',
  REGISTRAR: 'CHECKED',
  APPEAL: 'APPEALED',
};

/** The claim, when the actor may see its teacher or it was made by the actor's institution. */
async function claimOf(context: Context, id: string): Promise<ClaimRow | null> {
  const row = isUuid(id) ? await load(context, claimsById, id) : null;
  if (!row) return null;
  const { actor } = context;
  if (actor?.role === 'INSTITUTION') {
    return row.institutionCode === actor.institution ? row : null;
  }
  return (await seesRecord(context, row.teacherId, row.submittedAt)) ? row : null;
}

async function requireClaim(context: Context, id: string): Promise<ClaimRow> {
  const claim = await claimOf(context, id);
  if (claim) return claim;
  throw notFound({ zh: '学时申报', en: 'claim' }, id);
}

const newClaim = (input: ClaimContentInput): NewClaim => ({
  ...input,
  projectId: input.projectId ?? null,
  relevance: input.relevance ?? null,
  approval: input.approval ?? null,
  sessions: input.sessions.map(({ startTime, ...session }) => ({
    ...session,
    startTime: startTime ?? null,
  })),
});

const after = async (context: Context, done: Promise<{ claimId: string }>) => ({
  claim: await requireClaim(context, (await done).claimId),
});

export const resolvers: Resolvers = {
  Query: {
    claim: (_, { id }, context) => {
      requireActor(context);
      return requireClaim(context, id);
    },
    async claimsWaiting(_, { under, step, ...args }, context) {
      requireActor(context, 'OFFICER', 'COORDINATOR');
      const { code } = await overseenUnit(context, under);
      const filter = { under: code, status: WAITING[step] };
      return waitingClaims(context, filter, pageOf(args, 'instant', 'uuid'));
    },
  },
  Mutation: {
    submitClaim: (_, { input }, context) =>
      after(context, submitClaim(context, { ...input, claim: newClaim(input.claim) })),
    async submitClaims(_, { input }, context) {
      const claims = input.claims.map(newClaim);
      return { results: await submitClaims(context, { ...input, claims }) };
    },
    checkClaim: (_, { input }, context) => after(context, checkClaim(context, input)),
    decideClaim: (_, { input }, context) => after(context, decideClaim(context, input)),
    appealClaim: (_, { input }, context) => after(context, appealClaim(context, input)),
    decideClaimAppeal: (_, { input }, context) => after(context, decideClaimAppeal(context, input)),
  },
  Teacher: {
    claims: async ({ id }, args, context) =>
      (await canSee(context, id)) ? claimsOfTeacher(context, id, pageOf(args, 'uuid')) : null,
  },
  Claim: {
    __resolveReference: ({ id }, context) => claimOf(context, id),
    teacher: ({ teacherId }) => ({ id: teacherId }),
    project: ({ projectId }) => (projectId ? { id: projectId } : null),
    evidence: ({ evidenceSha256, evidenceName, evidenceSize }) => ({
      sha256: evidenceSha256,
      name: evidenceName,
      size: evidenceSize,
    }),
    unit: ({ unitCode }) => ({ code: unitCode }),
    registrar: ({ registrarCode }) => ({ code: registrarCode }),
    overdue: ({ dueAt, status }, _, context) =>
      status !== 'REFUSED' && dueAt !== null && dueAt < nowOf(context),
    steps: async ({ id }, _, context) => (await load(context, stepsOfClaims, id)) ?? [],
    decision: ({ id, teacherId }, _, context) =>
      load(context, decisionsOfClaims, `${teacherId}:${id}`),
  },
  ClaimStepTaken: { unit: ({ unitCode }) => ({ code: unitCode }) },
  ClaimResult: {
    status: (result) =>
      'refusal' in result ? 'REJECTED' : result.claimId ? 'SUBMITTED' : 'UNCHANGED',
    rule: (result) => ('refusal' in result ? result.refusal.rule : null),
    messageZh: (result) => ('refusal' in result ? result.refusal.text.zh : null),
    messageEn: (result) => ('refusal' in result ? result.refusal.text.en : null),
  },
};
