import { projectRecognised, projectReturned, type ProjectData } from '@yanxiu/contracts/training';
import type { Tx } from '@yanxiu/messaging/transaction';
import { enforce } from '@yanxiu/subgraph/decision';
import type { Bilingual } from '@yanxiu/subgraph/errors';
import { enrolmentProgress } from '../enrolment/queries.js';
import type { TrainingProject } from './entity.js';
import { decideStep } from './rules.js';
import type { ProjectAction } from './steps.js';

// The one place that writes a project's status. The scheme's approval moves the project in its own
// transaction, so its commands may import this file as well.

/** Takes a step with a locked project, or refuses it; the caller tells the event. */
export async function advanceProject(
  tx: Tx,
  project: TrainingProject,
  action: ProjectAction,
  actorUnitCode: string | null,
): Promise<void> {
  const { to } = enforce(decideStep(action, project));
  project.previousStatus = to === 'SUSPENDED' ? project.status : null;
  project.status = to;
  project.statusSince = tx.now;
  await tx.manager.save(project);
  await recordStep(tx, project, actorUnitCode);
}

/** Notes the status that the project has reached. */
export async function recordStep(
  tx: Tx,
  project: TrainingProject,
  actorUnitCode: string | null,
): Promise<void> {
  await tx.manager.query(
    'INSERT INTO project_step (project_id, status, at, actor_unit_code) VALUES ($1, $2, $3, $4)',
    [project.id, project.status, tx.now, actorUnitCode],
  );
}

/** What every event of a project carries. */
export const projectData = (project: TrainingProject, now: Date): ProjectData => ({
  projectId: project.id,
  name: project.name,
  level: project.level,
  sector: project.sector,
  category: project.category,
  year: project.year,
  organiserCode: project.organiserCode,
  delivererIds: project.delivererIds,
  budgetFen: project.budgetFen,
  at: now.toISOString(),
  target: {
    stages: project.targetStages,
    subjects: project.targetSubjects,
    ladders: project.targetLadders,
    roles: project.targetRoles,
  },
});

/** Back to DRAFT: funding refused, or did not answer in time. */
export async function returnForFunds(
  tx: Tx,
  project: TrainingProject,
  requestId: string,
  rule: string,
  reason: Bilingual,
): Promise<void> {
  project.fundsState = 'REFUSED';
  project.fundsRule = rule;
  project.fundsReason = reason;
  await advanceProject(tx, project, 'return', null);
  await tx.emit(projectReturned, project.id, {
    ...projectData(project, tx.now),
    requestId,
    rule,
    reason,
  });
}

/** RECOGNISED as soon as a running project's every confirmed enrolment has its decision. */
export async function recogniseWhenDecided(tx: Tx, project: TrainingProject): Promise<void> {
  if (project.status !== 'RUNNING') return;
  const progress = await enrolmentProgress(tx.manager, project.id);
  if (progress.confirmed === 0 || progress.decided < progress.confirmed) return;
  await advanceProject(tx, project, 'recognise', null);
  await tx.emit(projectRecognised, project.id, {
    ...projectData(project, tx.now),
    participants: progress.confirmed,
    creditedCentihours: progress.creditedCentihours,
  });
}
