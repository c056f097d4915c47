import { localDate } from '@yanxiu/subgraph/calendar';
import { inForceOn, PolicySet, type DatedVersion } from '@yanxiu/registry/policy';

/** Sets kept for dates and places that are asked about again. */
const MOST_SETS = 10_000;

/** A version that is not published. */
export type NewVersion = Pick<
  DatedVersion,
  'key' | 'value' | 'validFrom' | 'validTo' | 'scopeCode'
>;

/** All published versions; answers without I/O which are in force. */
export class Parameters {
  /** Units that some version holds for: all that a path matters by. */
  private readonly scopes: ReadonlySet<string | null>;
  private readonly sets = new Map<string, PolicySet>();

  constructor(private readonly versions: readonly DatedVersion[]) {
    this.scopes = new Set(versions.map(({ scopeCode }) => scopeCode));
  }

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

  /** The days (Asia/Shanghai) on which something was published, in order. */
  get publicationDays(): string[] {
    return [...new Set(this.versions.map(({ publishedAt }) => localDate(publishedAt)))].sort();
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
    const scopes = path?.split('.').filter((code) => this.scopes.has(code)) ?? [];
    const name = [date, ...scopes].join('.');
    const known = this.sets.get(name);
    if (known) return known;
    const set = PolicySet.of(inForceOn(this.versions, date, scopes.join('.')));
    if (this.sets.size >= MOST_SETS) this.sets.clear();
    this.sets.set(name, set);
    return set;
  }

  /** These and further versions, as if they were published one after another now. */
  with(changes: readonly NewVersion[]): Parameters {
    const versions = [...this.versions];
    for (const change of changes) {
      const ofKey = versions.filter(({ key }) => key === change.key);
      const version = Math.max(0, ...ofKey.map((each) => each.version)) + 1;
      const unpublished = { unit: '', article: '', quotation: '', instrument: '' };
      versions.push({ ...unpublished, ...change, version, publishedAt: new Date() });
    }
    return new Parameters(versions);
  }
}
