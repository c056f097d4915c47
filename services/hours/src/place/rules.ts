import { groupBy } from '@yanxiu/contracts/group-by';

/** Where a unit stands from a day on, and the day (Asia/Shanghai) on which that was recorded. */
export interface Place {
  code: string;
  /** Codes from the root down, joined by dots. */
  path: string;
  validFrom: string;
  recordedOn: string;
}

/** All that was ever known of the tree; answers without I/O as `treeAsOf` does. */
export class Places {
  readonly #ofUnit: ReadonlyMap<string, readonly Place[]>;

  /** `places` in the order of their recording. */
  constructor(places: readonly Place[]) {
    this.#ofUnit = groupBy(places, ({ code }) => code);
  }

  /** All places of a unit, in the order of their recording. */
  of(code: string): readonly Place[] {
    return this.#ofUnit.get(code) ?? [];
  }

  /**
   * The unit's path on a day by what was recorded by the end of another. What nobody knew by then
   * counts as it was first known.
   */
  pathOn(code: string, validAt: string, knownOn: string): string | null {
    const places = this.of(code);
    const [first] = places;
    let found: Place | null = null;
    for (const place of places) {
      if (place.validFrom > validAt || place.recordedOn > knownOn) continue;
      if (!found || place.validFrom >= found.validFrom) found = place;
    }
    return (found ?? first)?.path ?? null;
  }
}
