import { Type } from '@sinclair/typebox';
import { topic, type DataOf } from './contract.js';
import { p0 } from './data-class.js';
import { Instant, UnitCode, Uuid, literals, nullable, says } from './fields.js';

const projectEvaluation = topic('evaluation.project-evaluation', 'TrainingProject id');
const rating = topic('evaluation.institution-rating', 'TrainingInstitution id');

const CentiScore = Type.Integer({
  minimum: 0,
  maximum: 10_000,
  description: 'A score of 0–100, in integer hundredths.',
});

export const evaluationOpened = projectEvaluation(
  'evaluation.opened',
  Type.Object(p0({ evaluationId: Uuid, projectId: Uuid, organiserCode: UnitCode, at: Instant })),
);
/** Composite only with all three channels (EVAL-THREE); otherwise INSUFFICIENT. */
export const evaluationClosed = projectEvaluation(
  'evaluation.closed',
  Type.Object(
    p0({
      evaluationId: Uuid,
      projectId: Uuid,
      outcome: literals(['COMPOSITE', 'INSUFFICIENT']),
      composite: nullable(CentiScore),
      agency: nullable(CentiScore),
      anonymous: nullable(CentiScore),
      supervision: nullable(CentiScore),
      delivererIds: Type.Array(Uuid),
      at: Instant,
    }),
  ),
);
export const institutionRated = rating(
  'institution.rated',
  Type.Object(
    p0({
      ratingId: Uuid,
      institutionId: Uuid,
      grade: says(
        literals(['A', 'B', 'C', 'D']),
        'A ≥ 90, B ≥ 75, C ≥ 60, D below (policy evaluation.grades).',
      ),
      score: CentiScore,
      projects: Type.Integer({ minimum: 1 }),
      at: Instant,
    }),
  ),
);

export type EvaluationOpened = DataOf<typeof evaluationOpened>;
export type EvaluationClosed = DataOf<typeof evaluationClosed>;
export type InstitutionRated = DataOf<typeof institutionRated>;
