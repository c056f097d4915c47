import { compact, plain } from './text.js';

/** 王小明 → 王*. */
export const maskName = (name: string): string => {
  const [first] = plain(name);
  return first ? `${first}*` : '';
};

/** The first three and last two characters of a number that is long enough to hide the rest. */
export const maskNumber = (text: string): string => {
  const shown = compact(text);
  // Without digits it is something else in the wrong column, perhaps a name.
  if (!/\d/.test(shown)) return maskName(shown);
  const characters = [...shown];
  if (characters.length < 8) return '*'.repeat(characters.length);
  const hidden = '*'.repeat(characters.length - 5);
  return `${characters.slice(0, 3).join('')}${hidden}${characters.slice(-2).join('')}`;
};

/** Hides what may be an ID or phone number, in whatever column it was written. */
export const hideNumbers = (text: string): string =>
  plain(text)
    .normalize('NFKC')
    .replace(/\d(?:[ -]?\d){9,}[ -]?[\dXx]/g, maskNumber);
