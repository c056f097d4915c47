import { compact, plain, type Cell } from './text.js';

const PATTERNS = [
  /^(\d{4})([-/.])(\d{1,2})\2(\d{1,2})$/,
  /^(\d{4})(年)(\d{1,2})月(\d{1,2})日?$/,
  /^(\d{4})()(\d\d)(\d\d)$/,
];

/** Days that a cell without a date format may hold as Excel counts them: 1910 to 2099. */
const SERIAL = { first: 3_654, last: 73_050, epoch: Date.UTC(1899, 11, 30) };

/** `YYYY-MM-DD` of a cell; null when it is no real date or cannot be read for certain. */
export const calendarDate = (cell: Cell | undefined): string | null => {
  if (cell instanceof Date) return plain(cell) || null;
  const text = compact(plain(cell).replace(/[ T]\d{1,2}:\d\d(:\d\d(\.\d+)?)?$/, ''));
  if (/^\d{5}(\.\d+)?$/.test(text)) return fromSerial(Number(text));
  for (const pattern of PATTERNS) {
    const [, year, , month, day] = pattern.exec(text) ?? [];
    if (year && month && day) return real(Number(year), Number(month), Number(day));
  }
  return null;
};

const fromSerial = (serial: number): string | null => {
  const days = Math.floor(serial);
  if (days < SERIAL.first || days > SERIAL.last) return null;
  return new Date(SERIAL.epoch + days * 86_400_000).toISOString().slice(0, 10);
};

const real = (year: number, month: number, day: number): string | null => {
  const date = new Date(Date.UTC(year, month - 1, day));
  const same = date.getUTCMonth() === month - 1 && date.getUTCDate() === day && year >= 1900;
  return same ? date.toISOString().slice(0, 10) : null;
};
