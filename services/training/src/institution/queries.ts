import { In, type EntityManager } from 'typeorm';
import type { Role } from '@yanxiu/subgraph/actor';
import { localDate } from '@yanxiu/subgraph/calendar';
import { grouped, inOrder, nowOf, requireActor, type Batch } from '@yanxiu/subgraph/context';
import type { Context } from '@yanxiu/subgraph/context';
import { connectionOf, pageOf, type Connection, type PageArgs } from '@yanxiu/subgraph/pagination';
import { isUuid } from '../columns.js';
import {
  Accreditation,
  InstitutionRating,
  InstitutionSuspension,
  TrainingInstitution,
} from './entity.js';
import type { Standing } from './rules.js';

/** Who reads the directory of institutions; INSTITUTION staff see their own. */
export const READERS: Role[] = [
  'OFFICER',
  'COORDINATOR',
  'INSTITUTION',
  'TEACHER',
  'EVALUATOR',
  'FINANCE',
  'AUDITOR',
  'ANALYST',
];

/** The institution with this id; null when there is none. */
export async function findInstitution(
  manager: EntityManager,
  id: string,
): Promise<TrainingInstitution | null> {
  return isUuid(id) ? manager.findOneBy(TrainingInstitution, { id }) : null;
}

/** The institution with this code, e.g. that of an INSTITUTION token; null when there is none. */
export async function findInstitutionByCode(
  manager: EntityManager,
  code: string,
): Promise<TrainingInstitution | null> {
  return manager.findOneBy(TrainingInstitution, { code });
}

/** How many of these ids are institutions. */
export const countInstitutions = (
  manager: EntityManager,
  ids: readonly string[],
): Promise<number> => manager.countBy(TrainingInstitution, { id: In(ids.filter(isUuid)) });

/** True when the institution of an INSTITUTION token is among these deliverers. */
export async function isDeliverer(
  manager: EntityManager,
  institutionCode: string | undefined,
  delivererIds: readonly string[],
): Promise<boolean> {
  if (!institutionCode) return false;
  const institution = await findInstitutionByCode(manager, institutionCode);
  return institution !== null && delivererIds.includes(institution.id);
}

/** What a project of this organiser must know of an institution (INST-ACCREDITED). */
export async function standingOf(
  manager: EntityManager,
  institution: TrainingInstitution,
  organiserCode: string,
): Promise<Standing> {
  const institutionId = institution.id;
  const suspensions = await manager
    .createQueryBuilder(InstitutionSuspension, 's')
    .innerJoin('org_unit', 'b', 'b.code = s.byUnitCode')
    .innerJoin('org_unit', 'o', "o.path >= b.path AND o.path < b.path || '/'")
    .where('s.institutionId = :institutionId AND o.code = :organiserCode', {
      institutionId,
      organiserCode,
    })
    .getMany();
  const accreditations = await manager.findBy(Accreditation, { institutionId });
  return { institution, accreditations, suspensions };
}

/** Hides other institutions from INSTITUTION staff. */
const own = (context: Context, institution: TrainingInstitution | null) => {
  const actor = requireActor(context, ...READERS);
  return actor.role !== 'INSTITUTION' || institution?.code === actor.institution
    ? institution
    : null;
};

/** The institution by id or code, as the actor may see it. */
export async function trainingInstitution(
  context: Context,
  key: { id?: string | null; code?: string | null },
): Promise<TrainingInstitution | null> {
  requireActor(context, ...READERS);
  const { manager } = context.db;
  if (key.id) return own(context, await findInstitution(manager, key.id));
  return key.code ? own(context, await findInstitutionByCode(manager, key.code)) : null;
}

export interface InstitutionFilter extends PageArgs {
  kind?: string | null;
  sector?: string | null;
  category?: string | null;
  on?: string | null;
}

/** Institutions by code, as the actor may see them. */
export async function trainingInstitutions(
  context: Context,
  filter: InstitutionFilter,
): Promise<Connection<TrainingInstitution>> {
  const actor = requireActor(context, ...READERS);
  const page = pageOf(filter, 'text');
  const query = context.db.manager.createQueryBuilder(TrainingInstitution, 'i').where('true');
  if (actor.role === 'INSTITUTION') {
    query.andWhere('i.code = :own', { own: actor.institution ?? '' });
  }
  if (filter.kind) query.andWhere('i.kind = :kind', { kind: filter.kind });
  if (filter.sector || filter.category) {
    query.andWhere(
      `EXISTS (SELECT 1 FROM accreditation a WHERE a.institution_id = i.id
         AND CAST(:day AS date) BETWEEN a.valid_from AND a.valid_to
         AND (CAST(:sector AS text) IS NULL OR :sector = ANY (a.sectors))
         AND (CAST(:category AS text) IS NULL OR :category = ANY (a.categories)))`,
      {
        day: filter.on ?? localDate(nowOf(context)),
        sector: filter.sector ?? null,
        category: filter.category ?? null,
      },
    );
  }
  if (page.after) query.andWhere('i.code > :after', { after: page.after[0] });
  const rows = await query
    .orderBy('i.code')
    .limit(page.limit + 1)
    .getMany();
  return connectionOf(rows, page, (institution) => [institution.code]);
}

export const institutionById: Batch<string, TrainingInstitution> = async ({ db }, keys) =>
  inOrder(
    keys,
    await db.manager.findBy(TrainingInstitution, { id: In(keys.filter(isUuid)) }),
    ({ id }) => id,
  );

export const accreditationsOf: Batch<string, Accreditation[]> = async ({ db }, keys) =>
  grouped(
    keys,
    await db.manager.find(Accreditation, {
      where: { institutionId: In([...keys]) },
      order: { validFrom: 'DESC', id: 'DESC' },
    }),
    ({ institutionId }) => institutionId,
  );

export const suspensionsOf: Batch<string, InstitutionSuspension[]> = async ({ db }, keys) =>
  grouped(
    keys,
    await db.manager.find(InstitutionSuspension, {
      where: { institutionId: In([...keys]) },
      order: { from: 'DESC', id: 'DESC' },
    }),
    ({ institutionId }) => institutionId,
  );

export const ratingsOf: Batch<string, InstitutionRating[]> = async ({ db }, keys) =>
  grouped(
    keys,
    await db.manager.find(InstitutionRating, {
      where: { institutionId: In([...keys]) },
      order: { at: 'DESC', id: 'DESC' },
    }),
    ({ institutionId }) => institutionId,
  );
