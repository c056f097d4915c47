import type { EntityManager } from 'typeorm';
import { policyPublished } from '@yanxiu/contracts/personnel';
import { NotYetKnown, on, type EventHandler } from '@yanxiu/messaging/handlers';
import { DomainError } from '@yanxiu/subgraph/errors';

/** One version of a parameter, as a trace cites it. */
export interface PolicyVersion<V = unknown> {
  key: string;
  version: number;
  value: V;
  unit: string;
  article: string;
  quotation: string;
  instrument: string;
}

/** A published version with the time and the place for which it holds. */
export interface DatedVersion extends PolicyVersion {
  validFrom: string;
  validTo: string | null;
  /** The unit whose subtree it holds for; null: the whole province. */
  scopeCode: string | null;
  publishedAt: Date;
}

type Held = Pick<DatedVersion, 'key' | 'version' | 'validFrom' | 'validTo' | 'scopeCode'>;

/**
 * The versions in force on a date for the unit with this path, one of each key, by the precedence
 * of {@link policiesOn} and without I/O.
 */
export function inForceOn<V extends Held>(
  versions: readonly V[],
  date: string,
  path: string | null,
): V[] {
  const units = path?.split('.') ?? [];
  const depth = ({ scopeCode }: V) => (scopeCode ? units.indexOf(scopeCode) + 1 : 0);
  const inForce = versions
    .filter(({ validFrom, validTo }) => validFrom <= date && (validTo ?? date) >= date)
    .filter((version) => version.scopeCode === null || depth(version) > 0)
    .sort(
      (a, b) =>
        depth(a) - depth(b) ||
        (a.validFrom < b.validFrom ? -1 : a.validFrom > b.validFrom ? 1 : 0) ||
        a.version - b.version,
    );
  // Of several versions of a key the last one stays.
  return [...new Map(inForce.map((version) => [version.key, version])).values()];
}

/** Parameters in force on a date for a unit, read once and then looked up without I/O by rules. */
export class PolicySet {
  constructor(private readonly versions: ReadonlyMap<string, PolicyVersion>) {}

  /** The version in force; throws when the registry has published none. */
  get<V>(key: string): PolicyVersion<V> {
    const version = this.versions.get(key);
    if (!version) throw new PolicyMissing(key);
    return version as PolicyVersion<V>;
  }

  /** The value in force. */
  value<V>(key: string): V {
    return this.get<V>(key).value;
  }

  static of(versions: readonly PolicyVersion[]): PolicySet {
    return new PolicySet(new Map(versions.map((version) => [version.key, version])));
  }
}

export class PolicyMissing extends Error {
  constructor(key: string) {
    super(`no policy "${key}" is in force; the registry (personnel) must publish it first`);
  }
}

/** What is computed; null where no parameter was in force for it. */
export function ifAny<T>(compute: () => T): T | null {
  try {
    return compute();
  } catch (error) {
    if (error instanceof PolicyMissing) return null;
    throw error;
  }
}

/** A parameter that has not arrived yet is waited for, as any reference is. */
export function orWait<T>(compute: () => T): T {
  try {
    return compute();
  } catch (error) {
    if (error instanceof PolicyMissing) throw new NotYetKnown(error.message);
    throw error;
  }
}

/** What a command computes with parameters; refused (POLICY-MISSING) while one is not published. */
export function orRefuse<T>(compute: () => T): T {
  try {
    return compute();
  } catch (error) {
    if (!(error instanceof PolicyMissing)) throw error;
    throw new DomainError(
      'REFUSED',
      { zh: `尚无生效的参数，须由省级先发布：${error.message}`, en: error.message },
      { rule: 'POLICY-MISSING' },
    );
  }
}

/**
 * The parameters in force on `date` (calendar date in Asia/Shanghai) for `unitCode`: of several
 * versions the one with the nearest scope, then the latest `validFrom`, then the highest version.
 */
export async function policiesOn(
  manager: EntityManager,
  date: string,
  unitCode: string | null,
): Promise<PolicySet> {
  const rows: PolicyVersion[] = await manager.query(
    `SELECT DISTINCT ON (p.key) p.key, p.version, p.value, p.unit, p.article, p.quotation,
            p.instrument
     FROM policy p
     LEFT JOIN org_unit scope ON scope.code = p.scope_code
     WHERE p.valid_from <= $1 AND (p.valid_to IS NULL OR p.valid_to >= $1)
       AND (p.scope_code IS NULL OR EXISTS (
         SELECT 1 FROM org_unit u
         WHERE u.code = $2 AND u.path >= scope.path AND u.path < scope.path || '/'))
     ORDER BY p.key, length(coalesce(scope.path, '')) DESC, p.valid_from DESC, p.version DESC`,
    [date, unitCode],
  );
  return PolicySet.of(rows);
}

/** Keeps the copy of the policy register; versions are only ever added. */
export const policyHandlers: readonly EventHandler[] = [
  on(policyPublished, async ({ data }, { manager }) => {
    await manager.query(
      `INSERT INTO policy (key, version, value, unit, valid_from, valid_to, scope_code, rules,
                           instrument, article, quotation, published_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
      [
        data.key,
        data.version,
        JSON.stringify(data.value),
        data.unit,
        data.validFrom,
        data.validTo,
        data.scopeCode,
        data.rules,
        data.instrument,
        data.article,
        data.quotation,
        data.publishedAt,
      ],
    );
  }),
];
