import type { Case } from './case.js';
import { eventCases } from './cases/events.js';
import { processCases } from './cases/processes.js';
import { serverCases } from './cases/servers.js';

const numberOf = ({ id }: Case): number => Number(/\d+/.exec(id)?.[0]);

/** All lines of the matrix, in the order of their numbers. */
export const allCases: readonly Case[] = [...processCases, ...serverCases, ...eventCases].sort(
  (a, b) => numberOf(a) - numberOf(b),
);
