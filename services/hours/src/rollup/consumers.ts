import { orgUnitMoved } from '@yanxiu/contracts/personnel';
import { on, type EventHandler } from '@yanxiu/messaging/handlers';
import { moveCells } from './fold.js';

/** Comes before the handler that changes the unit's place in the tree. */
export const handlers: readonly EventHandler[] = [
  on(orgUnitMoved, ({ data }, { manager }) => moveCells(manager, data.code, data.parentCode)),
];
