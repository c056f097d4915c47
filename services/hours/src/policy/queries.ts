import type { Driver, EntityManager } from 'typeorm';
import type { DatedVersion, PolicyVersion } from '@yanxiu/registry/policy';
import { inOrder, type Batch } from '@yanxiu/subgraph/context';
import { Parameters } from './rules.js';

/**
 * SQL that names all published versions. A version is never edited, so what was read under the
 * same name still holds: nothing is computed with a parameter that has been superseded.
 */
export const STAMP = `(SELECT md5(string_agg(key || '@' || version, ',' ORDER BY key, version))
  FROM policy WHERE key LIKE 'hours.%')`;

/** The name of all published versions, as {@link STAMP} gives it. */
export async function stampOf(manager: EntityManager): Promise<string | null> {
  const rows: { stamp: string | null }[] = await manager.query(`SELECT ${STAMP} AS stamp`);
  return rows[0]?.stamp ?? null;
}

const cache = new WeakMap<Driver, { stamp: string | null; parameters: Parameters }>();

/** The parameters of hours; read again only when `stamp` is another. */
export async function parametersOf(
  manager: EntityManager,
  stamp?: string | null,
): Promise<Parameters> {
  const name = stamp === undefined ? await stampOf(manager) : stamp;
  const kept = cache.get(manager.connection.driver);
  if (kept && kept.stamp === name) return kept.parameters;
  const versions: DatedVersion[] = await manager.query(
    `SELECT key, version, value, unit, article, quotation, instrument,
       valid_from::text AS "validFrom", valid_to::text AS "validTo", scope_code AS "scopeCode",
       published_at AS "publishedAt"
     FROM policy WHERE key LIKE 'hours.%' ORDER BY key, version`,
  );
  const parameters = new Parameters(versions);
  cache.set(manager.connection.driver, { stamp: name, parameters });
  return parameters;
}

/** Published versions of parameters, key `key@version`, for a DataLoader. */
export const policyVersions: Batch<string, PolicyVersion> = async (context, keys) => {
  const rows: PolicyVersion[] = await context.db.query(
    `SELECT key, version, value, unit, article, quotation, instrument FROM policy
     WHERE key || '@' || version = ANY($1::text[])`,
    [keys],
  );
  return inOrder(keys, rows, ({ key, version }) => `${key}@${version}`);
};
