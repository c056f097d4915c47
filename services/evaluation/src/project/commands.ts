import { acting, governed } from '@yanxiu/registry/scope';
import { command, type CommandInput } from '@yanxiu/subgraph/command';
import type { Context } from '@yanxiu/subgraph/context';
import { permit } from '@yanxiu/subgraph/decision';
import { closeEvaluation } from '../closing.js';
import { lockEvaluation } from './queries.js';
import { may } from './rules.js';

export interface CloseProjectEvaluationInput extends CommandInput {
  projectId: string;
}

/** Closes an evaluation, by an officer in whose jurisdiction the organiser lies (EVAL-THREE). */
export async function closeProjectEvaluation(
  context: Context,
  input: CloseProjectEvaluationInput,
): Promise<{ projectId: string }> {
  return command(context, 'project.close', input, async (tx) => {
    const evaluation = await lockEvaluation(tx.manager, input.projectId);
    const by = await acting(tx);
    permit(may(by, 'close', await governed(by, tx, evaluation.organiserCode)));
    await closeEvaluation(tx, evaluation);
    tx.subject('ProjectEvaluation', evaluation.id);
    return { projectId: evaluation.projectId };
  });
}
