import { badInput } from '../errors.js';

const LONGEST = 500;

/** Whether a text holds what looks like an ID or phone number. */
export const holdsNumber = (text: string): boolean =>
  /\d{17}[\dXx]|1\d{10}/.test(text.normalize('NFKC').replaceAll(/[\s-]/g, ''));

/** Cuts ID and mobile numbers out of a message; an id of ours is never taken for one. */
export const withoutNumbers = (text: string): string =>
  text
    .replaceAll(/\d{17}[\dXx]/g, (found) => '*'.repeat(found.length))
    .replaceAll(/(?<![\dA-Fa-f-])1[3-9]\d{9}(?![\dA-Fa-f-])/g, (found) => '*'.repeat(found.length));

/** Hides what may be an ID or phone number in a cell, in whatever column it was written. */
export const hideNumbers = (text: string): string =>
  text
    .normalize('NFKC')
    .replaceAll(/\d(?:[ -]?\d){9,}[ -]?[\dXx]/g, (found) => '*'.repeat(found.length));

/**
 * Refuses a free text of the audit log that is too long or holds what looks like an ID or phone
 * number: it is kept for ever and read by others.
 */
export function requirePlainNote(text: string): void {
  if (text.length > LONGEST) {
    throw badInput(`说明不得超过${LONGEST}字。`, `A note has at most ${LONGEST} characters.`);
  }
  if (holdsNumber(text)) {
    throw badInput(
      '说明将长期保存，请勿填写证件号码或电话号码。',
      'A note is kept: leave ID and phone numbers out of it.',
    );
  }
}
