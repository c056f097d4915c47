import { ATTENDANCE } from './figures.js';
import type { Participant, Session } from './projects.js';
import type { Random } from './random.js';

/**
 * Minutes attended of each session. A few miss more than a fifth; of the others most are there
 * all the time and some come late or leave early, so that the mean is that of the figures.
 */
export function attend(
  random: Random,
  teacherId: string,
  sessions: readonly Session[],
): Participant {
  if (random.chance(ATTENDANCE.absent)) {
    const missed = random.int(0, sessions.length - 1);
    const minutes = sessions.map((session, at) =>
      at === missed || random.chance(0.2) ? 0 : session.minutes,
    );
    return { teacherId, minutes };
  }
  const punctual = random.chance(0.7);
  const minutes = sessions.map((session) => {
    if (punctual || random.chance(0.5)) return session.minutes;
    return session.minutes - random.int(1, Math.max(1, Math.floor(session.minutes / 45))) * 5;
  });
  return { teacherId, minutes };
}
