import { PolicyMissing, PolicySet, type PolicyVersion } from '@yanxiu/registry/policy';

/** A published version with the time and the place for which it holds. */
export interface DatedVersion extends PolicyVersion {
  validFrom: string;
  validTo: string | null;
  /** The unit whose subtree it holds for; null: the whole province. */
  scopeCode: string | null;
  publishedAt: Date;
}

/** All published versions; answers without I/O which are in force. */
export class Parameters {
  constructor(private readonly versions: readonly DatedVersion[]) {}

  /**
   * What was published before an instant: a report as of then is not changed by later versions.
   * A parameter that nobody had published by then counts as it was first published.
   */
  knownBefore(instant: Date): Parameters {
    const first = new Map<string, DatedVersion>();
    for (const version of this.versions) {
      const earlier = first.get(version.key);
      if (!earlier || version.publishedAt < earlier.publishedAt) first.set(version.key, version);
    }
    return new Parameters(
      this.versions.filter(
        (version) => version.publishedAt < instant || first.get(version.key) === version,
      ),
    );
  }

  /** The first year for which one of these parameters has a version; none: after all years. */
  firstYear(keys: readonly string[]): number {
    const from = this.versions.filter(({ key }) => keys.includes(key));
    return Math.min(...from.map(({ validFrom }) => Number(validFrom.slice(0, 4))));
  }

  /** The values that a parameter has had in any version, for whatever time and place. */
  valuesOf<V>(key: string): V[] {
    return this.versions.filter((version) => version.key === key).map(({ value }) => value as V);
  }

  /**
   * The parameters in force on a date for the unit with this path, as `policiesOn` of the registry
   * finds them: the nearest scope, then the latest `validFrom`, then the highest version.
   */
  on(date: string, path: string | null): PolicySet {
    const units = path?.split('.') ?? [];
    const depth = ({ scopeCode }: DatedVersion) => (scopeCode ? units.indexOf(scopeCode) + 1 : 0);
    const inForce = this.versions
      .filter(({ validFrom, validTo }) => validFrom <= date && (validTo ?? date) >= date)
      .filter((version) => version.scopeCode === null || depth(version) > 0)
      .sort(
        (a, b) =>
          depth(a) - depth(b) ||
          (a.validFrom < b.validFrom ? -1 : a.validFrom > b.validFrom ? 1 : 0) ||
          a.version - b.version,
      );
    // Of several versions of a key the last one stays.
    return PolicySet.of(inForce);
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
