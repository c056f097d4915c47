import { In } from 'typeorm';
import { localDate } from '@yanxiu/subgraph/calendar';
import { inOrder, load, nowOf, type Batch, type Context } from '@yanxiu/subgraph/context';
import { Policy, PolicyInstrument } from './entity.js';

/**
 * Versions in force on a date for a unit, by key; read by anyone (R138). Precedence is that of
 * `policiesOn` of the registry: nearest scope, latest `validFrom`, highest version.
 */
export async function policiesInForce(
  context: Context,
  asked: { on?: string | null | undefined; scope?: string | null | undefined },
  key: string | null = null,
): Promise<Policy[]> {
  const { manager } = context.db;
  const date = asked.on ?? localDate(nowOf(context));
  const rows: { key: string; version: number }[] = await manager.query(
    `SELECT DISTINCT ON (p.key) p.key, p.version
     FROM policy p LEFT JOIN org_unit scope ON scope.code = p.scope_code
     WHERE ($3::text IS NULL OR p.key = $3)
       AND p.valid_from <= $1 AND (p.valid_to IS NULL OR p.valid_to >= $1)
       AND (p.scope_code IS NULL OR EXISTS (
         SELECT 1 FROM org_unit u
         WHERE u.code = $2 AND u.path >= scope.path AND u.path < scope.path || '/'))
     ORDER BY p.key, length(coalesce(scope.path, '')) DESC, p.valid_from DESC, p.version DESC`,
    [date, asked.scope ?? null, key],
  );
  if (rows.length === 0) return [];
  const found = await manager.find(Policy, {
    where: rows.map((row) => ({ key: row.key, version: row.version })),
    order: { key: 'ASC' },
  });
  return found;
}

/** Every version of a key, the newest first. */
export const policyVersions = (context: Context, key: string): Promise<Policy[]> =>
  context.db.manager.find(Policy, { where: { key }, order: { version: 'DESC' } });

export const policyVersion = (context: Context, key: string, version: number): Promise<Policy> =>
  context.db.manager.findOneByOrFail(Policy, { key, version });

/** Every document, the newest first. */
export const policyInstruments = (context: Context): Promise<PolicyInstrument[]> =>
  context.db.manager.find(PolicyInstrument, { order: { issuedOn: 'DESC', citation: 'ASC' } });

const instrumentsByCitation: Batch<string, PolicyInstrument> = async ({ db }, citations) =>
  inOrder(
    citations,
    await db.manager.findBy(PolicyInstrument, { citation: In([...citations]) }),
    (instrument) => instrument.citation,
  );

/** The document that a version rests on; the database makes sure that there is one. */
export async function instrumentOf(context: Context, citation: string): Promise<PolicyInstrument> {
  const instrument = await load(context, instrumentsByCitation, citation);
  if (!instrument) throw new Error(`no instrument ${citation}`);
  return instrument;
}
