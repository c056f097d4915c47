/**
 * Hours (integer hundredths) and money (integer fen) cross GraphQL as decimal strings with two
 * places. Digits are moved, never multiplied: no floating point on the way.
 */

/** `"12.5"` → 1250; null when the text is no decimal of at most two places within safe integers. */
export function parseHundredths(text: string): number | null {
  const match = /^(-?)(\d{1,14})(?:\.(\d{1,2}))?$/.exec(text.trim());
  if (!match) return null;
  const [, sign, whole, fraction = ''] = match;
  const value = Number(`${whole}${fraction.padEnd(2, '0')}`);
  if (!Number.isSafeInteger(value)) return null;
  return sign && value !== 0 ? -value : value;
}

/** 1250 → `"12.50"`. */
export function formatHundredths(value: number): string {
  if (!Number.isSafeInteger(value)) throw new RangeError(`not an integer of hundredths: ${value}`);
  const digits = String(Math.abs(value)).padStart(3, '0');
  return `${value < 0 ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}
