import { PolicySet, type PolicyVersion } from '@yanxiu/registry/policy';

/** A published version with the time and the place for which it holds. */
export interface DatedVersion extends PolicyVersion {
  validFrom: string;
  validTo: string | null;
  /** The unit whose subtree it holds for; null: the whole province. */
  scopeCode: string | null;
}

/** All published versions; answers without I/O which are in force. */
export class Parameters {
  constructor(private readonly versions: readonly DatedVersion[]) {}

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
