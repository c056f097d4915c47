import { DomainError, type Bilingual } from './errors.js';

/** Answer of a pure rule: accepted, or refused with the id of the rule that is broken. */
export type Decision<T = undefined> =
  { accepted: true; value: T } | { accepted: false; refusal: Refusal };

export interface Refusal {
  /** Stable id (domain.md §4), e.g. `SCHEME-ETHICS-FIRST`. */
  rule: string;
  text: Bilingual;
  details?: Record<string, unknown>;
}

export function accepted(): Decision;
export function accepted<T>(value: T): Decision<T>;
export function accepted<T>(value?: T): Decision<T | undefined> {
  return { accepted: true, value };
}

export const refused = (
  rule: string,
  zh: string,
  en: string,
  details?: Record<string, unknown>,
): { accepted: false; refusal: Refusal } => ({
  accepted: false,
  refusal: { rule, text: { zh, en }, ...(details && { details }) },
});

/** The value of an accepted decision; a refused one is thrown as REFUSED with its rule. */
export function enforce<T>(decision: Decision<T>): T {
  if (decision.accepted) return decision.value;
  const { rule, text, details } = decision.refusal;
  throw new DomainError('REFUSED', text, { rule, ...(details && { details }) });
}

/** As {@link enforce} for a decision on who may act: a refusal is thrown as FORBIDDEN. */
export function permit<T>(decision: Decision<T>): T {
  if (decision.accepted) return decision.value;
  const { rule, text, details } = decision.refusal;
  throw new DomainError('FORBIDDEN', text, { rule, ...(details && { details }) });
}
