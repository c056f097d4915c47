import type { Phase, ServiceName, Step, StepActor } from './step.js';

type Extra = Partial<Pick<Step, 'expect' | 'enrolmentsOf'>>;

/** Takes down steps, phase after phase, and gives each its idempotency key. */
export class Book {
  readonly #phases: { name: string; steps: Step[] }[] = [];
  #count = 0;

  constructor(readonly seed: number) {}

  phase(name: string): void {
    this.#phases.push({ name, steps: [] });
  }

  step(
    service: ServiceName,
    command: string,
    at: string,
    actor: StepActor,
    input: Readonly<Record<string, unknown>>,
    extra: Extra = {},
  ): void {
    const phase = this.#phases.at(-1);
    if (!phase) throw new Error('a step before the first phase');
    this.#count += 1;
    const idempotencyKey = `seed-${this.seed}-${this.#count}`;
    phase.steps.push({
      service,
      command,
      at,
      actor,
      input: { idempotencyKey, ...input },
      ...extra,
    });
  }

  /** Hands over the phases that have steps, and keeps none. */
  take(): Phase[] {
    return this.#phases.splice(0).filter(({ steps }) => steps.length > 0);
  }
}

export const officer = (unit: string): StepActor => ({
  subject: `officer:${unit}`,
  role: 'OFFICER',
  unit,
});

export const coordinator = (unit: string): StepActor => ({
  subject: `coordinator:${unit}`,
  role: 'COORDINATOR',
  unit,
});

export const finance = (unit: string): StepActor => ({
  subject: `finance:${unit}`,
  role: 'FINANCE',
  unit,
});

export const staff = (institution: { code: string; byUnit: string }): StepActor => ({
  subject: `institution:${institution.code}`,
  role: 'INSTITUTION',
  unit: institution.byUnit,
  institution: institution.code,
});

/** Code of the agency (专业机构) that assesses projects; no training institution. */
export const EVALUATION_AGENCY = 'PG14000001';

/** An agency of its own: neither the deliverer nor the organiser (EVAL-INDEPENDENT). */
export const evaluator = (): StepActor => ({
  subject: `evaluator:${EVALUATION_AGENCY}`,
  role: 'EVALUATOR',
  unit: '140000',
  institution: EVALUATION_AGENCY,
});
