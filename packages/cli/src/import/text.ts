/** What a person reads, in both languages of the platform. */
export interface Text {
  zh: string;
  en: string;
}

export type Lang = keyof Text;

/** A cell as the file has it; an Excel date is midnight UTC of its day. */
export type Cell = string | number | Date | null;

/** The cell as a person would read it, without control characters or blanks around it. */
export const plain = (cell: Cell | undefined): string => {
  if (cell === null || cell === undefined) return '';
  if (typeof cell === 'number') return String(cell);
  if (typeof cell !== 'string') return isoDay(cell);
  if (/^[!-~]*$/.test(cell)) return cell;
  return cell
    .replace(/\p{Cf}/gu, '')
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .trim();
};

/** For codes and numbers: half-width, without any blanks and without the apostrophe of a text. */
export const compact = (cell: Cell | undefined): string =>
  plain(cell)
    .normalize('NFKC')
    .replace(/\s/g, '')
    .replace(/^['‘’]/, '');

/** A name: one blank between words, none between the characters of a Chinese one (张  三). */
export const personName = (cell: Cell | undefined): string =>
  plain(cell).replace(/(?<=\p{Script=Han}) (?=\p{Script=Han})/gu, '');

/** Without the control characters by which a text could act on a terminal or spoil a file. */
export const harmless = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\p{Cs}]+/gu, ' ');

/** What a formula that failed leaves in a cell. */
export const isCellError = (text: string): boolean =>
  /^#(N\/A|REF!|VALUE!|NAME\?|DIV\/0!|NUM!|NULL!|SPILL!|CALC!|GETTING_DATA)$/i.test(text);

const isoDay = (date: Date): string =>
  Number.isNaN(date.getTime()) ? '' : date.toISOString().slice(0, 10);

/** A number that Excel keeps to 15 digits only, or the text of one: 1.40105E+17. */
export const hasLostDigits = (cell: Cell | undefined): boolean => {
  if (typeof cell === 'number') return Math.abs(cell) >= 1e15;
  return /^\d(\.\d+)?E\+?\d+$/i.test(compact(cell));
};
