import {
  projectAccepted,
  projectApproved,
  projectCancelled,
  projectClosed,
  projectEnrolling,
  projectFiled,
  projectRejected,
  projectResumed,
  projectStarted,
  projectSubmitted,
  projectSuspended,
} from '@yanxiu/contracts/training';
import { acting, requireOrgUnit } from '@yanxiu/registry/scope';
import { command, type CommandTx } from '@yanxiu/subgraph/command';
import type { Context } from '@yanxiu/subgraph/context';
import { enforce, permit } from '@yanxiu/subgraph/decision';
import { DomainError, badInput } from '@yanxiu/subgraph/errors';
import type {
  CreateTrainingProjectInput,
  ProjectReasonInput,
  ProjectStepInput,
} from '../generated/graphql.js';
import { countInstitutions } from '../institution/queries.js';
import { REASON, requireText } from '../text.js';
import { TrainingProject, type ProjectSector } from './entity.js';
import { approverOf, enforceGuard } from './guards.js';
import { lockProject } from './queries.js';
import { decideStep, may } from './rules.js';
import type { ProjectAction } from './steps.js';
import { advanceProject, projectData, recogniseWhenDecided, recordStep } from './transition.js';

const SECTORS: readonly string[] = ['BASIC', 'VOCATIONAL', 'HIGHER'] satisfies ProjectSector[];

type Result = Promise<{ projectId: string }>;

/** Writes the draft of a project. */
export async function createTrainingProject(
  context: Context,
  input: CreateTrainingProjectInput & { id?: string },
): Result {
  return command(context, 'project.create', input, async (tx) => {
    const organiserCode = input.organiserCode ?? tx.actor.unit;
    permit(may(await acting(tx), 'create', { organiserCode }));
    await checkInput(tx, input);
    const { name, level, category, year } = input;
    const sector = input.sector as ProjectSector;
    const { target } = input;
    const project = tx.manager.create(TrainingProject, {
      id: input.id ?? tx.newId(),
      code: input.code ?? null,
      name,
      level,
      sector,
      category,
      year,
      organiserCode,
      authorityCode: await approverOf(tx, { level, sector, organiserCode }),
      delivererIds: [...new Set(input.delivererIds)],
      targetStages: target?.stages ?? [],
      targetSubjects: target?.subjects ?? [],
      targetLadders: target?.ladders ?? [],
      targetRoles: target?.roles ?? [],
      modes: input.modes ?? [],
      budgetFen: input.budget,
      fundsState: 'NONE',
      status: 'DRAFT',
      statusSince: tx.now,
      createdAt: tx.now,
    });
    await tx.manager.insert(TrainingProject, project);
    await recordStep(tx, project, tx.actor.unit);
    tx.subject('TrainingProject', project.id);
    return { projectId: project.id };
  });
}

/** Submits a project: funding is asked for its budget under a new request id. */
export async function submitTrainingProject(context: Context, input: ProjectStepInput): Result {
  return step(context, 'submit', input, async (tx, project) => {
    project.fundsState = 'ASKED';
    project.fundsRequestId = tx.newId();
    project.fundsRule = null;
    project.fundsReason = null;
    project.statusReason = null;
    await tx.manager.save(project);
    const data = projectData(project, tx.now);
    await tx.emit(projectSubmitted, project.id, { ...data, requestId: project.fundsRequestId });
  });
}

/** Rejects a submitted project, or a school's filing. */
export async function rejectTrainingProject(context: Context, input: ProjectReasonInput): Result {
  return stepWithReason(context, 'reject', input, projectRejected);
}

/** Suspends a project under way. */
export async function suspendTrainingProject(context: Context, input: ProjectReasonInput): Result {
  return stepWithReason(context, 'suspend', input, projectSuspended);
}

/** Cancels a project before its hours are recognised. */
export async function cancelTrainingProject(context: Context, input: ProjectReasonInput): Result {
  return stepWithReason(context, 'cancel', input, projectCancelled);
}

