import { isCredit, type Posting } from '../ledger/queries.js';
import { postOn, type Post } from '../teacher/rules.js';
import type { Outcome } from './rules.js';
import type { PolicySet } from '@yanxiu/registry/policy';
import type { StoredCause } from './store.js';

/** The decision that holds on a cause, and all postings ever made on the cause. */
export interface LiveDecision {
  decisionId: string;
  sequence: number;
  rule: string | null;
  entries: Posting[];
}

/** A decision to be written: the first on its cause, or one that takes an earlier one back. */
export interface Change {
  decisionId: string;
  cause: StoredCause & { policies: PolicySet };
  sequence: number;
  outcome: Outcome;
  /** The decision that it takes back. */
  earlier: LiveDecision | null;
  /** Reversals of the earlier decision's credits, then the new credits. */
  entries: Posting[];
}

interface Situation {
  causes: readonly (StoredCause & { policies: PolicySet })[];
  outcomes: ReadonlyMap<string, Outcome>;
  live: ReadonlyMap<string, LiveDecision>;
  posts: readonly Post[];
  newId: () => string;
}

/** Compares outcomes with the decisions that hold: what must be written so that they agree. */
export function changesOf({ causes, outcomes, live, posts, newId }: Situation): Change[] {
  return causes.flatMap((cause) => {
    const outcome = outcomes.get(cause.causeId);
    if (!outcome) throw new Error(`no outcome for cause ${cause.causeId}`);
    const earlier = live.get(cause.causeId) ?? null;
    if (earlier && isSame(earlier, outcome)) return [];
    const sequence = (earlier?.sequence ?? 0) + 1;
    const reversals = earlier ? reversalsOf(earlier, sequence, newId) : [];
    const posted = [...(earlier?.entries ?? []), ...reversals];
    const credits = outcome.credits.map(({ year, centihours, rawMinutes, validOn }): Posting => {
      return {
        id: newId(),
        teacherId: cause.teacherId,
        causeId: cause.causeId,
        turn: posted.filter((entry) => entry.year === year).length + 1,
        decisionSequence: sequence,
        year,
        centihours,
        rawMinutes,
        validOn,
        unitCode: postOn(posts, validOn)?.unitCode ?? cause.unitCode,
      };
    });
    const entries = [...reversals, ...credits];
    return [{ decisionId: newId(), cause, sequence, outcome, earlier, entries }];
  });
}

const creditsOf = (live: LiveDecision): Posting[] =>
  live.entries.filter((entry) => entry.decisionSequence === live.sequence && isCredit(entry));

function isSame(live: LiveDecision, outcome: Outcome): boolean {
  const text = (credits: readonly { year: number; centihours: number; validOn: string }[]) =>
    credits
      .map(({ year, centihours, validOn }) => `${year}:${centihours}:${validOn}`)
      .sort()
      .join();
  return live.rule === outcome.rule && text(creditsOf(live)) === text(outcome.credits);
}

function reversalsOf(live: LiveDecision, sequence: number, newId: () => string): Posting[] {
  return creditsOf(live).map((credit) => ({
    ...credit,
    id: newId(),
    turn: credit.turn + 1,
    decisionSequence: sequence,
    centihours: -credit.centihours,
  }));
}
