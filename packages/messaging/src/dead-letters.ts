import type { EntityManager } from 'typeorm';
import { EnvelopeError, parseEnvelope, type Envelope } from '@yanxiu/contracts/envelope';
import { isTransient } from './handlers.js';
import { lockHighWater } from './high-water.js';
import type { Inbox } from './inbox.js';

export type Resolution = 'REDRIVEN' | 'DISCARDED' | 'DUPLICATE';

/** A message that could not be handled, as the consumer's database keeps it. */
export interface DeadLetter {
  id: string;
  consumer: string;
  topic: string;
  partition: number;
  position: string;
  key: string | null;
  /** Null when the message is no event. */
  version: number | null;
  value: string;
  fault: string;
  detail: string;
  parkedAt: Date;
  resolvedAt: Date | null;
  resolution: Resolution | null;
  resolvedBy: string | null;
  reason: string | null;
  correctedValue: string | null;
}

/** Why a dead letter stays as it is. */
export type Obstacle =
  | 'RESOLVED'
  /** An event before it on its key has not been taken. */
  | 'GAP'
  /** It fails again. */
  | 'FAILED'
  /** What is given in its place is no event, or another one. */
  | 'BAD_CORRECTION'
  /** Others are held behind it, and it cannot be told which number to pass over. */
  | 'NUMBER_UNKNOWN';

export class NotResolved extends Error {
  constructor(
    readonly obstacle: Obstacle,
    detail: string,
  ) {
    super(detail);
  }
}

const COLUMNS = `id, consumer, topic, partition, position, key, version, value, fault, detail,
  parked_at AS "parkedAt", resolved_at AS "resolvedAt", resolution, resolved_by AS "resolvedBy",
  reason, corrected_value AS "correctedValue"`;

export async function findDeadLetter(
  manager: EntityManager,
  id: string,
): Promise<DeadLetter | null> {
  const rows: DeadLetter[] = await manager.query(
    `SELECT ${COLUMNS} FROM dead_letter WHERE id = $1`,
    [id],
  );
  return rows[0] ?? null;
}

/** A letter and its place among the others: instant in microseconds, then id. */
export type PlacedDeadLetter = DeadLetter & { place: string };

/** Up to `limit` letters, the newest first, after a place. */
export function listDeadLetters(
  manager: EntityManager,
  options: { open: boolean; limit: number; after: readonly string[] | null },
): Promise<PlacedDeadLetter[]> {
  const [place, id] = options.after ?? [];
  return manager.query(
    `SELECT ${COLUMNS},
       to_char(parked_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS place
     FROM dead_letter
     WHERE ($1 = false OR resolved_at IS NULL)
       AND ($2::timestamptz IS NULL OR (parked_at, id) < ($2, $3::uuid))
     ORDER BY parked_at DESC, id DESC LIMIT $4`,
    [options.open, place ?? null, id ?? null, options.limit],
  );
}

export interface Resolving {
  id: string;
  /** Account that resolves it. */
  by: string;
  now: Date;
  reason: string | null;
}

/**
 * Takes a parked message again, as it is or corrected, in the caller's transaction: the effect,
 * the mark and the resolution are one. Throws {@link NotResolved}; the caller must then roll back.
 */
export async function redriveDeadLetter(
  manager: EntityManager,
  inbox: Inbox,
  resolving: Resolving,
  correctedValue: string | null,
): Promise<DeadLetter> {
  const letter = await lockOpen(manager, resolving.id);
  if (isForeign(letter)) {
    throw new NotResolved('FAILED', 'it is not of the owner of its topic: discard it');
  }
  const envelope = envelopeToTake(letter, correctedValue);
  const outcome = await takeAgain(manager, inbox, letter, correctedValue ?? letter.value);
  if (outcome === 'held') {
    throw new NotResolved('GAP', `an event before number ${envelope.aggregateversion} is missing`);
  }
  const resolution = outcome === 'duplicate' ? 'DUPLICATE' : 'REDRIVEN';
  return resolve(manager, letter, envelope, { ...resolving, resolution, correctedValue });
}

/**
 * Gives a parked message up: the mark passes over its number without an effect. Throws
 * {@link NotResolved}.
 */
