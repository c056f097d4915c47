import type { EntityManager } from 'typeorm';
import { assertData } from '@yanxiu/contracts/envelope';
import { groupBy } from '@yanxiu/contracts/group-by';
import { participationCompleted, type ParticipationCompleted } from '@yanxiu/contracts/training';
import { command, type CommandInput } from '@yanxiu/subgraph/command';
import type { Context } from '@yanxiu/subgraph/context';
import { settle, statesOf, type TeacherState } from '../compliance/queries.js';
import type { Parameters } from '../policy/rules.js';
import { keepFinished, type FinishedProject } from '../project/queries.js';
import { lockTeachers } from '../teacher/queries.js';
import { couplingOf, isCoupled, type SourceCap } from './caps.js';
import { causeOf } from './consumers.js';
import { decideAll, hoursOf } from './decide.js';
import { enrolmentStatus } from './queries.js';
import { datesOf } from './rules.js';
import {
  componentsOf,
  save,
  shareDate,
  type DecidedCause,
  type StoredCause,
  type Writing,
} from './store.js';

/** History that was never told: participations in the shape of their event, and their projects. */
export interface LoadLedgerInput extends CommandInput {
  projects: readonly FinishedProject[];
  participations: readonly ParticipationCompleted[];
}

/** What has finished, when, and the ids of what is decided on it. */
interface Finished {
  cause: StoredCause;
  now: Date;
  newId: () => string;
}

/**
 * Enters finished participations into the ledger as if each had been told at its time, by the
 * rules of {@link decideAll}: causes, decisions, postings, enrolments, verdicts and their counts.
 * No event tells of any of it. What is there already stays (HOURS-ONCE). Whose teacher or unit is
 * not known refuses all of them: an Error, as does an input that is no such event.
 */
export async function loadLedger(
  context: Context,
  input: LoadLedgerInput,
): Promise<{ loaded: number }> {
  const { projects, participations } = input;
  for (const each of participations) assertData(participationCompleted, each);
  const finished = participations.map((data): Finished => {
    const { environment } = context;
    const newId = environment.ids(`ledger.load:${data.participationId}`, data.at);
    return { cause: causeOf(data), now: environment.now(data.at), newId };
  });
  return command(context, 'ledger.load', input, async ({ manager }) => {
    await keepFinished(manager, projects);
    await enrolmentStatus(manager, participations, 'CONFIRMED');
    return { loaded: await enter(manager, finished) };
  });
}

async function enter(manager: EntityManager, finished: readonly Finished[]): Promise<number> {
  const ids = [...new Set(finished.map(({ cause }) => cause.teacherId))].sort();
  await lockTeachers(manager, ids);
  const found = await foundOf(manager, finished);
  const open = finished
    .filter(({ cause }) => !found.get(cause.causeId)?.decided)
    .sort((a, b) => a.now.getTime() - b.now.getTime());
  const states = await statesOf(manager, ids);
  if (states.length < ids.length) throw new Error('not all of the teachers are known');
  const [first] = states;
  if (!first) return 0;
  const others = await othersOf(manager, open, found, first.parameters);
  const ofTeacher = groupBy(open, ({ cause }) => cause.teacherId);
  const decided = states.flatMap((teacher) => {
    const own = ofTeacher.get(teacher.teacherId);
    return own ? [decideInOrder(teacher, own, { found, others })] : [];
  });
  await save(
    manager,
    decided.flatMap(({ writings }) => writings),
  );
  await settle(
    manager,
    decided.map(({ teacher, writings }) => {
      const added = hoursOf(writings.flatMap(({ changes }) => changes));
      return { teacher, added, now: writings.at(-1)?.now ?? new Date(0) };
    }),
  );
  return open.length;
}

/** What was there of a cause before it was loaded. */
interface Found {
  causeId: string;
  decided: boolean;
  /** Another cause of the teacher touches one of the dates. */
  shared: boolean;
  /** Place in the tree of the cause's unit; null when it is not known. */
  path: string | null;
}

const FOUND = `
  SELECT k."causeId", c.id IS NOT NULL AS decided, u.path,
    EXISTS (SELECT FROM cause c
            WHERE c.teacher_id = k."teacherId" AND ${shareDate('c', 'k.dates')}) AS shared
  FROM jsonb_to_recordset($1::jsonb) AS k("teacherId" uuid, "causeId" uuid, "unitCode" text,
    dates date[])
  LEFT JOIN org_unit u ON u.code = k."unitCode"
  LEFT JOIN cause c ON c.teacher_id = k."teacherId" AND c.id = k."causeId"`;

async function foundOf(
  manager: EntityManager,
  finished: readonly Finished[],
): Promise<Map<string, Found>> {
  const rows: Found[] = await manager.query(FOUND, [
    JSON.stringify(
      finished.map(({ cause: { teacherId, causeId, unitCode, sessions } }) => ({
        ...{ teacherId, causeId, unitCode },
        dates: datesOf(sessions),
      })),
    ),
  ]);
  return new Map(rows.map((row) => [row.causeId, row]));
}

/** By teacher, for those of whom any two causes hang together: the causes that were there. */
async function othersOf(
  manager: EntityManager,
  open: readonly Finished[],
  found: ReadonlyMap<string, Found>,
  parameters: Parameters,
): Promise<Map<string, DecidedCause[]>> {
  const caps = parameters.valuesOf<SourceCap[]>('hours.sourceCaps');
  const coupled = [...groupBy(open, ({ cause }) => cause.teacherId)].filter(([, own]) => {
    const dates = own.flatMap(({ cause }) => datesOf(cause.sessions));
    const among = new Set(dates).size < dates.length;
    return (
      among ||
      own.some(({ cause }) => found.get(cause.causeId)?.shared || isCoupled(cause.source, caps))
    );
  });
  const causes = coupled.flatMap(([, own]) => own.map(({ cause }) => cause));
  const there = groupBy(
    await componentsOf(manager, causes, couplingOf(caps)),
    ({ cause }) => cause.teacherId,
  );
  return new Map(coupled.map(([teacherId]) => [teacherId, there.get(teacherId) ?? []]));
}

/** Decides on the causes of a teacher one after another, each with all that came before it. */
function decideInOrder(
  teacher: TeacherState,
  own: readonly Finished[],
  known: {
    found: ReadonlyMap<string, Found>;
    others: ReadonlyMap<string, readonly DecidedCause[]>;
  },
): { teacher: TeacherState; writings: Writing[] } {
  const { posts, parameters } = teacher;
  const others = known.others.get(teacher.teacherId);
  const holding = new Map(others?.map((each) => [each.cause.causeId, each]));
  const paths = new Map(others?.map(({ cause, path }) => [cause.causeId, path]));
  const writings = own.map(({ cause, now, newId }): Writing => {
    const path = known.found.get(cause.causeId)?.path;
    if (path === undefined || path === null) throw new Error(`no org unit ${cause.unitCode}`);
    paths.set(cause.causeId, path);
    const live = [...holding.values()];
    const deciding = { posts, parameters, newId };
    const { changes } = decideAll([{ cause, path }, ...live], live, deciding);
    // Where nothing hangs together, nothing that comes later needs to know of it.
    for (const change of others ? changes : []) {
      const { cause, decisionId, sequence, outcome, earlier, entries } = change;
      holding.set(cause.causeId, {
        ...{ cause, path: paths.get(cause.causeId) ?? null, decisionId, sequence },
        rule: outcome.rule,
        entries: [...(earlier?.entries ?? []), ...entries],
      });
    }
    return { now, cause, changes };
  });
  return { teacher, writings };
}
