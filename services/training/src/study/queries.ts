import { within } from '@yanxiu/registry/org-unit';
import type { Role } from '@yanxiu/subgraph/actor';
import { requireActor, type Context } from '@yanxiu/subgraph/context';
import { isUuid } from '../columns.js';
import { StudyRecord } from './entity.js';

const READERS: Role[] = ['OFFICER', 'COORDINATOR', 'AUDITOR', 'ANALYST'];

const recordsInScope = (context: Context) =>
  context.db.manager
    .createQueryBuilder(StudyRecord, 's')
    .innerJoin('org_unit', 'u', 'u.code = s.unitCode')
    .where(within('u.path', ':unit'), { unit: requireActor(context, ...READERS).unit });

/** Studies of a unit within the actor's jurisdiction, latest first. */
export async function studyRecords(
  context: Context,
  unitCode: string,
  year: number | null,
): Promise<StudyRecord[]> {
  const query = recordsInScope(context).andWhere('s.unitCode = :unitCode', { unitCode });
  if (year !== null) query.andWhere('s.year = :year', { year });
  return query.orderBy('s.date', 'DESC').addOrderBy('s.id').limit(200).getMany();
}

/** One study within the actor's jurisdiction. */
export async function studyRecord(context: Context, id: string): Promise<StudyRecord | null> {
  return isUuid(id) ? recordsInScope(context).andWhere('s.id = :id', { id }).getOne() : null;
}
