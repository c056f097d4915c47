import { acting, governed } from '@yanxiu/registry/scope';
import { isWithin } from '@yanxiu/registry/org-unit';
import { command, type CommandTx } from '@yanxiu/subgraph/command';
import type { Context } from '@yanxiu/subgraph/context';
import { enforce, permit } from '@yanxiu/subgraph/decision';
import { DomainError, badInput, notFound } from '@yanxiu/subgraph/errors';
import type {
  AnswerNeedsSurveyInput,
  CloseNeedsSurveyInput,
  OpenNeedsSurveyInput,
  TopicCountInput,
} from '../generated/graphql.js';
import { findPlan } from '../annual-plan/queries.js';
import { isFiled } from '../annual-plan/rules.js';
import { isUuid } from '../columns.js';
import type { TrainingProject } from '../project/entity.js';
import { lockProject } from '../project/queries.js';
import { NeedsSurvey } from './entity.js';
import { findSurveyOf } from './queries.js';
import { isOpen, may, maySurvey } from './rules.js';

/** Opens the needs survey of a project. */
export async function openNeedsSurvey(
  context: Context,
  input: OpenNeedsSurveyInput & { id?: string },
): Promise<{ surveyId: string }> {
  return command(context, 'survey.open', input, async (tx) => {
    const project = await lockProject(tx.manager, input.projectId);
    await requireSurveyor(tx, project, 'open');
    const plan = await findPlan(tx.manager, project.organiserCode, project.year);
    enforce(maySurvey(project.status, isFiled(plan), project.year));
    if (await findSurveyOf(tx.manager, project.id)) {
      throw new DomainError('CONFLICT', {
        zh: '该项目的需求调研已经发起。',
        en: 'This project has its needs survey already.',
      });
    }
    const topics = [...new Set(input.topics.map((topic) => topic.trim()))].filter(Boolean);
    if (topics.length === 0) {
      throw badInput('需求调研至少须有一个主题。', 'A needs survey has at least one topic.');
    }
    const id = input.id ?? tx.newId();
    await tx.manager.insert(NeedsSurvey, {
      id,
      projectId: project.id,
      title: input.title,
      topics,
      status: 'OPEN',
      unitCode: tx.actor.unit,
      openedAt: tx.now,
    });
    tx.subject('NeedsSurvey', id);
    return { surveyId: id };
  });
}

/** Answers a survey, once for each teacher and each school. */
export async function answerNeedsSurvey(
  context: Context,
  input: AnswerNeedsSurveyInput,
): Promise<{ surveyId: string }> {
  return command(context, 'survey.answer', input, async (tx) => {
    const { role, teacher, unit } = tx.actor;
    const { survey, project } = await lockSurvey(tx, input.surveyId);
    const below = await isWithin(tx.manager, unit, project.organiserCode);
    permit(may(tx.actor, 'answer', { below }));
    enforce(isOpen(survey.status));
    const own = role === 'TEACHER';
    const counts = checkedCounts(survey, input.counts, own ? 1 : Number.MAX_SAFE_INTEGER);
    const answered: unknown[] = await tx.manager.query(
      `INSERT INTO needs_survey_answer (survey_id, respondent, counts, at)
       VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING RETURNING survey_id`,
      [survey.id, own ? (teacher ?? '') : unit, JSON.stringify(counts), tx.now],
    );
    if (answered.length > 0) return { surveyId: survey.id };
    throw new DomainError('CONFLICT', {
      zh: '您已填写过该需求调研。',
      en: 'You have answered this survey already.',
    });
  });
}

/** Closes a survey; nomination may open then. */
export async function closeNeedsSurvey(
  context: Context,
  input: CloseNeedsSurveyInput,
): Promise<{ surveyId: string }> {
  return command(context, 'survey.close', input, async (tx) => {
    const { survey, project } = await lockSurvey(tx, input.surveyId);
    await requireSurveyor(tx, project, 'close');
    enforce(isOpen(survey.status));
    await tx.manager.save(Object.assign(survey, { status: 'CLOSED', closedAt: tx.now }));
    return { surveyId: survey.id };
  });
}

async function requireSurveyor(
  tx: CommandTx,
  { organiserCode }: TrainingProject,
  action: 'open' | 'close',
): Promise<void> {
  const below = await isWithin(tx.manager, tx.actor.unit, organiserCode);
  const by = await acting(tx);
  permit(may(by, action, { ...(await governed(by, tx, organiserCode)), below }));
}

async function lockSurvey(
  tx: CommandTx,
  id: string,
): Promise<{ survey: NeedsSurvey; project: TrainingProject }> {
  const found = isUuid(id) ? await tx.manager.findOneBy(NeedsSurvey, { id }) : null;
  if (!found) throw notFound({ zh: '需求调研', en: 'needs survey' }, id);
  const project = await lockProject(tx.manager, found.projectId);
  tx.subject('NeedsSurvey', id);
  return { survey: await tx.manager.findOneByOrFail(NeedsSurvey, { id }), project };
}

function checkedCounts(
  survey: NeedsSurvey,
  counts: readonly TopicCountInput[],
  maximum: number,
): Record<string, number> {
  const unknown = counts.find(({ topic }) => !survey.topics.includes(topic));
  if (unknown) {
    throw badInput(
      `调研主题中没有“${unknown.topic}”。`,
      `The survey has no topic "${unknown.topic}": choose from its topics.`,
    );
  }
  if (counts.some(({ count }) => count < 0 || count > maximum)) {
    throw badInput(
      '人数不能为负；教师本人填写时为 1。',
      'A count is not negative; 1 for a teacher.',
    );
  }
  return Object.fromEntries(counts.map(({ topic, count }) => [topic, count]));
}
