import { policyPublished } from '@yanxiu/contracts/personnel';
import { on, type EventHandler } from '@yanxiu/messaging/handlers';
import { touchesAny, touchesOf } from './rules.js';

/**
 * Notes that a version may change what is recorded; the job does it, the consumer goes on. By the
 * first version of a parameter nothing was decided otherwise: without it nothing is decided.
 */
export const handlers: readonly EventHandler[] = [
  on(policyPublished, async ({ data }, { manager, now, newId }) => {
    const { key, version, scopeCode } = data;
    if (version === 1 || !touchesAny(touchesOf(key))) return;
    await manager.query(
      `INSERT INTO policy_recomputation (key, version, id, scope_code, requested_at)
       VALUES ($1, $2, $3, $4, $5)`,
      [key, version, newId(), scopeCode, now],
    );
  }),
];
