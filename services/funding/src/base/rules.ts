import type { OrgUnit } from '@yanxiu/registry/org-unit';
import type { Actor } from '@yanxiu/subgraph/actor';
import { accepted, refused, type Decision } from '@yanxiu/subgraph/decision';
import { all, inRole, rights } from '@yanxiu/subgraph/permission';
import { forUnitItself } from '../unit/rules.js';

/** Who may declare for a unit and year. */
export const may = rights({
  declare: (actor: Actor, year: { unitCode: string }) =>
    all(inRole(actor, 'FINANCE', 'OFFICER'), forUnitItself(actor, year)),
});

/** The amounts that a unit declares for a fiscal year; what is not its own stays null. */
export interface Amounts {
  payrollFen: number | null;
  teacherPayrollFen: number | null;
  publicFundsFen: number | null;
}

/** The rule of the guideline that sets a unit's minimum (§4.2). */
export type StatutoryRule = 'FUND-GOV' | 'FUND-SCHOOL' | 'FUND-HIGHER';

type Unit = Pick<OrgUnit, 'tier' | 'sector' | 'stage'>;

/** Departments by payroll; a vocational college (高职) is a university, other schools are not. */
export function statutoryRuleOf(unit: Unit): StatutoryRule {
  if (unit.tier !== 'SCHOOL') return 'FUND-GOV';
  return unit.sector === 'HIGHER' || unit.stage === 'HIGHER' ? 'FUND-HIGHER' : 'FUND-SCHOOL';
}

/** What each rule is computed from. */
export const amountFor: Readonly<Record<StatutoryRule, keyof Amounts>> = {
  'FUND-GOV': 'payrollFen',
  'FUND-SCHOOL': 'publicFundsFen',
  'FUND-HIGHER': 'teacherPayrollFen',
};

const NAMES: Readonly<Record<keyof Amounts, { zh: string; en: string }>> = {
  payrollFen: { zh: '中小学教职工工资总额（payroll）', en: 'payroll' },
  teacherPayrollFen: { zh: '教师工资总额（teacherPayroll）', en: 'teacherPayroll' },
  publicFundsFen: { zh: '年度公用经费预算总额（publicFunds）', en: 'publicFunds' },
};

/** A declaration gives the amount that the unit's own minimum follows from, and none below zero. */
export function mayDeclare(unit: Unit, amounts: Amounts): Decision {
  const rule = statutoryRuleOf(unit);
  const needed = amountFor[rule];
  if (amounts[needed] === null) {
    const { zh, en } = NAMES[needed];
    return refused(
      rule,
      `请申报${zh}。`,
      `Declare ${en}: the minimum of the unit follows from it.`,
    );
  }
  if (Object.values(amounts).some((amount: number | null) => amount !== null && amount < 0)) {
    return refused(rule, '申报金额不能为负数。', 'A declared amount cannot be negative.');
  }
  return accepted();
}
