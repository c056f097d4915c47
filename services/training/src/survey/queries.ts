import { In, type EntityManager } from 'typeorm';
import { grouped, inOrder, type Batch } from '@yanxiu/subgraph/context';
import { asSystem } from '@yanxiu/subgraph/scoped-database';
import { isUuid } from '../columns.js';
import { NeedsSurvey } from './entity.js';

/** The survey of a project; null when none was opened. */
export async function findSurveyOf(
  manager: EntityManager,
  projectId: string,
): Promise<NeedsSurvey | null> {
  return manager.findOneBy(NeedsSurvey, { projectId });
}

export const surveyById: Batch<string, NeedsSurvey> = async ({ db }, keys) =>
  inOrder(
    keys,
    await db.manager.findBy(NeedsSurvey, { id: In(keys.filter(isUuid)) }),
    ({ id }) => id,
  );

export const surveyOfProject: Batch<string, NeedsSurvey> = async ({ db }, keys) =>
  inOrder(
    keys,
    await db.manager.findBy(NeedsSurvey, { projectId: In([...keys]) }),
    ({ projectId }) => projectId,
  );

/** How many have answered a survey, and how many wish for a topic. */
export interface Tally {
  surveyId: string;
  /** Null: the row counts the answers themselves. */
  topic: string | null;
  count: number;
}

/** Counts over everyone's answers; a single one is shown to nobody. */
export const talliesOf: Batch<string, Tally[]> = async ({ db }, keys) => {
  const rows: Tally[] = await asSystem(db).query(
    `SELECT survey_id AS "surveyId", NULL AS topic, count(*)::int AS count
     FROM needs_survey_answer WHERE survey_id = ANY ($1::uuid[]) GROUP BY survey_id
     UNION ALL
     SELECT survey_id, wish.key, sum(wish.value::int)::int
     FROM needs_survey_answer, jsonb_each_text(counts) AS wish
     WHERE survey_id = ANY ($1::uuid[]) GROUP BY survey_id, wish.key`,
    [keys],
  );
  return grouped(keys, rows, ({ surveyId }) => surveyId);
};
