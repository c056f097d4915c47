import type { EntityManager } from 'typeorm';
import { localDateSql } from '@yanxiu/subgraph/calendar';
import { Places, type Place } from './rules.js';

/**
 * SQL of the tree (`code`, `path`) as it was on a date by what was known before an instant. A unit
 * that nobody knew by then counts where it was first known to be. `these` is a condition on the
 * only units that are looked at.
 */
export const treeAsOf = (validAt: string, knownBefore: string, these = 'true'): string => `
  SELECT DISTINCT ON (code) code, path
  FROM (SELECT code, path, valid_from, seq,
          valid_from <= ${validAt} AND recorded_at < ${knownBefore} AS known
        FROM org_unit_place WHERE ${these}) p
  ORDER BY code, known DESC, CASE WHEN known THEN valid_from END DESC,
    CASE WHEN known THEN -seq ELSE seq END`;

/**
 * All that was ever known of the tree; with `teacherIds` of the units that these teachers ever
 * belonged to, and of all that those were ever below.
 */
export async function placesOf(
  manager: EntityManager,
  teacherIds?: readonly string[],
): Promise<Places> {
  const these = `WHERE code IN (
    SELECT unnest(string_to_array(path, '.')) FROM org_unit_place WHERE code IN (
      SELECT unit_code FROM teacher_unit WHERE teacher_id IN (SELECT unnest($1::uuid[]))))`;
  const rows: Place[] = await manager.query(
    `SELECT code, path, valid_from::text AS "validFrom",
       ${localDateSql('recorded_at')}::text AS "recordedOn"
     FROM org_unit_place ${teacherIds ? these : ''} ORDER BY seq`,
    teacherIds ? [teacherIds] : [],
  );
  return new Places(rows);
}
