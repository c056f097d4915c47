import { projectSchemeApproved } from '@yanxiu/contracts/training';
import { policiesOn } from '@yanxiu/registry/policy';
import { acting } from '@yanxiu/registry/scope';
import { localDate } from '@yanxiu/subgraph/calendar';
import { command, type CommandTx } from '@yanxiu/subgraph/command';
import type { Context } from '@yanxiu/subgraph/context';
import { enforce, permit } from '@yanxiu/subgraph/decision';
import { badInput, notFound } from '@yanxiu/subgraph/errors';
import type {
  ApproveTrainingSchemeInput,
  ReturnTrainingSchemeInput,
  SchemeModuleInput,
  SubmitTrainingSchemeInput,
} from '../generated/graphql.js';
import { isUuid } from '../columns.js';
import { findInstitutionByCode } from '../institution/queries.js';
import type { TrainingProject } from '../project/entity.js';
import { lockProject } from '../project/queries.js';
import { advanceProject, projectData } from '../project/transition.js';
import { REASON, requireText } from '../text.js';
import { SchemeModule, TrainingScheme } from './entity.js';
import { awaitsReview, ethicsFirst, may, practiceTooLow, shares, takesScheme } from './rules.js';

/** Submits a version of the scheme; an earlier one that was not decided on is superseded. */
export async function submitTrainingScheme(
  context: Context,
  input: SubmitTrainingSchemeInput & { id?: string },
): Promise<{ schemeId: string }> {
  return command(context, 'scheme.submit', input, async (tx) => {
    const project = await lockProject(tx.manager, input.projectId);
    const institutionId = await requireSubmitter(tx, project);
    enforce(takesScheme(project));
    const modules = input.modules.map(toModule);
    const day = localDate(tx.now);
    const policies = await policiesOn(tx.manager, day, project.organiserCode);
    enforce(ethicsFirst(modules, policies));
    const { total, practice } = shares(modules);
    await tx.manager.update(
      TrainingScheme,
      { projectId: project.id, status: 'SUBMITTED' },
      { status: 'SUPERSEDED' },
    );
    const id = input.id ?? tx.newId();
    await tx.manager.insert(TrainingScheme, {
      id,
      projectId: project.id,
      version: 1 + (await tx.manager.countBy(TrainingScheme, { projectId: project.id })),
      status: 'SUBMITTED',
      totalCentihours: total,
      practiceCentihours: practice,
      practiceWarning: practiceTooLow({ total, practice }, policies),
      institutionId,
      submittedAt: tx.now,
    });
    await tx.manager.insert(
      SchemeModule,
      modules.map((module) => ({ ...module, schemeId: id })),
    );
    tx.subject('TrainingScheme', id);
    return { schemeId: id };
  });
}

/** Approves the scheme; the project becomes SCHEME_APPROVED with it. */
export async function approveTrainingScheme(
  context: Context,
  input: ApproveTrainingSchemeInput,
): Promise<{ schemeId: string }> {
  return command(context, 'scheme.approve', input, async (tx) => {
    const { scheme, project } = await lockForReview(tx, input.schemeId, 'approve');
    await tx.manager.save(Object.assign(scheme, { status: 'APPROVED', decidedAt: tx.now }));
    await advanceProject(tx, project, 'approveScheme', tx.actor.unit);
    await tx.emit(projectSchemeApproved, project.id, {
      ...projectData(project, tx.now),
      plannedCentihours: scheme.totalCentihours,
    });
    return { schemeId: scheme.id };
  });
}

/** Returns the scheme with a reason; the deliverer submits another version. */
export async function returnTrainingScheme(
  context: Context,
  input: ReturnTrainingSchemeInput,
): Promise<{ schemeId: string }> {
  return command(context, 'scheme.return', input, async (tx) => {
    const { scheme } = await lockForReview(tx, input.schemeId, 'return');
    const { reason: returnReason } = input;
    requireText(returnReason, REASON);
    await tx.manager.save(
      Object.assign(scheme, { status: 'RETURNED', decidedAt: tx.now, returnReason }),
    );
    return { schemeId: scheme.id };
  });
}

/** Staff of a deliverer (its id), or the organiser's officer (null). */
async function requireSubmitter(tx: CommandTx, project: TrainingProject): Promise<string | null> {
  const actor = await acting(tx);
  const own =
    actor.role === 'INSTITUTION'
      ? await findInstitutionByCode(tx.manager, actor.institution ?? '')
      : null;
  const delivered = own !== null && project.delivererIds.includes(own.id);
  permit(may(actor, 'submit', { organiserCode: project.organiserCode, delivered }));
  return own?.id ?? null;
}

async function lockForReview(tx: CommandTx, schemeId: string, action: 'approve' | 'return') {
  const found = isUuid(schemeId)
    ? await tx.manager.findOneBy(TrainingScheme, { id: schemeId })
    : null;
  if (!found) throw notFound({ zh: '培训方案', en: 'training scheme' }, schemeId);
  // The project first, as everywhere: then the scheme cannot change under us.
  const project = await lockProject(tx.manager, found.projectId);
  permit(may(await acting(tx), action, project));
  const scheme = await tx.manager.findOneByOrFail(TrainingScheme, { id: schemeId });
  enforce(awaitsReview(scheme.status));
  tx.subject('TrainingScheme', scheme.id);
  return { scheme, project };
}

function toModule(input: SchemeModuleInput, index: number): Omit<SchemeModule, 'schemeId'> {
  if (input.hours < 0) {
    throw badInput('模块学时不能为负数。', "A module's hours are not negative.");
  }
  const { title, type, required, practice, deliveryMethod } = input;
  return {
    ordinal: index + 1,
    title,
    type,
    required,
    centihours: input.hours,
    practice,
    deliveryMethod,
    topics: input.topics ?? [],
  };
}