export async function discardDeadLetter(
  manager: EntityManager,
  resolving: Resolving & { reason: string },
): Promise<DeadLetter> {
  const letter = await lockOpen(manager, resolving.id);
  const done = { ...resolving, correctedValue: null };
  if (isForeign(letter))
    return resolve(manager, letter, null, { ...done, resolution: 'DISCARDED' });
  const envelope = readable(letter.value);
  if (!envelope) {
    await assertNothingHeld(manager, letter);
    return resolve(manager, letter, null, { ...done, resolution: 'DISCARDED' });
  }
  const { subject: key, aggregateversion: version } = envelope;
  const seen = await lockHighWater(manager, letter.consumer, letter.topic, key);
  if (version <= seen)
    return resolve(manager, letter, envelope, { ...done, resolution: 'DUPLICATE' });
  if (version > seen + 1) {
    throw new NotResolved('GAP', `number ${seen + 1} of this key comes first`);
  }
  await manager.query(
    'UPDATE inbox SET version = $4 WHERE consumer = $1 AND topic = $2 AND key = $3',
    [letter.consumer, letter.topic, key, version],
  );
  return resolve(manager, letter, envelope, { ...done, resolution: 'DISCARDED' });
}

/** Whether it came from another than its topic's owner: it then has no number to pass over. */
const isForeign = ({ fault }: DeadLetter): boolean => fault === 'WRONG_ORIGIN';

async function lockOpen(manager: EntityManager, id: string): Promise<DeadLetter> {
  const rows: DeadLetter[] = await manager.query(
    `SELECT ${COLUMNS} FROM dead_letter WHERE id = $1 FOR UPDATE`,
    [id],
  );
  const letter = rows[0];
  if (!letter) throw new NotResolved('RESOLVED', 'there is no such letter');
  if (letter.resolution) throw new NotResolved('RESOLVED', `it is ${letter.resolution} already`);
  return letter;
}

function readable(value: string): Envelope | null {
  try {
    return parseEnvelope(value);
  } catch (error) {
    if (error instanceof EnvelopeError) return null;
    throw error;
  }
}

/** The event to take; a correction must be of the same event as far as that can be told. */
function envelopeToTake(letter: DeadLetter, correctedValue: string | null): Envelope {
  const original = readable(letter.value);
  const envelope = readable(correctedValue ?? letter.value);
  if (!envelope) {
    const what = correctedValue === null ? 'the message' : 'the correction';
    throw new NotResolved(
      correctedValue === null ? 'FAILED' : 'BAD_CORRECTION',
      `${what} is no event`,
    );
  }
  const same = original
    ? envelope.id === original.id &&
      envelope.subject === original.subject &&
      envelope.aggregateversion === original.aggregateversion
    : letter.key === null || envelope.subject === letter.key;
  if (same) return envelope;
  throw new NotResolved('BAD_CORRECTION', 'the correction is another event or of another key');
}

async function takeAgain(manager: EntityManager, inbox: Inbox, letter: DeadLetter, value: string) {
  try {
    return await inbox.takeWithin(manager, { ...letter, value });
  } catch (error) {
    if (isTransient(error)) throw error;
    throw new NotResolved('FAILED', error instanceof Error ? error.message : String(error));
  }
}

async function assertNothingHeld(manager: EntityManager, letter: DeadLetter): Promise<void> {
  const rows: { count: number }[] = await manager.query(
    `SELECT count(*)::int AS count FROM inbox_held
     WHERE consumer = $1 AND topic = $2 AND ($3::text IS NULL OR key = $3)`,
    [letter.consumer, letter.topic, letter.key],
  );
  const count = rows[0]?.count ?? 0;
  if (count > 0) throw new NotResolved('NUMBER_UNKNOWN', `${count} events may be held behind it`);
}

/** Notes the resolution, also on letters of the same event, and lets what is held go on at once. */
async function resolve(
  manager: EntityManager,
  letter: DeadLetter,
  envelope: Envelope | null,
  as: Resolving & { resolution: Resolution; correctedValue: string | null },
): Promise<DeadLetter> {
  await manager.query(
    `UPDATE dead_letter SET resolved_at = $2, resolution = $3, resolved_by = $4, reason = $5,
       corrected_value = $6 WHERE id = $1`,
    [letter.id, as.now, as.resolution, as.by, as.reason, as.correctedValue],
  );
  if (envelope) {
    const place = [letter.consumer, letter.topic, envelope.subject];
    await manager.query(
      `UPDATE dead_letter SET resolved_at = $5, resolution = 'DUPLICATE', resolved_by = $6,
         reason = $7
       WHERE consumer = $1 AND topic = $2 AND key = $3 AND version = $4 AND resolved_at IS NULL`,
      [...place, envelope.aggregateversion, as.now, as.by, `the same event as ${letter.id}`],
    );
    await manager.query(
      `UPDATE inbox_held SET next_try_at = clock_timestamp()
       WHERE consumer = $1 AND topic = $2 AND key = $3`,
      place,
    );
  }
  const resolved = await findDeadLetter(manager, letter.id);
  if (!resolved) throw new Error(`dead letter ${letter.id} is gone`);
  return resolved;
}
