import { personalKeyring } from '../config.js';
import type { Leave, LeaveReason } from './entity.js';

/** Bound to its column and row: a sealed value moved elsewhere does not open. */
export const contextOf = (column: string, id: string): string => `leave.${column} ${id}`;

export const sealReason = (id: string, reason: LeaveReason): string =>
  personalKeyring().encrypt(reason, contextOf('reason_sealed', id));

/** Null after an erasure. */
export const reasonOf = ({ id, reasonSealed }: Pick<Leave, 'id' | 'reasonSealed'>) =>
  reasonSealed === null
    ? null
    : // Sealed by `sealReason` alone.
      (personalKeyring().decrypt(reasonSealed, contextOf('reason_sealed', id)) as LeaveReason);
