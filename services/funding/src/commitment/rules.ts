import { accepted, refused, type Decision } from '@yanxiu/subgraph/decision';
import { formatHundredths } from '@yanxiu/subgraph/decimal';

export type FundsState = 'RESERVED' | 'REFUSED' | 'COMMITTED' | 'RELEASED';

interface Asked {
  amountFen: number;
  unitCode: string;
  fiscalYear: number;
}

/** PROJECT-FUNDED: the organiser's budget of the year has as much free as the project asks for. */
export function mayReserve(asked: Asked, availableFen: number | null): Decision {
  const { amountFen, unitCode, fiscalYear } = asked;
  // A project that costs nothing needs no budget.
  if (amountFen === 0) return accepted();
  const wanted = formatHundredths(amountFen);
  if (availableFen === null) {
    return refused(
      'PROJECT-FUNDED',
      `项目申请经费 ${wanted} 元，但单位 ${unitCode} 没有 ${fiscalYear} 年培训经费预算。`,
      `The project asks for ${wanted} yuan, but unit ${unitCode} has no budget for ${fiscalYear}.`,
    );
  }
  if (amountFen > availableFen) {
    const free = formatHundredths(availableFen);
    return refused(
      'PROJECT-FUNDED',
      `项目申请经费 ${wanted} 元，单位 ${unitCode} ${fiscalYear} 年预算可用 ${free} 元，经费不足。`,
      `The project asks for ${wanted} yuan; the ${fiscalYear} budget of unit ${unitCode} has ` +
        `${free} yuan free.`,
    );
  }
  return accepted();
}

/** Money that is bound to a filed project is not asked for a second time. */
export const alreadyCommitted = (committedFen: number) =>
  refused(
    'PROJECT-FUNDED',
    `该项目已有经费承诺 ${formatHundredths(committedFen)} 元，不能重复申请。`,
    `The project has a commitment of ${formatHundredths(committedFen)} yuan already.`,
  );

export interface CommitmentAmounts {
  amountFen: number;
  paidFen: number;
  releasedFen: number;
}

/** What may still be paid against a commitment. */
export const remaining = ({ amountFen, paidFen, releasedFen }: CommitmentAmounts): number =>
  amountFen - paidFen - releasedFen;
