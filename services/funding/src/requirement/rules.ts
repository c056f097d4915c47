import type { PolicySet } from '@yanxiu/registry/policy';
import type { Amounts, StatutoryRule } from '../base/rules.js';

/** Which parameter each rule reads. */
export const policyKeyOf: Readonly<Record<StatutoryRule, string>> = {
  'FUND-GOV': 'funding.gov',
  'FUND-SCHOOL': 'funding.school',
  'FUND-HIGHER': 'funding.higher',
};

/** Value of those parameters. */
interface Share {
  basisPoints: number;
  base: 'PAYROLL_BASIC' | 'PUBLIC_FUNDS' | 'TEACHER_PAYROLL';
  /** A12: 按…5% is tested as a minimum unless the parameter says otherwise. */
  comparator?: Comparator;
}

export type Comparator = 'MINIMUM' | 'EXACT';

const AMOUNT_OF: Readonly<Record<Share['base'], keyof Amounts>> = {
  PAYROLL_BASIC: 'payrollFen',
  PUBLIC_FUNDS: 'publicFundsFen',
  TEACHER_PAYROLL: 'teacherPayrollFen',
};

/** A unit's minimum for a fiscal year, with where it comes from. */
export interface Requirement {
  rule: StatutoryRule;
  comparator: Comparator;
  baseFen: number;
  basisPoints: number;
  requiredFen: number;
  policyKey: string;
  policyVersion: number;
  article: string;
}

/** `basisPoints` of `fen`, half up to the fen, in whole numbers. */
export const shareOf = (fen: number, basisPoints: number): number =>
  Number((BigInt(fen) * BigInt(basisPoints) + 5_000n) / 10_000n);

/** The minimum by the parameter in force; null when its base was not declared. */
export function requirementOf(
  rule: StatutoryRule,
  amounts: Amounts,
  policies: PolicySet,
): Requirement | null {
  const policy = policies.get<Share>(policyKeyOf[rule]);
  const { basisPoints, base, comparator = 'MINIMUM' } = policy.value;
  const baseFen = amounts[AMOUNT_OF[base]];
  if (baseFen === null) return null;
  return {
    rule,
    comparator,
    baseFen,
    basisPoints,
    requiredFen: shareOf(baseFen, basisPoints),
    policyKey: policy.key,
    policyVersion: policy.version,
    article: policy.article,
  };
}

/** What is missing to a sum, never below zero. */
export const missingTo = (wantedFen: number, presentFen: number): number =>
  Math.max(wantedFen - presentFen, 0);

/** A minimum is met from there on, an exact share only there. */
export const isMet = (comparator: Comparator, requiredFen: number, budgetedFen: number): boolean =>
  comparator === 'EXACT' ? budgetedFen === requiredFen : budgetedFen >= requiredFen;
