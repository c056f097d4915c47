import { createHash } from 'node:crypto';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';

/** FNV-1a: the seed of a stream with a name. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const character of text) {
    value = Math.imul(value ^ (character.codePointAt(0) ?? 0), 0x01000193);
  }
  return value | 0;
}

/** Numbers that follow from a seed and a name alone: another stream never shifts this one. */
export class Random {
  readonly #generator: RandomGenerator;

  constructor(
    readonly seed: number,
    readonly name: string,
  ) {
    this.#generator = xoroshiro128plus(hash(`${seed}/${name}`));
  }

  /** A stream of its own for a part of this one. */
  stream(name: string): Random {
    return new Random(this.seed, `${this.name}/${name}`);
  }

  /** A whole number from `low` to `high`, both included. */
  int(low: number, high: number): number {
    return uniformInt(this.#generator, low, high);
  }

  /** From 0 up to, not including, 1. */
  unit(): number {
    return this.int(0, 0x7ffffffe) / 0x7fffffff;
  }

  chance(probability: number): boolean {
    return this.unit() < probability;
  }

  pick<T>(values: readonly T[]): T {
    const value = values[this.int(0, values.length - 1)];
    if (value === undefined) throw new Error(`${this.name}: nothing to pick from`);
    return value;
  }

  /** One of the keys, as often as its weight says. */
  weighted<K extends string>(weights: Readonly<Record<K, number>>): K {
    const entries = Object.entries(weights) as [K, number][];
    let rest = this.unit() * entries.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [key, weight] of entries) {
      rest -= weight;
      if (rest < 0) return key;
    }
    return this.pick(entries)[0];
  }

  normal(mean: number, deviation: number): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.unit()));
    return mean + deviation * radius * Math.cos(2 * Math.PI * this.unit());
  }

  exponential(mean: number): number {
    return -mean * Math.log(1 - this.unit());
  }

  shuffled<T>(values: readonly T[]): T[] {
    const keyed = values.map((value) => [this.unit(), value] as const);
    return keyed.sort(([a], [b]) => a - b).map(([, value]) => value);
  }
}

const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');

/** A UUIDv7 of this moment whose other bits follow from the stream. */
export function uuid7(random: Random, at: string): string {
  const time = hex(Date.parse(at), 12);
  const bits = (count: number): number => random.int(0, 2 ** count - 1);
  const variant = hex(0x8000 | bits(14), 4);
  const node = hex(bits(24), 6) + hex(bits(24), 6);
  return `${time.slice(0, 8)}-${time.slice(8)}-${hex(0x7000 | bits(12), 4)}-${variant}-${node}`;
}

/**
 * A UUIDv7 of this moment whose other bits are a hash of the name: for what is so many that two of
 * the streams, whose seeds have 32 bits, would give one id.
 */
export function namedUuid7(name: string, at: string): string {
  const bits = createHash('sha256').update(name).digest('hex');
  const time = hex(Date.parse(at), 12);
  const variant = hex(0x8000 | (parseInt(bits.slice(0, 4), 16) & 0x3fff), 4);
  return `${time.slice(0, 8)}-${time.slice(8)}-7${bits.slice(4, 7)}-${variant}-${bits.slice(8, 20)}`;
}
