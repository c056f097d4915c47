import type { Logger } from 'pino';
import { historyIsGone } from './kafka-committed.js';

/** What kafkajs writes, and does nothing else about, when a position is not in its topic. */
const OUT_OF_RANGE = 'Offset out of range, resetting to default offset';

/** kafkajs's level of an error; it counts up to debug. */
const ERROR = 1;

/** As kafkajs hands over what it logs. */
interface Entry {
  level: number;
  label: string;
  log: object;
}

interface Line {
  message: string;
  error?: string;
  topic?: string;
  partition?: number;
  groupId?: string;
}

/**
 * kafkajs's log in ours. It tells `onOutOfRange` of a position that its topic does not have: the
 * topic was deleted and made anew, or cut. kafkajs itself would go on from the start in silence,
 * and has no event for it.
 */
export const kafkaLog =
  (log: Logger, onOutOfRange: (group: string, error: Error) => void) =>
  () =>
  ({ level, label, log: entry }: Entry): void => {
    const { message, error, topic, partition, groupId } = entry as Line;
    if (message === OUT_OF_RANGE && groupId !== undefined) {
      onOutOfRange(groupId, historyIsGone(groupId, topic ?? '', partition ?? -1));
    }
    const name = level <= ERROR ? 'warn' : 'debug';
    log[name]({ kafka: label, error }, message);
  };
