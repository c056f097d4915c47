import { policyPublished } from '@yanxiu/contracts/personnel';
import { on, type EventHandler } from '@yanxiu/messaging/handlers';
import { assessAll } from './queries.js';
import { policyKeyOf } from './rules.js';

const KEYS = Object.values(policyKeyOf);

/** A new version of a share changes the minima; the register's own copy is kept before this. */
export const handlers: readonly EventHandler[] = [
  on(policyPublished, async ({ data }, tx) => {
    if (KEYS.includes(data.key)) await assessAll(tx);
  }),
];
