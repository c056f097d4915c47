import { requireTier, requireGoverned } from '@yanxiu/registry/scope';
import { command, type CommandInput } from '@yanxiu/subgraph/command';
import type { Context } from '@yanxiu/subgraph/context';
import { closeEvaluation } from '../closing.js';
import { lockEvaluation } from './queries.js';

export interface CloseProjectEvaluationInput extends CommandInput {
  projectId: string;
}

/** Closes an evaluation, by an officer in whose jurisdiction the organiser lies (EVAL-THREE). */
export async function closeProjectEvaluation(
  context: Context,
  input: CloseProjectEvaluationInput,
): Promise<{ projectId: string }> {
  return command(context, 'project.close', input, async (tx) => {
    await requireTier(context, tx.manager, ['OFFICER'], []);
    const evaluation = await lockEvaluation(tx.manager, input.projectId);
    await requireGoverned(tx, evaluation.organiserCode);
    await closeEvaluation(tx, evaluation);
    tx.subject('ProjectEvaluation', evaluation.id);
    return { projectId: evaluation.projectId };
  });
}
