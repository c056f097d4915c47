import type { Context } from '@yanxiu/subgraph/context';
import { asSystem } from '@yanxiu/subgraph/scoped-database';
import { agencyResult } from './agency/queries.js';
import { runningResultOf } from './anonymous/queries.js';
import type { ProjectEvaluation } from './project/queries.js';
import type { ChannelResult, ChannelResults } from './project/rules.js';
import { supervisionResult } from './supervision/queries.js';

/** The channels as they were frozen at the closing, or as they stand; null while WAITING. */
export async function channelsOf(
  { db, actor }: Context,
  evaluation: ProjectEvaluation,
): Promise<ChannelResults | null> {
  if (evaluation.channels || evaluation.state !== 'OPEN') return evaluation.channels;
  // Computed over what all three channels hold, also where only the result is shown.
  const { manager } = asSystem(db);
  const running: ChannelResults = {
    agency: await agencyResult(manager, evaluation.id),
    anonymous: await runningResultOf(manager, evaluation.projectId),
    supervision: await supervisionResult(manager, evaluation.id),
  };
  if (actor?.role !== 'EVALUATOR') return running;
  // An agency judges by itself: what the others found is not shown to it before the end.
  return { ...running, agency: hidden(running.agency), supervision: hidden(running.supervision) };
}

const hidden = (result: ChannelResult): ChannelResult => ({
  ...result,
  score: null,
  reliability: null,
  reason: { zh: '评估结束后公布。', en: 'Shown when the evaluation is closed.' },
});
