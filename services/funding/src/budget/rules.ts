import type { OrgUnit } from '@yanxiu/registry/org-unit';
import { accepted, refused, type Decision } from '@yanxiu/subgraph/decision';
import { formatHundredths } from '@yanxiu/subgraph/decimal';
import { rights } from '@yanxiu/subgraph/permission';
import { bound, budgeted, type Balances } from '../ledger/rules.js';
import { financeOf } from '../unit/rules.js';

/** Who may do what with a budget. */
export const may = rights({ approve: financeOf, adjust: financeOf });

export type BudgetSource = 'LOCAL_TREASURY' | 'CENTRAL' | 'PROVINCIAL_TRANSFER' | 'OWN';

/** FUND-TREASURY: a department's special fund comes from the treasury of its own level. */
export function mayApprove(
  unit: Pick<OrgUnit, 'tier'>,
  source: BudgetSource,
  amountFen: number,
): Decision {
  if (unit.tier !== 'SCHOOL' && source !== 'LOCAL_TREASURY') {
    return refused(
      'FUND-TREASURY',
      '教育行政部门的培训经费由本级财政安排（LOCAL_TREASURY）。',
      'The fund of an education department comes from the treasury of its own level: ' +
        'LOCAL_TREASURY.',
      { source },
    );
  }
  if (amountFen <= 0) {
    return refused('FUND-BUDGET', '预算金额须大于零。', 'A budget is more than zero.');
  }
  return accepted();
}

/** A budget is never lowered below what is reserved, committed or paid. */
export function mayAdjust(balances: Balances, deltaFen: number): Decision {
  if (deltaFen === 0) return refused('FUND-BUDGET', '调整额不能为零。', 'Adjust by some amount.');
  const lowest = bound(balances);
  const wanted = budgeted(balances) + deltaFen;
  if (!Number.isSafeInteger(wanted)) {
    return refused('FUND-BUDGET', '预算金额过大。', 'No budget is as large as that.');
  }
  if (wanted < lowest) {
    const [wantedText, lowestText] = [formatHundredths(wanted), formatHundredths(lowest)];
    return refused(
      'FUND-BUDGET',
      `调整后预算为 ${wantedText} 元，低于已预留、承诺和支付的 ${lowestText} 元。`,
      `The budget would be ${wantedText} yuan, below the ${lowestText} yuan that are reserved, ` +
        'committed or paid.',
      { budget: wantedText, bound: lowestText },
    );
  }
  return accepted();
}
