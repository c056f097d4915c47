import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import type { ServiceConfig } from '../config.js';
import { connectDatabase } from '../database.js';
import { optionOf, runTask, tellProgress } from '../process-role.js';
import { asSystem } from '../scoped-database.js';
import { reseal, type Resealed } from './reseal.js';
import type { Sealed } from './sealed.js';
import { dropHashes, keyStatus, neededFor, type KeyStatus } from './status.js';

/** What `--keys` asks of the process. */
export const KEY_TASKS = ['status', 'reseal', 'needed', 'drop-hashes'] as const;
export type KeyTask = (typeof KEY_TASKS)[number];

export interface KeyResults {
  status: KeyStatus;
  reseal: Resealed;
  /** Why the key of `--key` cannot go; null when it can. */
  needed: string | null;
  'drop-hashes': number;
}

/**
 * The role `keys`: `--keys status|reseal|needed|drop-hashes [--key ID] [--by ACCOUNT]`, as the
 * service's own runtime role. Ends the process.
 */
export function runKeys(
  definition: { name: string; sealed?: Sealed },
  config: ServiceConfig,
): Promise<never> {
  return runTask<unknown>(async () => {
    const { sealed, name } = definition;
    if (!sealed) throw new Error(`${name} seals nothing`);
    const base = await connectDatabase({ url: config.databaseUrl, entities: [], poolSize: 1 });
    const db = asSystem(base);
    const key = optionOf('--key') ?? '';
    switch (optionOf('--keys')) {
      case 'status':
        return keyStatus(db, sealed);
      case 'needed':
        return neededFor(db, sealed, key);
      case 'drop-hashes': {
        await audit(db, 'keys.retire', key);
        return dropHashes(db, sealed, key);
      }
      case 'reseal': {
        await audit(db, 'keys.reseal', sealed.keyring().active);
        return reseal(db, sealed, tellProgress);
      }
      default:
        throw new Error(`--keys is one of ${KEY_TASKS.join(', ')}`);
    }
  });
}

async function audit(db: DataSource, action: string, key: string): Promise<void> {
  await db.query(
    `INSERT INTO audit (id, at, actor, role, unit, action, subject_type, subject_id, request_id)
     VALUES ($1, $2, $3, 'PLATFORM', '', $4, 'Key', $5, $6)`,
    [randomUUID(), new Date(), optionOf('--by') ?? 'operator', action, key, randomUUID()],
  );
}
