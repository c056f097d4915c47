export type Account = 'APPROPRIATION' | 'AVAILABLE' | 'RESERVED' | 'COMMITTED' | 'PAID';

export type EntryKind = 'APPROVE' | 'ADJUST' | 'RESERVE' | 'COMMIT' | 'RELEASE' | 'PAY' | 'REVERSE';

/** One side of an entry: positive into the account, negative out of it. */
export interface Line {
  account: Account;
  amountFen: number;
}

/** What stands on each account; APPROPRIATION is the counter-account and never above zero. */
export type Balances = Readonly<Record<Account, number>>;

export const emptyBalances: Balances = {
  APPROPRIATION: 0,
  AVAILABLE: 0,
  RESERVED: 0,
  COMMITTED: 0,
  PAID: 0,
};

/** Moves money between two accounts; a negative amount moves it back. Nothing moves for zero. */
export const move = (from: Account, to: Account, amountFen: number): Line[] =>
  amountFen === 0
    ? []
    : [
        { account: from, amountFen: -amountFen },
        { account: to, amountFen },
      ];

/** The lines that undo an entry. */
export const undo = (lines: readonly Line[]): Line[] =>
  lines.map(({ account, amountFen }) => ({ account, amountFen: -amountFen }));

/** The balances after an entry. */
export function after(balances: Balances, lines: readonly Line[]): Balances {
  const next = { ...balances };
  for (const { account, amountFen } of lines) next[account] += amountFen;
  return next;
}

/** The approved budget. */
export const budgeted = (balances: Balances): number => 0 - balances.APPROPRIATION;

/** What is bound: reserved, committed or paid. */
export const bound = ({ RESERVED, COMMITTED, PAID }: Balances): number =>
  RESERVED + COMMITTED + PAID;
