import type { EntityManager } from 'typeorm';
import { NotYetKnown } from '@yanxiu/messaging/handlers';
import type { Tx } from '@yanxiu/messaging/transaction';
import { grouped } from '@yanxiu/subgraph/context';
import type { Bilingual } from '@yanxiu/subgraph/errors';
import { ifAny, orWait } from '@yanxiu/registry/policy';
import { assess } from '../compliance/queries.js';
import { parametersOf } from '../policy/queries.js';
import { type Parameters } from '../policy/rules.js';
import type { Post } from '../teacher/rules.js';
import { couplingOf, type SourceCap } from './caps.js';
import { changesOf, type Change, type LiveDecision } from './changes.js';
import { publish } from './publish.js';
import { datesOf, recognise, type Outcome } from './rules.js';
import {
  causesOf,
  componentOf,
  save,
  saveDecisions,
  situationOf,
  type DecidedCause,
  type StoredCause,
} from './store.js';

/**
 * Decides on a cause and, since it may outrank what came before, anew on all causes of the teacher
 * that hang together with it. What comes out as before stays. Null when it was decided before
 * (HOURS-ONCE), whatever is told again.
 */
export async function decide(tx: Tx, cause: StoredCause): Promise<Outcome | null> {
  const { manager } = tx;
  const situation = await situationOf(manager, cause);
  if (!situation) throw new NotYetKnown(`teacher ${cause.teacherId}`);
  const { decided, path, shared, stamp, ...teacher } = situation;
  if (decided) return null;
  if (path === null) throw new NotYetKnown(`org unit ${cause.unitCode}`);
  const parameters = await parametersOf(manager, stamp);
  const coupling = couplingOf(parameters.valuesOf<SourceCap[]>('hours.sourceCaps'));
  const others =
    shared || coupling !== 'DAY'
      ? await componentOf(manager, cause.teacherId, datesOf(cause.sessions), coupling)
      : [];
  const { posts } = teacher;
  const { outcomes, changes } = orWait(() =>
    decideAll([{ cause, path }, ...others], others, { posts, parameters, newId: tx.newId }),
  );
  await save(tx, cause, changes);
  await publish(tx, changes);
  await assess(tx, { ...teacher, parameters }, hoursOf(changes));
  return outcomes.get(cause.causeId) ?? null;
}

interface Deciding {
  posts: readonly Post[];
  parameters: Parameters;
  newId: () => string;
}

/** Outcomes of these causes of a teacher, and what in `live` they change; nothing is written. */
function decideAll(
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
  await saveDecisions(tx, changes);
  await publish(tx, changes, why);
}