/** Takes a suspended project back; decisions that came meanwhile count at once. */
export async function resumeTrainingProject(context: Context, input: ProjectStepInput): Result {
  return step(context, 'resume', input, async (tx, project) => {
    project.statusReason = null;
    await tx.manager.save(project);
    await tx.emit(projectResumed, project.id, projectData(project, tx.now));
    await recogniseWhenDecided(tx, project);
  });
}

/** A step whose event says no more than that it was taken. */
const plainStep =
  (action: ProjectAction, event: typeof projectApproved) =>
  (context: Context, input: ProjectStepInput): Result =>
    step(context, action, input, (tx, project) =>
      tx.emit(event, project.id, projectData(project, tx.now)),
    );

/** 立项审定. */
export const approveTrainingProject = plainStep('approve', projectApproved);
/** 项目备案, or the filing of a school's own training. */
export const fileTrainingProject = plainStep('file', projectFiled);
/** Accepts a school's filing. */
export const acceptTrainingProject = plainStep('accept', projectAccepted);
/** 学员选派. */
export const openEnrolment = plainStep('openEnrolment', projectEnrolling);
/** 过程监管. */
export const startTrainingProject = plainStep('start', projectStarted);
/** Closes a project whose evaluation, or for a school whose recognition, is done. */
export const closeTrainingProject = plainStep('close', projectClosed);

/** Who may, whether it is the project's turn, what must be true: then the step and its event. */
async function step(
  context: Context,
  action: ProjectAction,
  input: ProjectStepInput,
  tell: (tx: CommandTx, project: TrainingProject) => Promise<void>,
): Result {
  return command(context, `project.${action}`, input, async (tx) => {
    const project = await lockProject(tx.manager, input.projectId);
    permit(may(await acting(tx), 'step', { action, project }));
    const { step: row } = enforce(decideStep(action, project));
    for (const guard of row.guards) await enforceGuard(guard, tx, project);
    if (action === 'submit' || action === 'file') {
      project.authorityCode = await approverOf(tx, project);
    }
    await advanceProject(tx, project, action, tx.actor.unit);
    await tell(tx, project);
    tx.subject('TrainingProject', project.id);
    return { projectId: project.id };
  });
}

function stepWithReason(
  context: Context,
  action: ProjectAction,
  input: ProjectReasonInput,
  event: typeof projectRejected,
): Result {
  return step(context, action, input, async (tx, project) => {
    const { reason } = input;
    requireText(reason, REASON);
    await tx.manager.save(Object.assign(project, { statusReason: reason }));
    await tx.emit(event, project.id, { ...projectData(project, tx.now), reason });
  });
}

async function checkInput(tx: CommandTx, input: CreateTrainingProjectInput): Promise<void> {
  await requireOrgUnit(tx.manager, input.organiserCode ?? tx.actor.unit);
  if (!SECTORS.includes(input.sector)) {
    throw badInput(
      `领域须为 ${SECTORS.join('、')} 之一：${input.sector}。`,
      `A sector is one of ${SECTORS.join(', ')}: ${input.sector}.`,
    );
  }
  requireText(input.name, { zh: '项目名称', en: 'name' }, 200);
  requireText(input.category, { zh: '项目类别', en: 'category' }, 100);
  if (input.code) requireText(input.code, { zh: '项目编号', en: 'code' }, 100);
  if (input.year < 2000 || input.year > 2100) {
    throw badInput('年度须在 2000 与 2100 之间。', 'The year must be from 2000 to 2100.');
  }
  if (input.budget < 0) throw badInput('预算不能为负。', 'A budget is not negative.');
  if (input.code && (await tx.manager.existsBy(TrainingProject, { code: input.code }))) {
    throw new DomainError('CONFLICT', {
      zh: `项目编号 ${input.code} 已使用。`,
      en: `The project code ${input.code} is taken.`,
    });
  }
  const ids = [...new Set(input.delivererIds)];
  if ((await countInstitutions(tx.manager, ids)) === ids.length) return;
  throw badInput(
    '承训机构编号有误，请核对。',
    'A delivering institution is not known: check delivererIds.',
  );
}
