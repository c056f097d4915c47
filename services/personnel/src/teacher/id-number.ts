import { isDate, yearsAfter } from '@yanxiu/subgraph/calendar';

/** Weights and check characters of GB 11643-1999 (ISO 7064 MOD 11-2). */
const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const CHECK = '10X98765432';

export type IdNumberFault = 'FORMAT' | 'CHECK-DIGIT' | 'BIRTH-DATE';

/** Without blanks around it and with a capital X. */
export const normalIdNumber = (text: string): string => text.trim().toUpperCase();

/** The check character that belongs to the first 17 digits. */
export function checkCharacter(first17: string): string {
  const sum = WEIGHTS.reduce((total, weight, at) => total + weight * Number(first17[at]), 0);
  return CHECK.charAt(sum % 11);
}

/** What is wrong with a (normalised) ID number on `today`; null when nothing is. */
export function idNumberFault(idNumber: string, today: string): IdNumberFault | null {
  if (!/^\d{17}[\dX]$/.test(idNumber)) return 'FORMAT';
  if (checkCharacter(idNumber) !== idNumber[17]) return 'CHECK-DIGIT';
  const birth = birthDateOf(idNumber);
  if (!isDate(birth) || birth < yearsAfter(today, -100) || birth > yearsAfter(today, -16)) {
    return 'BIRTH-DATE';
  }
  return null;
}

/** `YYYY-MM-DD` as the digits 7–14 say. */
export const birthDateOf = (idNumber: string): string =>
  `${idNumber.slice(6, 10)}-${idNumber.slice(10, 12)}-${idNumber.slice(12, 14)}`;
