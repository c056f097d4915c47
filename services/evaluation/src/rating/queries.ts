import { In } from 'typeorm';
import type { Actor } from '@yanxiu/subgraph/actor';
import { grouped, inOrder, requireActor, type Batch, type Context } from '@yanxiu/subgraph/context';
import { connectionOf, pageOf, type Connection, type PageArgs } from '@yanxiu/subgraph/pagination';
import { InstitutionRating, type RatingGrade } from './entity.js';

/** The pooled result of an institution's small projects; scores in hundredths. */
export interface PooledResult {
  institutionId: string;
  projects: number;
  responses: number;
  score: number;
  alpha: number | null;
  pooledAt: Date;
}

/**
 * SQL over `column`, an institution's id, that holds for what the actor may see; its parameter is
 * `$1`. Ratings are evidence wherever institutions are selected: every department sees all.
 */
function visibleTo(actor: Actor, column: string): { sql: string; parameter: string } {
  switch (actor.role) {
    case 'OFFICER':
    case 'COORDINATOR':
    case 'FINANCE':
    case 'AUDITOR':
    case 'ANALYST':
      return { sql: `$1 <> ''`, parameter: actor.unit };
    case 'INSTITUTION':
      return {
        sql: `${column} IN (SELECT i.id FROM institution i WHERE i.code = $1)`,
        parameter: actor.institution ?? '',
      };
    default:
      return { sql: '$1::text IS NULL', parameter: actor.role };
  }
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** All ratings of an institution that the caller may see, the latest first. */
export const ratingsByInstitution: Batch<string, InstitutionRating[]> = async (context, keys) => {
  const rows = await visible(context, 'institution_id', keys);
  return grouped(keys, rows, (row) => row.institutionId);
};

/** Ratings by id, of those that the caller may see. */
export const ratingById: Batch<string, InstitutionRating> = async (context, keys) =>
  inOrder(keys, await visible(context, 'id', keys), (row) => row.id);

async function visible(
  { actor, db }: Context,
  column: 'id' | 'institution_id',
  keys: readonly string[],
): Promise<InstitutionRating[]> {
  if (!actor) return [];
  const { sql, parameter } = visibleTo(actor, 'r.institution_id');
  const rows: { id: string }[] = await db.query(
    `SELECT r.id FROM institution_rating r WHERE ${sql} AND r.${column} = ANY($2::uuid[])`,
    [parameter, keys.filter((key) => UUID.test(key))],
  );
  return db.manager.find(InstitutionRating, {
    where: { id: In(rows.map(({ id }) => id)) },
    order: { number: 'DESC' },
  });
}

/** Pooled results of an institution that the caller may see, the latest first. */
export const pooledByInstitution: Batch<string, PooledResult[]> = async ({ actor, db }, keys) => {
  if (!actor) return keys.map(() => []);
  const { sql, parameter } = visibleTo(actor, 'p.institution_id');
  const rows: PooledResult[] = await db.query(
    `SELECT p.institution_id AS "institutionId", p.projects, p.responses, p.score, p.alpha,
            p.pooled_at AS "pooledAt"
     FROM pooled_result p WHERE ${sql} AND p.institution_id = ANY($2::uuid[])
     ORDER BY p.pooled_at DESC, p.id`,
    [parameter, keys.filter((key) => UUID.test(key))],
  );
  return grouped(keys, rows, (row) => row.institutionId);
};

/** A page of the latest ratings, by score from high to low. */
export async function institutionRatings(
  context: Context,
  args: PageArgs & { grade?: RatingGrade | null },
): Promise<Connection<InstitutionRating>> {
  const { sql, parameter } = visibleTo(requireActor(context), 'r.institution_id');
  const page = pageOf(args, 'integer', 'uuid');
  const rows: { id: string }[] = await context.db.query(
    `SELECT r.id FROM institution_rating r
     WHERE ${sql} AND ($2::text IS NULL OR r.grade = $2)
       AND NOT EXISTS (SELECT 1 FROM institution_rating later
         WHERE later.institution_id = r.institution_id AND later.number > r.number)
       AND ($3::int IS NULL OR (r.score, r.id) < ($3, $4::uuid))
     ORDER BY r.score DESC, r.id DESC LIMIT $5`,
    [
      parameter,
      args.grade ?? null,
      page.after?.[0] ?? null,
      page.after?.[1] ?? null,
      page.limit + 1,
    ],
  );
  const ids = rows.map(({ id }) => id);
  const found = await context.db.manager.findBy(InstitutionRating, { id: In(ids) });
  const ordered = inOrder(ids, found, (row) => row.id).filter((row) => row !== null);
  return connectionOf(ordered, page, (row) => [String(row.score), row.id]);
}
