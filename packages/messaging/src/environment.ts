import { createHash } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';

/** Where a process takes its time and its ids from. */
export interface Environment {
  /** `causeTime` is the time of the event that is acted upon, if any. */
  now(causeTime?: string): Date;
  /** A maker of ids for one command or event; `cause` names it, `causeTime` is as for `now`. */
  ids(cause: string, causeTime?: string): () => string;
}

/** Real time (plus an offset that only tests set) and random ids. */
export function systemEnvironment(offsetMilliseconds: () => number = () => 0): Environment {
  return {
    now: () => new Date(Date.now() + offsetMilliseconds()),
    ids: () => () => uuidv7(),
  };
}

/**
 * For building history: time is that of the command or event at hand, and ids follow from it, so
 * that two runs give the same province.
 */
export function replayEnvironment(commandTime: () => Date): Environment {
  const now = (causeTime?: string) => (causeTime ? new Date(causeTime) : commandTime());
  return {
    now,
    ids: (cause, causeTime) => {
      let count = 0;
      return () => derivedUuid(now(causeTime), `${cause}#${count++}`);
    },
  };
}

/** A UUIDv7 whose random part is a hash of `seed`. */
export function derivedUuid(time: Date, seed: string): string {
  const random = createHash('sha256').update(seed).digest().subarray(0, 16);
  const seq = random.readUInt32BE(12);
  return uuidv7({ msecs: time.getTime(), random, seq });
}
