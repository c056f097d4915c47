import { NotYetKnown } from '@yanxiu/messaging/handlers';
import type { Tx } from '@yanxiu/messaging/transaction';
import { assess } from '../compliance/queries.js';
import { orWait, parametersOf } from '../policy/queries.js';
import { couplingOf, type SourceCap } from './caps.js';
import { changesOf, type LiveDecision } from './changes.js';
import { publish } from './publish.js';
import { datesOf, recognise, type Outcome } from './rules.js';
import { componentOf, save, situationOf, type StoredCause } from './store.js';

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
  const causes = [{ cause, path }, ...others].map((each) => ({
    ...each.cause,
    policies: parameters.on(each.cause.firstDate, each.path),
  }));
  const outcomes = orWait(() => recognise(causes));
  const changes = changesOf({
    causes,
    outcomes,
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
  return outcomes.get(cause.causeId) ?? null;
}
