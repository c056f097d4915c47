import { Type } from '@sinclair/typebox';
import { topic, type DataOf } from './contract.js';
import { Instant, UnitCode, Uuid, literals, nullable } from './fields.js';

const projectEvaluation = topic('evaluation.project-evaluation', 'TrainingProject id', 'P0');
const rating = topic('evaluation.institution-rating', 'TrainingInstitution id', 'P0');

/** A score of 0–100, in integer hundredths. */
const CentiScore = Type.Integer({ minimum: 0, maximum: 10_000 });

export const evaluationOpened = projectEvaluation(
  'evaluation.opened',
  Type.Object({
    evaluationId: Uuid,
    projectId: Uuid,
    organiserCode: UnitCode,
    at: Instant,
  }),
);
/** Composite only with all three channels (EVAL-THREE); otherwise INSUFFICIENT. */
export const evaluationClosed = projectEvaluation(
  'evaluation.closed',
  Type.Object({
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
);
export const institutionRated = rating(
  'institution.rated',
  Type.Object({
    ratingId: Uuid,
    institutionId: Uuid,
    /** A ≥ 90, B ≥ 75, C ≥ 60, D below (policy `evaluation.grades`). */
    grade: literals(['A', 'B', 'C', 'D']),
    score: CentiScore,
    projects: Type.Integer({ minimum: 1 }),
    at: Instant,
  }),
);

export type EvaluationOpened = DataOf<typeof evaluationOpened>;
export type EvaluationClosed = DataOf<typeof evaluationClosed>;
export type InstitutionRated = DataOf<typeof institutionRated>;
