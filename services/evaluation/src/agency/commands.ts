import { command, type CommandInput } from '@yanxiu/subgraph/command';
import type { Context } from '@yanxiu/subgraph/context';
import { enforce, permit } from '@yanxiu/subgraph/decision';
import { DomainError, badInput } from '@yanxiu/subgraph/errors';
import { itemsOf } from '../instrument/queries.js';
import { agencyOf, institutionCodes, lockEvaluation } from '../project/queries.js';
import { requireOpen, scoreByRubric, type CriterionScore } from '../project/rules.js';
import { AgencyAssessment } from './entity.js';
import * as rules from './rules.js';

export interface SubmitAgencyAssessmentInput extends CommandInput {
  id?: string;
  projectId: string;
  scores: readonly CriterionScore[];
  comment: string;
}

/** Submits or replaces the acting agency's assessment (EVAL-INDEPENDENT). */
export async function submitAgencyAssessment(
  context: Context,
  input: SubmitAgencyAssessmentInput,
): Promise<{ assessmentId: string }> {
  return command(context, 'agency.submit', input, async (tx) => {
    const { manager, now } = tx;
    permit(rules.may(tx.actor, 'assess'));
    const agencyCode = agencyOf(tx.actor);
    if (!input.comment.trim()) throw badInput('请填写评语。', 'Give the reasons in `comment`.');
    const evaluation = await lockEvaluation(manager, input.projectId);
    const { organiserCode, delivererIds } = evaluation;
    const deliverers = await institutionCodes(manager, delivererIds);
    // Without the code of each deliverer independence cannot be judged.
    if (deliverers.length < new Set(delivererIds).size) throw deliverersUnknown();
    const delivererCodes = deliverers.map(({ code }) => code);
    enforce(rules.independent(agencyCode, { organiserCode, delivererCodes }));
    enforce(requireOpen(evaluation));
    const rubric = await itemsOf(manager, evaluation.agencyInstrumentId);
    const scores = input.scores.map(({ key, score }) => ({ key, score }));
    const score = enforce(scoreByRubric(rubric, scores));
    const earlier = await manager.findOneBy(AgencyAssessment, {
      evaluationId: evaluation.id,
      agencyCode,
    });
    const id = earlier?.id ?? input.id ?? tx.newId();
    const { comment } = input;
    const evaluationId = evaluation.id;
    await manager.save(
      manager.create(AgencyAssessment, {
        ...{ id, evaluationId, agencyCode, scores, score, comment },
        submittedAt: now,
      }),
    );
    tx.subject('AgencyAssessment', id);
    return { assessmentId: id };
  });
}

const deliverersUnknown = () =>
  new DomainError('UNAVAILABLE', {
    zh: '承训机构的信息尚未同步，请稍后重试。',
    en: 'The deliverers of this project are not known here yet. Try again shortly.',
  });
