import type { EntityManager } from 'typeorm';
import { NotYetKnown } from '@yanxiu/messaging/handlers';
import type { Tx } from '@yanxiu/messaging/transaction';
import { grouped } from '@yanxiu/subgraph/context';
import type { Bilingual } from '@yanxiu/subgraph/errors';
import { ifAny, orWait } from '@yanxiu/registry/policy';
import { assess } from '../compliance/queries.js';
import { parametersOf } from '../policy/queries.js';
import { type Parameters } from '../policy/rules.js';
import { lockTeachers } from '../teacher/queries.js';
import type { Post } from '../teacher/rules.js';
import { couplingOf, isCoupled, type SourceCap } from './caps.js';
import { changesOf, type Change, type LiveDecision } from './changes.js';
import { publish } from './publish.js';
import { recognise, type Outcome } from './rules.js';
import {
  causesOf,
  componentsOf,
  save,
  situationsOf,
  type DecidedCause,
  type Situation,
  type StoredCause,
} from './store.js';

/** A cause in the transaction, at the time and with the causation, of its telling. */
export interface Told {
  cause: StoredCause;
  tx: Tx;
}

/** As {@link decideEach} on one cause; null when it was decided before. */
export async function decide(tx: Tx, cause: StoredCause): Promise<Outcome | null> {
  const outcomes = await decideEach(tx.manager, [{ cause, tx }]);
  return outcomes.get(cause.causeId) ?? null;
}

/**
 * Decides on causes in their order and, since each may outrank what came before, anew on all
 * causes of its teacher that hang together with it. What comes out as before stays. A cause that
 * was decided before (HOURS-ONCE), whatever is told again, has no outcome.
 */
export async function decideEach(
  manager: EntityManager,
  told: readonly Told[],
): Promise<Map<string, Outcome>> {
  const ids = told.map(({ cause }) => cause.teacherId);
  const [first = [], ...later] = roundsOf(told);
  // Sent together, taken one after the other: what the second finds it finds behind the locks.
  const [, situations] = await Promise.all([
    lockTeachers(manager, ids),
    situationsOf(manager, causesIn(first)),
  ]);
  const decided = await decideRound(manager, first, situations);
  for (const round of later) {
    const situations = await situationsOf(manager, causesIn(round));
    decided.push(...(await decideRound(manager, round, situations)));
  }
  return new Map(decided.map(({ causeId, outcome }) => [causeId, outcome]));
}

/** The first cause of each teacher, then the second of each that has one, and so on. */
function roundsOf(told: readonly Told[]): Told[][] {
  const rounds: Told[][] = [];
  const turns = new Map<string, number>();
  for (const each of told) {
    const turn = turns.get(each.cause.teacherId) ?? 0;
    turns.set(each.cause.teacherId, turn + 1);
    (rounds[turn] ??= []).push(each);
  }
  return rounds;
}

/** Decides on causes of different teachers, by one statement each for what is read and written. */
async function decideRound(
  manager: EntityManager,
  round: readonly Told[],
  situations: ReadonlyMap<string, Situation>,
): Promise<{ causeId: string; outcome: Outcome }[]> {
  const open = openOf(round, situations);
  const [first] = open;
  if (!first) return [];
  const parameters = await parametersOf(manager, first.teacher.stamp);
  const caps = parameters.valuesOf<SourceCap[]>('hours.sourceCaps');
  const coupled = open.filter(({ cause, shared }) => shared || isCoupled(cause.source, caps));
  const others = await componentsOf(manager, causesIn(coupled), couplingOf(caps));
  const ids = open.map(({ cause }) => cause.teacherId);
  const ofTeachers = grouped(ids, others, ({ cause }) => cause.teacherId);
  const decided = open.map(({ cause, path, tx, teacher }, index) => {
    const own = ofTeachers[index] ?? [];
    const deciding = { posts: teacher.posts, parameters, newId: tx.newId };
    const { outcomes, changes } = orWait(() => decideAll([{ cause, path }, ...own], own, deciding));
    return { cause, tx, teacher, changes, now: tx.now, outcome: outcomes.get(cause.causeId) };
  });
  for (const { tx, changes } of decided) await publish(tx, changes);
  const added = decided.map(({ tx, teacher, changes }) => {
    return { tx, teacher: { ...teacher, parameters }, added: hoursOf(changes) };
  });
  await Promise.all([save(manager, decided), assess(manager, added)]);
  return decided.flatMap(({ cause: { causeId }, outcome }) =>
    outcome ? [{ causeId, outcome }] : [],
  );
}

const causesIn = (told: readonly Pick<Told, 'cause'>[]) => told.map(({ cause }) => cause);

/** Those that are not decided yet, with what is known of them. */
function openOf(round: readonly Told[], situations: ReadonlyMap<string, Situation>) {
  return round.flatMap(({ cause, tx }) => {
    const situation = situations.get(cause.teacherId);
    if (!situation) throw new NotYetKnown(`teacher ${cause.teacherId}`);
    const { decided, path, shared, ...teacher } = situation;
    if (decided) return [];
    if (path === null) throw new NotYetKnown(`org unit ${cause.unitCode}`);
    return [{ cause, tx, path, shared, teacher }];
  });
}

export interface Deciding {
  posts: readonly Post[];
  parameters: Parameters;
  newId: () => string;
}

/** Outcomes of these causes of a teacher, and what in `live` they change; nothing is written. */
export function decideAll(
  all: readonly { cause: StoredCause; path: string | null }[],
  live: readonly DecidedCause[],
  { posts, parameters, newId }: Deciding,
): { outcomes: Map<string, Outcome>; changes: Change[] } {
  const causes = all.map(({ cause, path }) => ({
    ...cause,
    policies: parameters.on(cause.firstDate, path),
  }));
  const outcomes = recognise(causes);
  const holding = new Map<string, LiveDecision>(live.map((each) => [each.cause.causeId, each]));
  return { outcomes, changes: changesOf({ causes, outcomes, live: holding, posts, newId }) };
}

/** Hours that changes add, by year; less than nothing where they take back more than they give. */
export function hoursOf(changes: readonly Change[]): Map<number, number> {
  const added = new Map<number, number>();
  for (const { year, centihours } of changes.flatMap(({ entries }) => entries)) {
    added.set(year, (added.get(year) ?? 0) + centihours);
  }
  return added;
}

/**
 * What would change if everything that is recorded of these teachers were decided by `parameters`;
 * nothing is written. A teacher for whom a parameter is missing stays as she is.
 */
export async function redecide(
  manager: EntityManager,
  teachers: readonly { teacherId: string; posts: readonly Post[] }[],
  { parameters, newId }: Omit<Deciding, 'posts'>,
): Promise<Map<string, Change[]>> {
  const ids = teachers.map(({ teacherId }) => teacherId);
  const causes = ids.length === 0 ? [] : await causesOf(manager, ids);
  const ofTeachers = grouped(ids, causes, ({ cause }) => cause.teacherId);
  const changes = teachers.map(({ teacherId, posts }, index) => {
    const own = ofTeachers[index] ?? [];
    const decided = ifAny(() => decideAll(own, own, { posts, parameters, newId }));
    return [teacherId, decided?.changes ?? []] as const;
  });
  return new Map(changes);
}

/** Writes and tells of decisions that take the place of others, and `why`. */
export async function supersede(tx: Tx, changes: readonly Change[], why: Bilingual): Promise<void> {
  await save(tx.manager, [{ now: tx.now, changes }]);
  await publish(tx, changes, why);
}
