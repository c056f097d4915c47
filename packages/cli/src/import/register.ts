import { createHash } from 'node:crypto';
import { problemAt, type Kind, type Problem, type RowResult } from './kind.js';
import type { Roster, RosterRow } from './roster.js';

export const BATCH_ROWS = 200;

/** What came of an import, or of the part before it stopped. */
export interface Outcome {
  registered: number;
  unchanged: number;
  rejected: number;
  problems: Problem[];
  /** Rows that the platform has answered for, and all that were to be sent. */
  answered: number;
  toSend: number;
  /** Why it stopped before the end. */
  stopped: Error | null;
}

/** Rows to send together. */
export interface Batch<R> {
  rows: R[];
  dryRun: boolean;
  idempotencyKey: string;
}

export interface Registering<F extends string, R> {
  kind: Kind<F, R>;
  /** Hash of the file. */
  fileHash: string;
  /** Another for each run: see {@link keyOf}. */
  run: string;
  dryRun: boolean;
  send: (batch: Batch<R>) => Promise<RowResult[]>;
  onProgress: (answered: number, toSend: number) => void;
}

/** Sends the rows batch by batch; stops at the first batch that cannot be settled. */
export const registerRoster = async <F extends string, R>(
  roster: Roster<F, R>,
  how: Registering<F, R>,
): Promise<Outcome> => {
  const { rows, problems, rejected } = roster;
  const outcome: Outcome = {
    ...{ registered: 0, unchanged: 0, rejected, problems: [...problems] },
    ...{ answered: 0, toSend: rows.length, stopped: null },
  };
  for (let from = 0; from < rows.length; from += BATCH_ROWS) {
    how.onProgress(outcome.answered, outcome.toSend);
    const batch = rows.slice(from, from + BATCH_ROWS);
    const inputs = batch.map(({ input }) => input);
    const idempotencyKey = keyOf(how, JSON.stringify(inputs));
    try {
      const results = await how.send({ rows: inputs, dryRun: how.dryRun, idempotencyKey });
      for (const [index, result] of results.entries())
        count(outcome, how.kind, batch[index], result);
    } catch (error) {
      outcome.stopped = error instanceof Error ? error : new Error(String(error));
      break;
    }
    outcome.answered += batch.length;
  }
  how.onProgress(outcome.answered, outcome.toSend);
  const order = new Map(roster.sheets.map((sheet, index) => [sheet, index]));
  const place = ({ sheet }: Problem) => order.get(sheet) ?? 0;
  outcome.problems.sort((a, b) => place(a) - place(b) || a.row - b.row);
  return outcome;
};

/**
 * A batch that is sent again after a lost answer gets the answer it would have had. Across runs
 * the platform knows what it has by its content; a key that outlived its run would repeat refusals
 * whose cause (a unit that was missing) is long gone.
 */
const keyOf = (
  {
    kind,
    fileHash,
    run,
  }: Pick<Registering<string, never>, 'fileHash' | 'run'> & { kind: { name: string } },
  content: string,
): string => {
  const hash = createHash('sha256').update(`${run}\n${fileHash}\n${content}`).digest('hex');
  return `${kind.name}-${hash}`;
};

const count = <F extends string, R>(
  outcome: Outcome,
  kind: Kind<F, R>,
  row: RosterRow<F, R> | undefined,
  result: RowResult,
): void => {
  if (!row) return;
  if (result.status === 'REGISTERED') outcome.registered += 1;
  else if (result.status === 'UNCHANGED') outcome.unchanged += 1;
  else {
    outcome.rejected += 1;
    for (const { column, rule, messageZh, messageEn } of result.problems) {
      const reason = { zh: messageZh, en: messageEn };
      const field = fieldNamed(kind, column);
      outcome.problems.push(
        field
          ? problemAt(kind, row, field, { rule, reason })
          : { sheet: row.sheet, row: row.row, column, value: '', rule, reason },
      );
    }
  }
};

const fieldNamed = <F extends string>(
  { columns }: Pick<Kind<F, unknown>, 'columns'>,
  name: string,
): F | undefined => (Object.keys(columns.headings) as F[]).find((field) => field === name);
