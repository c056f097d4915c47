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
import { hasUndecided } from '../enrolment/queries.js';
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

/** Looks at each project once, after its last decision among these; in the order of their ids. */
async function afterDecisions(taken: readonly Taken<ProjectDecision>[]): Promise<void> {
  const last = new Map(taken.map(({ event, tx }) => [event.data.projectId, tx]));
  const projects = [...last].sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [projectId, tx] of projects) await afterDecision(tx, projectId);
}

/** The last of the enrolments' decisions makes the project RECOGNISED. */
async function afterDecision(tx: Tx, projectId: string): Promise<void> {
  // The lock comes before the look: of two last decisions side by side, one must see the other.
  const known: { status: ProjectStatus }[] = await tx.manager.query(
    'SELECT status FROM training_project WHERE id = $1 FOR UPDATE',
    [projectId],
  );
  if (known.length === 0) throw new NotYetKnown(`project ${projectId}`);
  if (known[0]?.status !== 'RUNNING' || (await hasUndecided(tx.manager, projectId))) return;
  await recogniseWhenDecided(tx, await lockKnown(tx, projectId));
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
