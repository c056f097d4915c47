/** The five services that take steps. */
export type ServiceName = 'personnel' | 'training' | 'hours' | 'funding' | 'evaluation';

/** In whose name a step is given: the claims of a token (`docs/architecture.md`, Actor). */
export interface StepActor {
  subject: string;
  role: 'OFFICER' | 'COORDINATOR' | 'INSTITUTION' | 'TEACHER' | 'EVALUATOR' | 'FINANCE';
  unit: string;
  institution?: string;
}

/** One command of one service, given at one moment of history. */
export interface Step {
  service: ServiceName;
  command: string;
  /** ISO instant in UTC: the clock of the command. */
  at: string;
  actor: StepActor;
  /** With the `idempotencyKey` that makes a repeated seeding harmless. */
  input: Readonly<Record<string, unknown>>;
  /** The rule that must refuse it; what is refused otherwise stops the seeding. */
  expect?: string;
  /**
   * `input.records` name teachers: whoever sends the step replaces each `teacherId` by the
   * `enrolmentId` that the confirmation of this class gave, which no one knows beforehand.
   */
  enrolmentsOf?: string;
}

/** Steps that need nothing that events still have to bring; all is quiet before the next phase. */
export interface Phase {
  name: string;
  steps: readonly Step[];
}
