/** 王小明 → 王*. */
export const maskName = (name: string): string => `${[...name.trim()][0] ?? ''}*`;

/** The first three and last two characters of what is long enough to hide the rest. */
export function maskNumber(text: string): string {
  const characters = [...text.trim()];
  if (characters.length < 8) return '*'.repeat(characters.length);
  const hidden = '*'.repeat(characters.length - 5);
  return `${characters.slice(0, 3).join('')}${hidden}${characters.slice(-2).join('')}`;
}
