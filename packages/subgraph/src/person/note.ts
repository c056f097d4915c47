import { badInput } from '../errors.js';

const LONGEST = 500;

/**
 * Refuses a free text of the audit log that is too long or holds what looks like an ID or phone
 * number: it is kept for ever and read by others.
 */
export function requirePlainNote(text: string): void {
  if (text.length > LONGEST) {
    throw badInput(`说明不得超过${LONGEST}字。`, `A note has at most ${LONGEST} characters.`);
  }
  if (/\d{17}[\dXx]|1\d{10}/.test(text.replaceAll(/[\s-]/g, ''))) {
    throw badInput(
      '说明将长期保存，请勿填写证件号码或电话号码。',
      'A note is kept: leave ID and phone numbers out of it.',
    );
  }
}
