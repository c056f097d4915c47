import type { PolicySet } from '@yanxiu/registry/policy';
import { accepted, refused, type Decision } from '@yanxiu/subgraph/decision';
import { formatHundredths } from '@yanxiu/subgraph/decimal';
import { rights } from '@yanxiu/subgraph/permission';
import { remaining, type CommitmentAmounts } from '../commitment/rules.js';
import { financeOf } from '../unit/rules.js';

/** Who may do what with the payments of a unit. */
export const may = rights({ record: financeOf, reverse: financeOf });

interface Wanted {
  projectId: string;
  amountFen: number;
  category: string;
}

/** FUND-EARMARK: only against a commitment, in an allowed category, never above what remains. */
export function mayPay(
  wanted: Wanted,
  commitment: CommitmentAmounts | null,
  policies: PolicySet,
): Decision {
  if (!commitment) {
    return refused(
      'FUND-EARMARK',
      `项目 ${wanted.projectId} 没有有效的经费承诺，不能支付。`,
      `Project ${wanted.projectId} has no commitment: nothing can be paid for it.`,
    );
  }
  const categories = policies.value<string[]>('funding.categories');
  if (!categories.includes(wanted.category)) {
    return refused(
      'FUND-EARMARK',
      `支出类别 ${wanted.category} 不在允许范围内：${categories.join('、')}。`,
      `The category ${wanted.category} is not allowed; these are: ${categories.join(', ')}.`,
      { categories },
    );
  }
  if (wanted.amountFen <= 0) {
    return refused('FUND-EARMARK', '支付金额须大于零。', 'A payment is more than zero.');
  }
  const left = remaining(commitment);
  if (wanted.amountFen > left) {
    const [wantedText, leftText] = [formatHundredths(wanted.amountFen), formatHundredths(left)];
    return refused(
      'FUND-EARMARK',
      `支付 ${wantedText} 元超过承诺余额 ${leftText} 元。`,
      `A payment of ${wantedText} yuan is above the ${leftText} yuan that remain committed.`,
      { amount: wantedText, remaining: leftText },
    );
  }
  return accepted();
}

/** A payment is taken back once. */
export const mayReverse = (paymentId: string, reversed: boolean): Decision =>
  reversed
    ? refused(
        'FUND-EARMARK',
        `支付 ${paymentId} 已冲销。`,
        `Payment ${paymentId} was taken back already.`,
      )
    : accepted();
