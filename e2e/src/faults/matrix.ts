import type { Case } from './case.js';
import { consumerCases } from './cases/consumers.js';
import { eventCases } from './cases/events.js';
import { processCases } from './cases/processes.js';
import { randomCase } from './cases/random.js';
import { recomputationCases } from './cases/recomputation.js';
import { redisCases } from './cases/redis.js';
import { serverCases } from './cases/servers.js';
import { wireCases } from './cases/wires.js';

const numberOf = ({ id }: Case): number => Number(/\d+/.exec(id)?.[0]);

const placed = [
  ...[processCases, serverCases, consumerCases, redisCases, wireCases, eventCases],
  recomputationCases,
]
  .flat()
  .sort((a, b) => numberOf(a) - numberOf(b));

/** All lines of the matrix, in the order of their numbers; the storm lasts `minutes`. */
export const allCases = (minutes = 20): readonly Case[] => [...placed, randomCase(placed, minutes)];
