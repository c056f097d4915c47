import {
  enrolmentConfirmed,
  enrolmentWithdrawn,
  participationCompleted,
  type ParticipationCompleted,
} from '@yanxiu/contracts/training';
import { NotYetKnown, on, type EventHandler } from '@yanxiu/messaging/handlers';
import type { Tx } from '@yanxiu/messaging/transaction';
import { policiesOn, type PolicySet } from '@yanxiu/registry/policy';
import { assess, teacherState, waitForPolicy } from '../compliance/queries.js';
import { lockTeacher } from '../teacher/queries.js';
import { changesOf, type LiveDecision } from './changes.js';
import { componentOf, enrolmentStatus, isKnown, save, type StoredCause } from './queries.js';
import { publish } from './publish.js';
import { datesOf, recognise } from './rules.js';

/** Keeps who is enrolled, and decides on each finished participation. */
export const handlers: readonly EventHandler[] = [
  on(enrolmentConfirmed, ({ data }, { manager }) => enrolmentStatus(manager, data, 'CONFIRMED')),
  on(enrolmentWithdrawn, ({ data }, { manager }) => enrolmentStatus(manager, data, 'WITHDRAWN')),
  on(participationCompleted, ({ data }, tx) => decide(tx, data)),
];

/**
 * Decides on a participation and, since it may outrank what came before, anew on all causes of
 * the teacher that hang together with it by shared dates. What comes out as before stays.
 */
async function decide(tx: Tx, data: ParticipationCompleted): Promise<void> {
  const { manager } = tx;
  if (!(await lockTeacher(manager, data.teacherId))) {
    throw new NotYetKnown(`teacher ${data.teacherId}`);
  }
  const known = await isKnown(manager, data);
  // HOURS-ONCE: a participation is decided on once, whatever is told again.
  if (known.cause) return;
  if (!known.unit) throw new NotYetKnown(`org unit ${data.unitCode}`);
  const cause = causeOf(data);
  const others = await componentOf(manager, data.teacherId, datesOf(data.sessions));
  const causes = await withPolicies(tx, [cause, ...others.map((other) => other.cause)]);
  const live = new Map<string, LiveDecision>(others.map((other) => [other.cause.causeId, other]));
  const state = await teacherState(manager, data.teacherId);
  const changes = changesOf({
    causes,
    outcomes: recognise(causes),
    live,
    posts: state.posts,
    newId: tx.newId,
  });
  await save(tx, cause, changes);
  await publish(tx, changes);
  const added = new Map<number, number>();
  for (const { year, centihours } of changes.flatMap(({ entries }) => entries)) {
    added.set(year, (added.get(year) ?? 0) + centihours);
  }
  await assess(tx, state, added);
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
    level,
    category,
    registrarCode,
    unitCode,
    firstDate,
    sessions,
  };
}

/** Each cause by the parameters in force on its first date for the participant's unit. */
async function withPolicies(
  { manager }: Tx,
  causes: readonly StoredCause[],
): Promise<(StoredCause & { policies: PolicySet })[]> {
  const sets = new Map<string, PolicySet>();
  const result: (StoredCause & { policies: PolicySet })[] = [];
  for (const cause of causes) {
    const key = `${cause.firstDate}:${cause.unitCode}`;
    const policies = sets.get(key) ?? (await policiesOn(manager, cause.firstDate, cause.unitCode));
    sets.set(key, policies);
    for (const needed of NEEDED) requirePolicy(policies, needed);
    result.push({ ...cause, policies });
  }
  return result;
}

const NEEDED = [
  'hours.minutesPerHour',
  'hours.maxAbsenceShare',
  'hours.registrarRank',
  'hours.dayCap',
];

function requirePolicy(policies: PolicySet, key: string): void {
  try {
    policies.get(key);
  } catch (error) {
    waitForPolicy(error);
  }
}
