import { In } from 'typeorm';
import { inOrder, type Batch } from '@yanxiu/subgraph/context';
import { isUuid } from '../columns.js';
import { enrolmentById } from '../enrolment/queries.js';
import { Participation } from './entity.js';

export const participationOfEnrolment: Batch<string, Participation> = async ({ db }, keys) =>
  inOrder(
    keys,
    await db.manager.findBy(Participation, { enrolmentId: In([...keys]) }),
    ({ enrolmentId }) => enrolmentId,
  );

/** Participations by id, null for those that the caller may not see. */
export const participationById: Batch<string, Participation> = async (context, keys) => {
  const found = await context.db.manager.findBy(Participation, { id: In(keys.filter(isUuid)) });
  const enrolments = await enrolmentById(
    context,
    found.map((row) => row.enrolmentId),
  );
  const seen = found.filter((_, place) => enrolments[place] !== null);
  return inOrder(keys, seen, ({ id }) => id);
};
