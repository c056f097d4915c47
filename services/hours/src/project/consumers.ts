import type { Contract } from '@yanxiu/contracts/contract';
import {
  classOpened,
  classScheduled,
  institutionRegistered,
  projectAccepted,
  projectCancelled,
  projectEnrolling,
  projectFiled,
  projectResumed,
  projectSchemeApproved,
  projectStarted,
  projectSubmitted,
  projectSuspended,
  quotaAllocated,
  quotaUsed,
  type ProjectData,
} from '@yanxiu/contracts/training';
import { on, type EventHandler } from '@yanxiu/messaging/handlers';
import type { Tx } from '@yanxiu/messaging/transaction';

/** What a step of a project changes; what is left out stays. */
interface Change {
  /** Whether teachers are nominated for it from now on (学员选派). */
  nominating?: boolean;
  suspended?: boolean;
  /** Hours of its scheme. */
  plannedCentihours?: number | undefined;
}

/** An event from before the target was told leaves what is known of it as it is. */
async function keep({ manager }: Tx, data: ProjectData, change: Change = {}): Promise<void> {
  const { target } = data;
  await manager.query(
    `INSERT INTO project_copy AS p (id, deliverer_ids, sector, target_stages, target_subjects,
       target_ladders, target_roles, nominating, suspended, planned_centihours)
     VALUES ($1, $2, $3, coalesce($4::text[], '{}'), coalesce($5::text[], '{}'), coalesce($6::text[], '{}'),
       coalesce($7::text[], '{}'), coalesce($8::boolean, false), coalesce($9::boolean, false), $10::integer)
     ON CONFLICT (id) DO UPDATE SET deliverer_ids = $2, sector = $3,
       target_stages = coalesce($4::text[], p.target_stages),
       target_subjects = coalesce($5::text[], p.target_subjects),
       target_ladders = coalesce($6::text[], p.target_ladders),
       target_roles = coalesce($7::text[], p.target_roles),
       nominating = coalesce($8::boolean, p.nominating), suspended = coalesce($9::boolean, p.suspended),
       planned_centihours = coalesce($10::integer, p.planned_centihours)`,
    [
      data.projectId,
      data.delivererIds,
      data.sector,
      target?.stages,
      target?.subjects,
      target?.ladders,
      target?.roles,
      change.nominating,
      change.suspended,
      change.plannedCentihours,
    ],
  );
}

const step = (contract: Contract<typeof projectFiled.schema>, change: Change = {}): EventHandler =>
  on(contract, ({ data }, tx) => keep(tx, data, change));

/** The lifecycle (domain.md §3): where nomination begins, and what ends it. */
const steps: readonly EventHandler[] = [
  on(projectSubmitted, ({ data }, tx) => keep(tx, data)),
  step(projectFiled),
  on(projectSchemeApproved, ({ data }, tx) =>
    keep(tx, data, { plannedCentihours: data.plannedCentihours }),
  ),
  step(projectEnrolling, { nominating: true }),
  // A school's own training has no step of enrolling: it begins once its filing is accepted.
  step(projectAccepted, { nominating: true }),
  step(projectStarted, { nominating: false }),
  on(projectCancelled, ({ data }, tx) => keep(tx, data, { nominating: false })),
  on(projectSuspended, ({ data }, tx) => keep(tx, data, { suspended: true })),
  step(projectResumed, { suspended: false }),
];

/**
 * Keeps who delivers a project, whose staff see whether their participants are recognised, and what
 * is offered to whom.
 */
export const handlers: readonly EventHandler[] = [
  on(institutionRegistered, async ({ data }, { manager }) => {
    await manager.query('INSERT INTO institution_copy (id, code) VALUES ($1, $2)', [
      data.institutionId,
      data.code,
    ]);
  }),
  ...steps,
  on(classOpened, async ({ data }, { manager }) => {
    await manager.query(
      'INSERT INTO class_copy (id, project_id, starts_on, ends_on) VALUES ($1, $2, $3, $4)',
      [data.classId, data.projectId, data.startsOn, data.endsOn],
    );
  }),
  // A class from before classes were told is not known here, and stays so.
  on(classScheduled, async ({ data }, { manager }) => {
    await manager.query('UPDATE class_copy SET planned_minutes = $2 WHERE id = $1', [
      data.classId,
      data.plannedMinutes,
    ]);
  }),
  on(quotaAllocated, async ({ data }, { manager }) => {
    await manager.query(
      `INSERT INTO quota_copy (class_id, unit_code, source_code, seats) VALUES ($1, $2, $3, $4)
       ON CONFLICT (class_id, unit_code) DO UPDATE SET seats = excluded.seats`,
      [data.classId, data.unitCode, data.sourceCode, data.seats],
    );
  }),
  // Of a quota from before quotas were told no seats are known: none are offered.
  on(quotaUsed, async ({ data }, { manager }) => {
    await manager.query('UPDATE quota_copy SET used = $3 WHERE class_id = $1 AND unit_code = $2', [
      data.classId,
      data.unitCode,
      data.used,
    ]);
  }),
];
