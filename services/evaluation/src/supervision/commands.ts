import { acting, governed } from '@yanxiu/registry/scope';
import { localDate } from '@yanxiu/subgraph/calendar';
import { command, type CommandInput } from '@yanxiu/subgraph/command';
import type { Context } from '@yanxiu/subgraph/context';
import { enforce, permit } from '@yanxiu/subgraph/decision';
import { badInput } from '@yanxiu/subgraph/errors';
import { itemsOf } from '../instrument/queries.js';
import { lockEvaluation } from '../project/queries.js';
import { requireOpen, scoreByRubric, type CriterionScore } from '../project/rules.js';
import { Supervision } from './entity.js';
import { may } from './rules.js';

export interface SubmitSupervisionInput extends CommandInput {
  id?: string;
  projectId: string;
  scores: readonly CriterionScore[];
  findings: string;
  visitedOn: string;
}

/** Submits or replaces an inspection by the organiser's department or one above it (R13, R114). */
export async function submitSupervision(
  context: Context,
  input: SubmitSupervisionInput,
): Promise<{ supervisionId: string }> {
  return command(context, 'supervision.submit', input, async (tx) => {
    const { manager, now } = tx;
    const { findings, visitedOn } = input;
    if (!findings.trim()) throw badInput('请填写督查意见。', 'Say in `findings` what was found.');
    if (visitedOn > localDate(now)) {
      throw badInput('督查日期不能晚于今天。', '`visitedOn` cannot be in the future.');
    }
    const evaluation = await lockEvaluation(manager, input.projectId);
    const by = await acting(tx);
    permit(may(by, 'supervise', await governed(by, tx, evaluation.organiserCode)));
    enforce(requireOpen(evaluation));
    const rubric = await itemsOf(manager, evaluation.supervisionInstrumentId);
    const scores = input.scores.map(({ key, score }) => ({ key, score }));
    const score = enforce(scoreByRubric(rubric, scores));
    const place = { evaluationId: evaluation.id, unitCode: tx.actor.unit, visitedOn };
    const earlier = await manager.findOneBy(Supervision, place);
    const id = earlier?.id ?? input.id ?? tx.newId();
    await manager.save(
      manager.create(Supervision, { ...place, id, scores, score, findings, submittedAt: now }),
    );
    tx.subject('Supervision', id);
    return { supervisionId: id };
  });
}
