import { policiesOn } from '@yanxiu/registry/policy';
import { acting, actingUnit, governed } from '@yanxiu/registry/scope';
import { localDate } from '@yanxiu/subgraph/calendar';
import { command, type CommandInput, type CommandTx } from '@yanxiu/subgraph/command';
import type { Context } from '@yanxiu/subgraph/context';
import { enforce, permit, type Refusal } from '@yanxiu/subgraph/decision';
import { DomainError, badInput, notFound } from '@yanxiu/subgraph/errors';
import { isUuid } from '../columns.js';
import { deliveryOf, shareClass } from '../class/queries.js';
import { mayEnrol } from '../class/rules.js';
import type { TrainingClass } from '../class/entity.js';
import type { TrainingProject } from '../project/entity.js';
import { lockQuotas, takeSeats } from '../quota/queries.js';
import { tierGoverns } from '../quota/rules.js';
import { Nomination } from './entity.js';
import { findCandidates, findNominated, releaseNomination } from './queries.js';
import { alreadyNominated, choose, may, type Candidate } from './rules.js';

export interface NominateTeachersInput extends CommandInput {
  classId: string;
  teacherIds: string[];
}

/** What became of one teacher of a nomination. */
export interface NominationOutcome {
  teacherId: string;
  nominationId: string | null;
  refusal: Refusal | null;
}

const MAX_TEACHERS = 500;

/**
 * Puts teachers forward for a class (选派). Each is judged on its own and the rest are nominated;
 * when none may be, the command is refused with the first rule and all of them in the details.
 */
export async function nominateTeachers(
  context: Context,
  input: NominateTeachersInput,
): Promise<{ classId: string; results: NominationOutcome[] }> {
  return command(context, 'nomination.nominate', input, async (tx) => {
    permit(may(tx.actor, 'nominate'));
    if (input.teacherIds.length < 1 || input.teacherIds.length > MAX_TEACHERS) {
      throw badInput(
        `每次选派 1 至 ${MAX_TEACHERS} 人。`,
        `Nominate from 1 to ${MAX_TEACHERS} teachers at a time.`,
      );
    }
    const { trainingClass, project } = await shareClass(tx.manager, input.classId);
    const unit = await actingUnit(tx.manager, tx.actor);
    enforce(mayEnrol(project));
    const policies = await policiesOn(tx.manager, localDate(tx.now), project.organiserCode);
    enforce(tierGoverns(unit.tier, project.sector, policies));
    const results = await nominate(tx, trainingClass, project, input.teacherIds);
    refuseWhenNone(results);
    tx.subject('TrainingClass', trainingClass.id);
    return { classId: trainingClass.id, results };
  });
}

async function nominate(
  tx: CommandTx,
  trainingClass: TrainingClass,
  project: TrainingProject,
  teacherIds: readonly string[],
): Promise<NominationOutcome[]> {
  const { manager, actor } = tx;
  const candidates = await findCandidates(manager, trainingClass.id, actor.unit, teacherIds);
  const units = [...candidates.values()].flatMap(({ quotaUnitCode }) => quotaUnitCode ?? []);
  // From here to commit no other nomination counts the seats of these units.
  const quotas = await lockQuotas(manager, trainingClass.id, [...new Set(units)]);
  const chosen = choose(teacherIds, {
    candidates,
    target: project,
    days: { today: localDate(tx.now), startsOn: trainingClass.startsOn },
    nominated: await findNominated(manager, project.id, teacherIds),
    free: new Map(quotas.map((q) => [q.unitCode, q.seats - q.given - q.used])),
  });
  const accepted = chosen.flatMap(({ decision }) => (decision.accepted ? [decision.value] : []));
  const ids = await insertNominations(tx, trainingClass, accepted);
  return chosen.map(({ teacherId, decision }) => {
    if (!decision.accepted) return { teacherId, nominationId: null, refusal: decision.refusal };
    const nominationId = ids.get(teacherId) ?? null;
    // Another class of the project was faster.
    const refusal = nominationId ? null : alreadyNominated().refusal;
    return { teacherId, nominationId, refusal };
  });
}

