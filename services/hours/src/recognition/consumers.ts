import {
  enrolmentConfirmed,
  enrolmentWithdrawn,
  participationCompleted,
  type ParticipationCompleted,
} from '@yanxiu/contracts/training';
import { on, onAll, type EventHandler } from '@yanxiu/messaging/handlers';
import { decideEach } from './decide.js';
import { enrolmentStatus } from './queries.js';
import { datesOf, modalityOf } from './rules.js';
import type { StoredCause } from './store.js';

/** Keeps who is enrolled. */
export const enrolmentHandlers: readonly EventHandler[] = [
  onAll(enrolmentConfirmed, (taken, manager) =>
    enrolmentStatus(
      manager,
      taken.map(({ event }) => event.data),
      'CONFIRMED',
    ),
  ),
  on(enrolmentWithdrawn, ({ data }, { manager }) => enrolmentStatus(manager, [data], 'WITHDRAWN')),
];

/** Keeps who is enrolled, and decides on each finished participation. */
export const handlers: readonly EventHandler[] = [
  ...enrolmentHandlers,
  onAll(participationCompleted, async (taken, manager) => {
    await decideEach(
      manager,
      taken.map(({ event, tx }) => ({ cause: causeOf(event.data), tx })),
    );
  }),
];

/** What a finished participation is to be decided on as. */
export function causeOf(data: ParticipationCompleted): StoredCause {
  const { participationId, teacherId, enrolmentId, projectId, level, sessions } = data;
  const { category, registrarCode, unitCode, at } = data;
  const firstDate = datesOf(sessions)[0] ?? at.slice(0, 10);
  return {
    causeId: participationId,
    teacherId,
    enrolmentId,
    projectId,
    source: level === 'SCHOOL' ? 'SCHOOL_BASED' : 'PARTICIPATION',
    level,
    category,
    modality: modalityOf(sessions),
    registrarCode,
    unitCode,
    firstDate,
    sessions,
  };
}
