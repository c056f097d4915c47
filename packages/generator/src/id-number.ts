import type { Random } from './random.js';

/**
 * ID numbers of invented people. They all begin with 140000, the province itself, under which no
 * number is issued (a real one begins with a county's code), and their sequence is 900–999.
 */
export const RESERVED_AREA = '140000';

/**
 * One of so many areas under which no number is issued: 140000 to 140009, since no city has the
 * code 1400.
 */
const reservedArea = (random: Random, areas: number): string =>
  areas === 1 ? RESERVED_AREA : `14000${random.int(0, areas - 1)}`;

/** Numbers that are given, and the count of areas from which they are taken. */
export interface Register {
  areas: number;
  taken: Set<string>;
}

/** Weights and check characters of GB 11643-1999 (ISO 7064, MOD 11-2). */
const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const CHECK = '10X98765432';

export function checkCharacter(first17: string): string {
  const sum = WEIGHTS.reduce((total, weight, at) => total + weight * Number(first17[at]), 0);
  return CHECK.charAt(sum % 11);
}

/** A number for someone born on the day that nobody has yet; the sequence is odd for a man. */
export function idNumber(
  random: Random,
  birth: string,
  woman: boolean,
  { areas, taken }: Register,
): string {
  for (let attempt = 0; attempt < 400; attempt += 1) {
    const sequence = 900 + 2 * random.int(0, 49) + (woman ? 0 : 1);
    const first17 = `${reservedArea(random, areas)}${birth.replaceAll('-', '')}${sequence}`;
    const number = first17 + checkCharacter(first17);
    if (!taken.has(number)) {
      taken.add(number);
      return number;
    }
  }
  throw new Error(`no ID number is left in the reserved range for ${birth}`);
}
