import { createHash } from 'node:crypto';
import { QueryFailedError, type EntityManager } from 'typeorm';
import { isStalePlan } from '@yanxiu/messaging/handlers';
import { withTx, type Tx } from '@yanxiu/messaging/transaction';
import type { Actor } from './actor.js';
import { requireActor, type Context } from './context.js';
import { DomainError } from './errors.js';
import { asWriter } from './scoped-database.js';

const MAX_ATTEMPTS = 5;
const DEADLOCK = '40P01';
const SERIALIZATION_FAILURE = '40001';
const UNIQUE_VIOLATION = '23505';

/** What a command works with: the transaction, who acts, and the audit row. */
export interface CommandTx extends Tx {
  readonly actor: Actor;
  /** Names what the command acted on, for the audit row; ids only, no personal data. */
  subject(type: string, id: string): void;
  /** Why it was done, for the audit row; the note is free text without personal data. */
  purpose(purpose: string, note?: string | null): void;
}

export interface CommandInput {
  idempotencyKey?: string | null;
}

/** Tables that a service's first migration creates for its commands. */
export const commandTables: readonly string[] = [
  `CREATE TABLE idempotency (
    actor text NOT NULL,
    key text NOT NULL,
    action text NOT NULL,
    input_hash text NOT NULL,
    result jsonb,
    recorded_at timestamptz NOT NULL,
    PRIMARY KEY (actor, key)
  )`,
  `CREATE TABLE audit (
    id uuid PRIMARY KEY,
    at timestamptz NOT NULL,
    actor text NOT NULL,
    role text NOT NULL,
    unit text NOT NULL,
    action text NOT NULL,
    subject_type text,
    subject_id text,
    request_id text NOT NULL
  )`,
  'CREATE INDEX audit_subject ON audit (subject_type, subject_id)',
];

/**
 * Runs a command of a signed-in actor in one transaction: idempotency row, the work, audit row,
 * outbox rows. The same key with the same input gives the same answer without acting again; with
 * another input it is refused. A transaction that the database ends to undo a deadlock (a command
 * against a consumer's batch) runs again, and so does one whose plan a migration has made stale,
 * and, once, one that met a row which another has just made; `work` therefore acts through `tx`
 * alone. It sees every row, since its rules decide: whether a code is taken elsewhere, say. `R`
 * must survive JSON. `formerly` are other forms of the same input under which an earlier request
 * may have been kept.
 */
export async function command<R>(
  context: Context,
  action: string,
  input: CommandInput,
  work: (tx: CommandTx) => Promise<R>,
  formerly: readonly CommandInput[] = [],
): Promise<R> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await attemptCommand(context, action, [input, ...formerly], work);
    } catch (error) {
      const again =
        wasSacrificed(error) || isStalePlan(error) || (attempt === 1 && cameSecond(error));
      if (attempt === MAX_ATTEMPTS || !again) throw error;
    }
  }
}

const codeOf = (error: unknown): unknown =>
  error instanceof QueryFailedError && 'code' in error ? error.code : null;

/** Ended by the database to let others go on; nothing of it is there. */
const wasSacrificed = (error: unknown): boolean =>
  [DEADLOCK, SERIALIZATION_FAILURE].includes(String(codeOf(error)));

/** Another made the row that was not there at the first look: the second look finds it. */
const cameSecond = (error: unknown): boolean => codeOf(error) === UNIQUE_VIOLATION;

async function attemptCommand<R>(
  context: Context,
  action: string,
  inputs: readonly CommandInput[],
  work: (tx: CommandTx) => Promise<R>,
): Promise<R> {
  const actor = requireActor(context);
  const { service, environment, requestId } = context;
  return asWriter(context.db).transaction(async (manager) => {
    const now = environment.now();
    const key = inputs[0]?.idempotencyKey ?? null;
    if (key !== null) {
      const earlier = await claimKey<R>(manager, actor, action, key, inputs, now);
      if (earlier) return earlier.result;
    }
    const newId = environment.ids(key ?? requestId);
    let subject: { type: string; id: string } | undefined;
    let reason: { purpose: string; note: string | null } | undefined;
    return withTx(manager, { service, now, newId, correlationId: requestId }, async (tx) => {
      const result = await work({
        ...tx,
        actor,
        subject: (type, id) => void (subject = { type, id }),
        purpose: (purpose, note = null) => void (reason = { purpose, note }),
      });
      await manager.query(CONCLUDE, [
        newId(),
        now,
        actor.subject,
        actor.role,
        actor.unit,
        action,
        subject?.type ?? null,
        subject?.id ?? null,
        requestId,
        key,
        JSON.stringify(result),
        reason?.purpose ?? null,
        reason?.note ?? null,
      ]);
      return result;
    });
  });
}

/** The audit row, and the answer for whoever sends the same key again. */
const CONCLUDE = `
  WITH answer AS (
    UPDATE idempotency SET result = $11 WHERE actor = $3 AND key = $10
  )
  INSERT INTO audit (id, at, actor, role, unit, action, subject_type, subject_id, request_id,
                     purpose, note)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $12, $13)`;

/** Claims the key for this command; the answer of the earlier one when the key is taken. */
async function claimKey<R>(
  manager: EntityManager,
  actor: Actor,
  action: string,
  key: string,
  inputs: readonly CommandInput[],
  now: Date,
): Promise<{ result: R } | null> {
  const hashes = inputs.map(inputHash);
  // A concurrent command with this key waits here until the first one commits or rolls back.
  const claimed: unknown[] = await manager.query(
    `INSERT INTO idempotency (actor, key, action, input_hash, recorded_at)
     VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING RETURNING key`,
    [actor.subject, key, action, hashes[0], now],
  );
  if (claimed.length > 0) return null;
  const rows: { action: string; input_hash: string; result: R }[] = await manager.query(
    'SELECT action, input_hash, result FROM idempotency WHERE actor = $1 AND key = $2',
    [actor.subject, key],
  );
  const row = rows[0];
  if (!row || row.action !== action || !hashes.includes(row.input_hash)) {
    throw new DomainError('IDEMPOTENCY_KEY_REUSED', {
      zh: '该幂等键已用于另一请求。请为不同的请求使用新的键。',
      en: 'This idempotency key was used for another request. Use a new key for a new request.',
    });
  }
  return { result: row.result };
}

/** Hash of the input with its keys in order, so that their order does not matter. */
function inputHash(input: unknown): string {
  const sorted = (value: unknown): unknown => {
    if (value === null || typeof value !== 'object' || value instanceof Date) return value;
    if (Array.isArray(value)) return value.map(sorted);
    return Object.fromEntries(
      Object.entries(value)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([k, v]) => [k, sorted(v)]),
    );
  };
  return createHash('sha256')
    .update(JSON.stringify(sorted(input)))
    .digest('hex');
}
