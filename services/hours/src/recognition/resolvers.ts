import { load, requireActor, type Context } from '@yanxiu/subgraph/context';
import { notFound } from '@yanxiu/subgraph/errors';
import { isUuid } from '../teacher/rules.js';
import type { Resolvers } from '../generated/graphql.js';
import { policyVersions } from '../policy/queries.js';
import { creditedOfProjects, entriesOfDecisions } from '../ledger/queries.js';
import { delivers } from '../project/queries.js';
import { seesRecord } from '../teacher/queries.js';
import {
  decisionsById,
  decisionsOfEnrolments,
  recognitionOfProjects,
  stepsOf,
  type DecisionRow,
} from './queries.js';
import { fromStored, PARAMETERS, reasonOf, wordsOf, type TraceLine } from './trace.js';

/** The decision, when the actor may see its teacher, or might when it was made. */
async function visible(context: Context, row: DecisionRow | null): Promise<DecisionRow | null> {
  return row && (await seesRecord(context, row.teacherId, row.decidedAt)) ? row : null;
}

const decisionOf = async (context: Context, id: string): Promise<DecisionRow | null> =>
  isUuid(id) ? visible(context, await load(context, decisionsById, id)) : null;

const statusOf = (rule: string | null) => (rule === null ? 'ACCEPTED' : 'REFUSED');

/** The version of the parameter that a line names. */
const policyOf = (context: Context, { step, policyVersion }: TraceLine) =>
  load(context, policyVersions, `${PARAMETERS[step]}@${policyVersion}`);

/** Sums over a project name nobody; not for the platform, nor for other institutions. */
async function mayCount(context: Context, projectId: string): Promise<boolean> {
  const { actor } = context;
  if (!actor || actor.role === 'PLATFORM') return false;
  return actor.role !== 'INSTITUTION' || delivers(context, projectId);
}

export const resolvers: Resolvers = {
  Query: {
    async recognitionDecision(_, { id }, context) {
      requireActor(context);
      const decision = await decisionOf(context, id);
      if (decision) return decision;
      throw notFound({ zh: '学时认定', en: 'recognition decision' }, id);
    },
  },
  RecognitionDecision: {
    __resolveReference: ({ id }, context) => decisionOf(context, id),
    status: ({ rule }) => statusOf(rule),
    async reason(decision, _, context) {
      const line = decision.trace.map(fromStored).find(({ step }) => step === 'ABSENCE');
      const policy = line && (await policyOf(context, line));
      return reasonOf(decision, policy?.value)[context.locale];
    },
    trace: stepsOf,
    entries: async ({ id }, _, context) => (await load(context, entriesOfDecisions, id)) ?? [],
    reversedBy: ({ reversedById }, _, context) =>
      reversedById ? decisionOf(context, reversedById) : null,
    teacher: ({ teacherId }) => ({ id: teacherId }),
    project: ({ projectId }) => (projectId ? { id: projectId } : null),
  },
  TraceLine: {
    text: async (line, _, context) =>
      wordsOf(line, line.plannedMinutes, (await policyOf(context, line))?.value)[context.locale],
    policyKey: ({ step }) => PARAMETERS[step],
    basis: (line, _, context) => policyOf(context, line),
    article: async (line, _, context) => (await policyOf(context, line))?.article ?? null,
  },
  Enrolment: {
    __resolveReference: ({ id }) => ({ id }),
    decision: async ({ id }, _, context) =>
      visible(context, await load(context, decisionsOfEnrolments, id)),
    async recognitionStatus({ id }, _, context) {
      const row = await load(context, decisionsOfEnrolments, id);
      if (!row) return null;
      const allowed =
        (await seesRecord(context, row.teacherId, row.decidedAt)) ||
        (row.projectId !== null && (await delivers(context, row.projectId)));
      return allowed ? statusOf(row.rule) : null;
    },
  },
  TrainingProject: {
    __resolveReference: ({ id }) => ({ id }),
    creditedHours: async ({ id }, _, context) =>
      (await mayCount(context, id)) ? load(context, creditedOfProjects, id) : null,
    recognition: async ({ id }, _, context) =>
      (await mayCount(context, id)) ? load(context, recognitionOfProjects, id) : null,
  },
};