/** Inserts and takes the seats; a teacher whom a parallel command nominated is left out. */
async function insertNominations(
  tx: CommandTx,
  trainingClass: TrainingClass,
  candidates: readonly Candidate[],
): Promise<Map<string, string>> {
  if (candidates.length === 0) return new Map();
  // In one order for all, so that parallel commands wait for one another.
  const rows = [...candidates].sort((a, b) => (a.teacherId < b.teacherId ? -1 : 1));
  const inserted: { id: string; teacherId: string; unit: string }[] = await tx.manager.query(
    `INSERT INTO nomination (id, project_id, class_id, teacher_id, unit_code, quota_unit_code,
                             nominated_by, status, nominated_at)
     SELECT n.id, $1, $2, n.teacher_id, n.unit_code, n.quota_unit_code, $3, 'NOMINATED', $4
     FROM unnest($5::uuid[], $6::uuid[], $7::text[], $8::text[])
       AS n (id, teacher_id, unit_code, quota_unit_code)
     ON CONFLICT (project_id, teacher_id) WHERE status <> 'WITHDRAWN' DO NOTHING
     RETURNING id, teacher_id AS "teacherId", quota_unit_code AS unit`,
    [
      trainingClass.projectId,
      trainingClass.id,
      tx.actor.unit,
      tx.now,
      rows.map(() => tx.newId()),
      rows.map((row) => row.teacherId),
      rows.map((row) => row.unitCode),
      rows.map((row) => row.quotaUnitCode),
    ],
  );
  const taken = new Map<string, number>();
  for (const { unit } of inserted) taken.set(unit, (taken.get(unit) ?? 0) + 1);
  const { projectId, id: classId } = trainingClass;
  await takeSeats(tx, { projectId, classId }, taken);
  return new Map(inserted.map((row) => [row.teacherId, row.id]));
}

function refuseWhenNone(results: readonly NominationOutcome[]): void {
  const first = results[0]?.refusal;
  if (!first || results.some(({ nominationId }) => nominationId !== null)) return;
  throw new DomainError('REFUSED', first.text, {
    rule: first.rule,
    details: {
      refused: results.map(({ teacherId, refusal }) => ({ teacherId, rule: refusal?.rule })),
    },
  });
}

export interface WithdrawNominationInput extends CommandInput {
  nominationId: string;
}

const NOMINATION = { zh: '选派', en: 'nomination' };

/** Takes a nomination back before it is confirmed; its seat is free again. */
export async function withdrawNomination(
  context: Context,
  input: WithdrawNominationInput,
): Promise<{ nominationId: string }> {
  return command(context, 'nomination.withdraw', input, async (tx) => {
    const { manager, actor } = tx;
    const id = input.nominationId;
    const found = isUuid(id) ? await manager.findOneBy(Nomination, { id }) : null;
    if (!found) throw notFound(NOMINATION, id);
    const { project } = await shareClass(manager, found.classId);
    const sender = await governed(await acting(tx), tx, found.unitCode);
    const delivery = await deliveryOf(manager, actor, project);
    permit(may(actor, 'withdraw', { project: delivery, sender }));
    enforce(mayEnrol(project));
    const nomination = await manager.findOneOrFail(Nomination, {
      where: { id },
      lock: { mode: 'pessimistic_write' },
    });
    if (nomination.status !== 'NOMINATED') {
      throw new DomainError(
        'REFUSED',
        { zh: '该选派已确认或已撤回。', en: 'The nomination is already confirmed or withdrawn.' },
        { rule: 'NOMINATION-OPEN' },
      );
    }
    await releaseNomination(tx, id);
    tx.subject('Nomination', id);
    return { nominationId: id };
  });
}
