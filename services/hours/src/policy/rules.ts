import { inForceOn, PolicyMissing, PolicySet, type DatedVersion } from '@yanxiu/registry/policy';

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
    return PolicySet.of(inForceOn(this.versions, date, path));
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
