import {
  enrolmentConfirmed,
  enrolmentWithdrawn,
  participationCompleted,
  type ParticipationCompleted,
} from '@yanxiu/contracts/training';
import { NotYetKnown, on, type EventHandler } from '@yanxiu/messaging/handlers';
import type { Tx } from '@yanxiu/messaging/transaction';
import { assess } from '../compliance/queries.js';
import { orWait, parametersOf } from '../policy/queries.js';
import { changesOf, type LiveDecision } from './changes.js';
import { componentOf, enrolmentStatus, save, situationOf, type StoredCause } from './queries.js';
import { publish } from './publish.js';
import { datesOf, modalityOf, recognise } from './rules.js';

/** Keeps who is enrolled. */
export const enrolmentHandlers: readonly EventHandler[] = [
  on(enrolmentConfirmed, ({ data }, { manager }) => enrolmentStatus(manager, data, 'CONFIRMED')),
  on(enrolmentWithdrawn, ({ data }, { manager }) => enrolmentStatus(manager, data, 'WITHDRAWN')),
];

/** Keeps who is enrolled, and decides on each finished participation. */
export const handlers: readonly EventHandler[] = [
  ...enrolmentHandlers,
  on(participationCompleted, ({ data }, tx) => decide(tx, data)),
];

/**
 * Decides on a participation and, since it may outrank what came before, anew on all causes of
 * the teacher that hang together with it by shared dates. What comes out as before stays.
 */
async function decide(tx: Tx, data: ParticipationCompleted): Promise<void> {
  const { manager } = tx;
  const situation = await situationOf(manager, data);
  if (!situation) throw new NotYetKnown(`teacher ${data.teacherId}`);
  const { decided, path, shared, stamp, ...teacher } = situation;
  // HOURS-ONCE: a participation is decided on once, whatever is told again.
  if (decided) return;
  if (path === null) throw new NotYetKnown(`org unit ${data.unitCode}`);
  const parameters = await parametersOf(manager, stamp);
  const cause = causeOf(data);
  const others = shared ? await componentOf(manager, data.teacherId, datesOf(data.sessions)) : [];
  const causes = [{ cause, path }, ...others].map((each) => ({
    ...each.cause,
    policies: parameters.on(each.cause.firstDate, each.path),
  }));
  const changes = changesOf({
    causes,
    outcomes: orWait(() => recognise(causes)),
    live: new Map<string, LiveDecision>(others.map((other) => [other.cause.causeId, other])),
    posts: teacher.posts,
    newId: tx.newId,
  });
  await save(tx, cause, changes);
  await publish(tx, changes);
  const added = new Map<number, number>();
  for (const { year, centihours } of changes.flatMap(({ entries }) => entries)) {
    added.set(year, (added.get(year) ?? 0) + centihours);
  }
  await assess(tx, { ...teacher, parameters }, added);
}

function causeOf(data: ParticipationCompleted): StoredCause {
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
