import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { after, bound, budgeted, emptyBalances, move, undo, type Account } from './rules.js';

const accounts: Account[] = ['APPROPRIATION', 'AVAILABLE', 'RESERVED', 'COMMITTED', 'PAID'];
const account = fc.constantFrom(...accounts);
const fen = fc.integer({ min: -1_000_000_000, max: 1_000_000_000 });
const moves = fc.array(
  fc.tuple(account, account, fen).filter(([from, to]) => from !== to),
  { maxLength: 30 },
);

describe('the ledger', () => {
  it('sums to zero after any moves, so the budget is what is free and what is bound', () => {
    fc.assert(
      fc.property(moves, (all) => {
        const lines = all.map((one) => move(...one));
        for (const entry of lines) {
          expect(entry.reduce((sum, line) => sum + line.amountFen, 0)).toBe(0);
          expect(entry.every((line) => line.amountFen !== 0)).toBe(true);
        }
        const balances = lines.reduce(after, emptyBalances);
        expect(budgeted(balances)).toBe(balances.AVAILABLE + bound(balances));
      }),
    );
  });

  it('is as before when an entry is undone', () => {
    fc.assert(
      fc.property(moves, account, account, fen, (all, from, to, amount) => {
        fc.pre(from !== to);
        const before = all.map((one) => move(...one)).reduce(after, emptyBalances);
        const entry = move(from, to, amount);
        expect(after(after(before, entry), undo(entry))).toEqual(before);
      }),
    );
  });
});
