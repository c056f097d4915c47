import {
  annualPlanAccepted,
  annualPlanFiled,
  annualPlanReturned,
} from '@yanxiu/contracts/training';
import { acting } from '@yanxiu/registry/scope';
import { command, type CommandTx } from '@yanxiu/subgraph/command';
import type { Context } from '@yanxiu/subgraph/context';
import { enforce, permit } from '@yanxiu/subgraph/decision';
import { badInput, notFound } from '@yanxiu/subgraph/errors';
import type {
  AcceptAnnualPlanInput,
  AnnualPlanItemInput,
  DraftAnnualPlanInput,
  FileAnnualPlanInput,
  ReturnAnnualPlanInput,
} from '../generated/graphql.js';
import { trainingSuperior } from '../authority.js';
import { isUuid } from '../columns.js';
import { REASON, requireText } from '../text.js';
import { AnnualPlan, type PlanItem } from './entity.js';
import { may, planStep, statusWhenFiled } from './rules.js';

const FIRST_YEAR = 2000;
const LAST_YEAR = 2100;

interface Seeded {
  /** Given by whoever builds history; otherwise a new id. */
  id?: string;
}

interface Content {
  title: string;
  summary: string;
  items: AnnualPlanItemInput[];
}

/** Writes or rewrites a draft. */
export async function draftAnnualPlan(
  context: Context,
  input: DraftAnnualPlanInput & Seeded,
): Promise<{ planId: string }> {
  return command(context, 'annual-plan.draft', input, async (tx) => {
    permit(may(await acting(tx), 'draft', input));
    const plan = await write(tx, await lockPlan(tx, input.unitCode, input.year), input);
    return { planId: plan.id };
  });
}

/** Files the draft, or the content given, with the unit above. */
export async function fileAnnualPlan(
  context: Context,
  input: FileAnnualPlanInput & Seeded,
): Promise<{ planId: string }> {
  return command(context, 'annual-plan.file', input, async (tx) => {
    permit(may(await acting(tx), 'file', input));
    let plan = await lockPlan(tx, input.unitCode, input.year);
    if (input.title) {
      const content = {
        title: input.title,
        summary: input.summary ?? '',
        items: input.items ?? [],
      };
      plan = await write(tx, plan, { ...input, ...content });
    }
    if (!plan) {
      throw badInput(
        `单位 ${input.unitCode} 尚无 ${input.year} 年度计划草稿；请同时填写标题与内容。`,
        `Unit ${input.unitCode} has no draft for ${input.year}: give a title and the content.`,
      );
    }
    enforce(planStep('file', plan.status));
    const superior = await trainingSuperior(tx, plan.unitCode);
    plan.status = statusWhenFiled(superior !== null);
    plan.superiorCode = superior?.code ?? plan.unitCode;
    plan.filedAt = tx.now;
    plan.decidedAt = superior ? null : tx.now;
    plan.returnReason = null;
    await tx.manager.save(plan);
    await tx.emit(annualPlanFiled, plan.id, planData(plan, tx.now));
    if (!superior) await tx.emit(annualPlanAccepted, plan.id, planData(plan, tx.now));
    tx.subject('AnnualPlan', plan.id);
    return { planId: plan.id };
  });
}

/** Accepts a filed plan. */
export async function acceptAnnualPlan(
  context: Context,
  input: AcceptAnnualPlanInput,
): Promise<{ planId: string }> {
  return command(context, 'annual-plan.accept', input, async (tx) => {
    const plan = await lockForDecision(tx, input.planId, 'accept');
    await tx.manager.save(Object.assign(plan, { status: 'ACCEPTED', decidedAt: tx.now }));
    await tx.emit(annualPlanAccepted, plan.id, planData(plan, tx.now));
    return { planId: plan.id };
  });
}

/** Returns a filed plan with a reason. */
export async function returnAnnualPlan(
  context: Context,
  input: ReturnAnnualPlanInput,
): Promise<{ planId: string }> {
  return command(context, 'annual-plan.return', input, async (tx) => {
    const plan = await lockForDecision(tx, input.planId, 'return');
    const { reason } = input;
    requireText(reason, REASON);
    await tx.manager.save(
      Object.assign(plan, { status: 'RETURNED', decidedAt: tx.now, returnReason: reason }),
    );
    await tx.emit(annualPlanReturned, plan.id, { ...planData(plan, tx.now), reason });
    return { planId: plan.id };
  });
}

async function lockPlan(tx: CommandTx, unitCode: string, year: number): Promise<AnnualPlan | null> {
  return tx.manager.findOne(AnnualPlan, {
    where: { unitCode, year },
    lock: { mode: 'pessimistic_write' },
  });
}

async function lockForDecision(
  tx: CommandTx,
  planId: string,
  action: 'accept' | 'return',
): Promise<AnnualPlan> {
  const plan = isUuid(planId)
    ? await tx.manager.findOne(AnnualPlan, {
        where: { id: planId },
        lock: { mode: 'pessimistic_write' },
      })
    : null;
  if (!plan) throw notFound({ zh: '年度计划', en: 'annual plan' }, planId);
  permit(may(await acting(tx), action, plan));
  enforce(planStep('decide', plan.status));
  tx.subject('AnnualPlan', plan.id);
  return plan;
}

async function write(
  tx: CommandTx,
  plan: AnnualPlan | null,
  input: Content & Seeded & { unitCode: string; year: number },
): Promise<AnnualPlan> {
  if (plan) enforce(planStep('draft', plan.status));
  requireSound(input);
  requireText(input.title, { zh: '计划标题', en: 'title' }, 200);
  const superior = await trainingSuperior(tx, input.unitCode);
  const draft = tx.manager.create(AnnualPlan, {
    ...(plan ?? { id: input.id ?? tx.newId(), status: 'DRAFT' as const, draftedAt: tx.now }),
    unitCode: input.unitCode,
    year: input.year,
    title: input.title,
    summary: input.summary,
    items: input.items.map(toItem),
    superiorCode: superior?.code ?? input.unitCode,
  });
  tx.subject('AnnualPlan', draft.id);
  return tx.manager.save(draft);
}

/** No column holds such a year, and no sum over plans may take money or people away. */
function requireSound({ year, items }: Content & { year: number }): void {
  if (year < FIRST_YEAR || year > LAST_YEAR) {
    throw badInput(
      `年度须在 ${FIRST_YEAR} 与 ${LAST_YEAR} 之间。`,
      `The year must be from ${FIRST_YEAR} to ${LAST_YEAR}.`,
    );
  }
  if (items.some(({ budget, participants }) => (budget ?? 0) < 0 || (participants ?? 0) < 0)) {
    throw badInput('预算与人数不能为负。', 'A budget or a number of participants is not negative.');
  }
}

const toItem = (item: AnnualPlanItemInput): PlanItem => ({
  title: item.title,
  sector: item.sector ?? null,
  participants: item.participants ?? null,
  budgetFen: item.budget ?? null,
});

const planData = (plan: AnnualPlan, now: Date) => ({
  planId: plan.id,
  unitCode: plan.unitCode,
  year: plan.year,
  superiorCode: plan.superiorCode,
  at: now.toISOString(),
});
