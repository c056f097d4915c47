import type { EntityManager } from 'typeorm';
import {
  orgUnitMoved,
  orgUnitRegistered,
  type OrgUnitRegistered,
} from '@yanxiu/contracts/personnel';
import { NotYetKnown, on, type EventHandler } from '@yanxiu/messaging/handlers';

export type Tier = OrgUnitRegistered['tier'];
export type Sector = NonNullable<OrgUnitRegistered['sector']>;

/** A unit of the tree as the local copy knows it. */
export interface OrgUnit {
  code: string;
  name: string;
  tier: Tier;
  sector: Sector | null;
  stage: string | null;
  parentCode: string | null;
  /** Codes from the root down, joined by dots. */
  path: string;
}

const COLUMNS = `code, name, tier, sector, stage, parent_code AS "parentCode", path`;

export async function findOrgUnit(manager: EntityManager, code: string): Promise<OrgUnit | null> {
  const rows: OrgUnit[] = await manager.query(`SELECT ${COLUMNS} FROM org_unit WHERE code = $1`, [
    code,
  ]);
  return rows[0] ?? null;
}

/** The unit and all units below it. */
export async function findSubtree(manager: EntityManager, code: string): Promise<OrgUnit[]> {
  return manager.query(
    `SELECT ${COLUMNS} FROM org_unit WHERE ${within('path', '$1')} ORDER BY path`,
    [code],
  );
}

/**
 * SQL that holds when the path in `column` lies in the subtree of the unit whose code is
 * `parameter`.
 */
export const within = (column: string, parameter: string): string =>
  `(${column} >= (SELECT path FROM org_unit WHERE code = ${parameter})
    AND ${column} < (SELECT path || '/' FROM org_unit WHERE code = ${parameter}))`;

/**
 * As {@link within} where the path itself is the parameter: the server then knows how much of the
 * tree is asked about, and plans a school's list and a province's differently.
 */
export const withinPath = (column: string, parameter: string): string =>
  `(${column} >= ${parameter}::text AND ${column} < ${parameter}::text || '/')`;

/** True when the unit is the one whose code is `ancestor` or lies below it. */
export const liesWithin = ({ path }: Pick<OrgUnit, 'path'>, ancestor: string): boolean =>
  path.split('.').includes(ancestor);

/** As {@link liesWithin} for a unit by its code; false for one that is not known. */
export async function isWithin(
  manager: EntityManager,
  code: string,
  ancestor: string,
): Promise<boolean> {
  const rows: unknown[] = await manager.query(
    `SELECT 1 FROM org_unit WHERE code = $1 AND ${within('path', '$2')}`,
    [code, ancestor],
  );
  return rows.length > 0;
}

/** The unit above in the administrative tree; null at the root. */
export async function superiorOf(manager: EntityManager, code: string): Promise<OrgUnit | null> {
  const unit = await findOrgUnit(manager, code);
  return unit?.parentCode ? findOrgUnit(manager, unit.parentCode) : null;
}

/** The units above, from the root down. */
export async function findAbove(
  manager: EntityManager,
  { code, path }: Pick<OrgUnit, 'code' | 'path'>,
): Promise<OrgUnit[]> {
  return manager.query(
    `SELECT ${COLUMNS} FROM org_unit
     WHERE code = ANY (string_to_array($1, '.')) AND code <> $2 ORDER BY path`,
    [path, code],
  );
}

/** Keeps the copy of the tree. */
export const orgUnitHandlers: readonly EventHandler[] = [
  on(orgUnitRegistered, async ({ data }, { manager }) => {
    let path = data.code;
    if (data.parentCode) {
      const parent = await findOrgUnit(manager, data.parentCode);
      if (!parent) throw new NotYetKnown(`org unit ${data.parentCode}`);
      path = `${parent.path}.${data.code}`;
      await saveParent(manager, data.code, data.parentCode, data.validFrom);
    }
    await manager.query(
      `INSERT INTO org_unit (code, name, tier, sector, stage, parent_code, path, valid_from)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
      [
        data.code,
        data.name,
        data.tier,
        data.sector,
        data.stage,
        data.parentCode,
        path,
        data.validFrom,
      ],
    );
  }),
  on(orgUnitMoved, async ({ data }, { manager }) => {
    const [unit, parent] = [
      await findOrgUnit(manager, data.code),
      await findOrgUnit(manager, data.parentCode),
    ];
    if (!unit || !parent) throw new NotYetKnown(`org unit ${data.parentCode}`);
    await saveParent(manager, data.code, data.parentCode, data.validFrom);
    await manager.query(
      `UPDATE org_unit SET path = $2 || substr(path, $3)
       WHERE path >= $1 AND path < $1 || '/'`,
      [unit.path, `${parent.path}.${data.code}`, unit.path.length + 1],
    );
    await manager.query('UPDATE org_unit SET parent_code = $2 WHERE code = $1', [
      data.code,
      data.parentCode,
    ]);
  }),
];

async function saveParent(
  manager: EntityManager,
  code: string,
  parentCode: string,
  validFrom: string,
): Promise<void> {
  await manager.query(
    `INSERT INTO org_unit_parent (code, parent_code, valid_from) VALUES ($1, $2, $3)
     ON CONFLICT (code, valid_from) DO UPDATE SET parent_code = excluded.parent_code`,
    [code, parentCode, validFrom],
  );
}
