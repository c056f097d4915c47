import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import semver from 'semver';

/** A published advisory about a package that we use, by its own dependency or ours. */
interface Advisory {
  package: string;
  /** GHSA or CVE. */
  id: string;
  /** The first version of each line that is mended; later lines are. */
  fixed: string[];
  what: string;
  /** Versions that we have all the same, and why it cannot be reached in them. */
  accepted?: { versions: string[]; why: string };
}

const read = <T>(name: string): T =>
  JSON.parse(readFileSync(fileURLToPath(new URL(name, import.meta.url)), 'utf8')) as T;

const advisories = read<Advisory[]>('advisories.json');
const { packages } = read<{ packages: Record<string, { version?: string }> }>(
  '../package-lock.json',
);

/** Whether a version has the fix of its own line, or comes after all of them. */
function isMended(version: string, fixed: readonly string[]): boolean {
  const ofLine = fixed.filter((one) => semver.major(one) === semver.major(version));
  const sameMinor = ofLine.filter((one) => semver.minor(one) === semver.minor(version));
  const floors = sameMinor.length > 0 ? sameMinor : ofLine;
  if (floors.length > 0) return floors.some((one) => semver.gte(version, one));
  return fixed.every((one) => semver.gt(version, one));
}

/** Everywhere in the tree that a package stands, with its version. */
const places = (name: string): [string, string][] =>
  Object.entries(packages).flatMap(([place, { version }]) =>
    place.endsWith(`node_modules/${name}`) && version ? [[place, version]] : [],
  );

describe('published advisories', () => {
  it.each([
    ['7.24.0', true],
    ['7.23.9', false],
    ['6.24.1', true],
    ['6.23.0', false],
    ['5.9.0', false],
    ['8.0.0', true],
  ])('knows whether %s is mended by 6.24.0 and 7.24.0: %s', (version, mended) => {
    expect(isMended(version, ['6.24.0', '7.24.0'])).toBe(mended);
  });

  it.each(advisories)('$id of $package is mended wherever it stands', (advisory) => {
    const found = places(advisory.package);
    expect(found.length).toBeGreaterThan(0);
    const exposed = found.filter(([, version]) => !isMended(version, advisory.fixed));
    const accepted = advisory.accepted?.versions ?? [];
    expect(exposed.filter(([, version]) => !accepted.includes(version))).toEqual([]);
    // An exception that nothing needs any more is taken out.
    const needed = new Set(exposed.map(([, version]) => version));
    expect(accepted.filter((version) => !needed.has(version))).toEqual([]);
  });
});
