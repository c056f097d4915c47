import type { EntityManager } from 'typeorm';
import { evaluationClosed } from '@yanxiu/contracts/evaluation';
import {
  fundsCommitted,
  fundsRefused,
  fundsReleased,
  fundsReserved,
} from '@yanxiu/contracts/funding';
import { hoursCredited, hoursRefused } from '@yanxiu/contracts/hours';
import { projectEvaluated } from '@yanxiu/contracts/training';
import { NotYetKnown, on, onAll, type Taken } from '@yanxiu/messaging/handlers';
import type { Tx } from '@yanxiu/messaging/transaction';
import { allDecided } from '../enrolment/queries.js';
import { TrainingProject, type FundsState, type ProjectStatus } from './entity.js';
import { decideStep } from './rules.js';
import { advanceProject, projectData, recogniseWhenDecided, returnForFunds } from './transition.js';

async function lockKnown(tx: Tx, id: string): Promise<TrainingProject> {
  const project = await tx.manager.findOne(TrainingProject, {
    where: { id },
    lock: { mode: 'pessimistic_write' },
  });
  if (!project) throw new NotYetKnown(`project ${id}`);
  return project;
}

/** The project when the answer is to its latest submission and comes in time; null when not. */
async function answered(
  tx: Tx,
  answer: { projectId: string; requestId: string },
  expected: readonly FundsState[],
): Promise<TrainingProject | null> {
  const project = await lockKnown(tx, answer.projectId);
  const fits = project.fundsRequestId === answer.requestId && expected.includes(project.fundsState);
  return fits ? project : null;
}

interface ProjectDecision {
  data: { projectId: string };
}

/** The last of the enrolments' decisions makes a project RECOGNISED. */
async function afterDecisions(
  taken: readonly Taken<ProjectDecision>[],
  manager: EntityManager,
): Promise<void> {
  const last = new Map(taken.map(({ event, tx }) => [event.data.projectId, tx]));
  // The locks come before the look: of two last decisions side by side, one must see the other.
  const known: { id: string; status: ProjectStatus }[] = await manager.query(
    `SELECT id, status FROM training_project WHERE id = ANY($1::uuid[])
     ORDER BY id FOR UPDATE`,
    [[...last.keys()]],
  );
  const unknown = [...last.keys()].find((id) => !known.some((project) => project.id === id));
  if (unknown) throw new NotYetKnown(`project ${unknown}`);
  const running = known.filter(({ status }) => status === 'RUNNING').map(({ id }) => id);
  for (const id of await allDecided(manager, running)) {
    const tx = last.get(id);
    if (tx) await recogniseWhenDecided(tx, await lockKnown(tx, id));
  }
}

export const handlers = [
  on(fundsReserved, async ({ data }, tx) => {
    const project = await answered(tx, data, ['ASKED']);
    if (project) await tx.manager.save(Object.assign(project, { fundsState: 'RESERVED' }));
  }),
  on(fundsRefused, async ({ data }, tx) => {
    const project = await answered(tx, data, ['ASKED']);
    if (!project) return;
    if (project.status === 'SUBMITTED') {
      await returnForFunds(tx, project, data.requestId, 'PROJECT-FUNDED', data.reason);
    } else {
      await tx.manager.save(Object.assign(project, { fundsState: 'REFUSED' }));
    }
  }),
  on(fundsCommitted, async ({ data }, tx) => {
    const project = await answered(tx, data, ['ASKED', 'RESERVED']);
    if (project) await tx.manager.save(Object.assign(project, { fundsState: 'COMMITTED' }));
  }),
  on(fundsReleased, async ({ data }, tx) => {
    const project = await answered(tx, data, ['ASKED', 'RESERVED', 'COMMITTED']);
    if (project) await tx.manager.save(Object.assign(project, { fundsState: 'RELEASED' }));
  }),
  onAll(hoursCredited, afterDecisions),
  onAll(hoursRefused, afterDecisions),
  on(evaluationClosed, async ({ data }, tx) => {
    const project = await lockKnown(tx, data.projectId);
    if (!decideStep('evaluate', project).accepted) return;
    await advanceProject(tx, project, 'evaluate', null);
    await tx.emit(projectEvaluated, project.id, projectData(project, tx.now));
  }),
];
