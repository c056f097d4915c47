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

/** Why someone may not act, where no rule of the guideline is broken. */
export interface Denial {
  rule: null;
  text: Bilingual;
}

/** Answer to "may this actor do this here": yes, a rule that is broken, or not she. */
export type Permission = Decision | { accepted: false; refusal: Denial };

export const denied = (zh: string, en: string): { accepted: false; refusal: Denial } => ({
  accepted: false,
  refusal: { rule: null, text: { zh, en } },
});

/**
 * The value of an accepted decision; a refused one is thrown as REFUSED with its rule, a
 * {@link Denial} as FORBIDDEN.
 */
export function enforce<T>(decision: Decision<T>): T;
export function enforce(permission: Permission): void;
export function enforce<T>(decision: Decision<T> | Permission): T | undefined {
  if (decision.accepted) return decision.value;
  throw refusedAs(decision.refusal.rule === null ? 'FORBIDDEN' : 'REFUSED', decision.refusal);
}

/** As {@link enforce} for a decision on who may act: every refusal is thrown as FORBIDDEN. */
export function permit(permission: Permission): void {
  if (!permission.accepted) throw refusedAs('FORBIDDEN', permission.refusal);
}

function refusedAs(code: 'FORBIDDEN' | 'REFUSED', refusal: Refusal | Denial): DomainError {
  const { rule, text } = refusal;
  if (rule === null) return new DomainError(code, text);
  const { details } = refusal;
  return new DomainError(code, text, { rule, ...(details && { details }) });
}
