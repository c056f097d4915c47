import type { HourEntryRow, NewEntry } from '../ledger/queries.js';
import { postOn, type Post } from '../teacher/rules.js';
import type { Outcome } from './rules.js';
import type { StoredCause } from './queries.js';

/** The decision that holds on a cause, and all postings ever made on the cause. */
export interface LiveDecision {
  decisionId: string;
  sequence: number;
  status: Outcome['status'];
  rule: string | null;
  entries: HourEntryRow[];
}

/** A decision to be written: the first on its cause, or one that takes an earlier one back. */
export interface Change {
  decisionId: string;
  cause: StoredCause;
  sequence: number;
  outcome: Outcome;
  /** The decision that it takes back. */
  earlier: LiveDecision | null;
  /** Reversals of the earlier decision's credits, then the new credits. */
  entries: NewEntry[];
}

interface Situation {
  causes: readonly StoredCause[];
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
    const decisionId = newId();
    const reversals = earlier ? reversalsOf(earlier, decisionId, newId) : [];
    const posted = [...(earlier?.entries ?? []), ...reversals];
    const credits = outcome.credits.map(({ year, centihours, validOn }): NewEntry => {
      return {
        id: newId(),
        teacherId: cause.teacherId,
        causeId: cause.causeId,
        decisionId,
        kind: 'CREDIT',
        reversesEntryId: null,
        followsEntryId: openReversal(posted, year),
        year,
        centihours,
        validOn,
        unitCode: postOn(posts, validOn)?.unitCode ?? cause.unitCode,
        projectId: cause.projectId,
        level: cause.level,
        modality: modalityOf(cause),
      };
    });
    const sequence = (earlier?.sequence ?? 0) + 1;
    return [{ decisionId, cause, sequence, outcome, earlier, entries: [...reversals, ...credits] }];
  });
}

const creditsOf = (live: LiveDecision): HourEntryRow[] =>
  live.entries.filter(
    ({ decisionId, kind }) => decisionId === live.decisionId && kind === 'CREDIT',
  );

function isSame(live: LiveDecision, outcome: Outcome): boolean {
  const text = (credits: readonly { year: number; centihours: number; validOn: string }[]) =>
    credits
      .map(({ year, centihours, validOn }) => `${year}:${centihours}:${validOn}`)
      .sort()
      .join();
  return (
    live.status === outcome.status &&
    live.rule === outcome.rule &&
    text(creditsOf(live)) === text(outcome.credits)
  );
}

/** The one reversal of the year after which nothing has been credited yet. */
function openReversal(posted: readonly NewEntry[], year: number): string | null {
  const followed = new Set(posted.map(({ followsEntryId }) => followsEntryId));
  const open = posted.find(
    (entry) => entry.year === year && entry.kind === 'REVERSAL' && !followed.has(entry.id),
  );
  return open?.id ?? null;
}

function reversalsOf(live: LiveDecision, decisionId: string, newId: () => string): NewEntry[] {
  return creditsOf(live).map(({ id, recordedAt: _, ...credit }) => ({
    ...credit,
    id: newId(),
    decisionId,
    kind: 'REVERSAL',
    reversesEntryId: id,
    followsEntryId: null,
    centihours: -credit.centihours,
  }));
}

/** How the sessions were held; `MIXED` when in several ways. */
function modalityOf({ sessions }: StoredCause): string {
  const modalities = new Set(sessions.map(({ modality }) => modality));
  return modalities.size === 1 ? ([...modalities][0] ?? 'MIXED') : 'MIXED';
}
