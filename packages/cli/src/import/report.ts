import { writeFile } from 'node:fs/promises';
import { stringify } from 'csv-stringify/sync';
import type { Problem } from './kind.js';
import type { Outcome } from './register.js';
import { harmless, type Lang } from './text.js';

/** More lines than this belong into a file. */
const MAX_LINES = 1_000;

const HEADINGS: Readonly<Record<Lang, readonly string[]>> = {
  zh: ['工作表', '行', '列', '内容', '原因', 'Reason'],
  en: ['Sheet', 'Row', 'Column', 'Value', 'Reason (原因)', 'Reason'],
};

const fieldsOf = ({ sheet, row, column, value, reason }: Problem): string[] =>
  [sheet, String(row), column, value, reason.zh, reason.en].map(harmless);

/** The problems as a table for a terminal. */
export const problemTable = (problems: readonly Problem[], lang: Lang): string => {
  if (problems.length === 0) return '';
  const rows = [HEADINGS[lang], ...problems.slice(0, MAX_LINES).map(fieldsOf)];
  const widths = HEADINGS[lang].map((_, column) =>
    rows.reduce((widest, row) => Math.max(widest, widthOf(row[column] ?? '')), 0),
  );
  const lines = rows.map((row) =>
    row
      .map((text, column) => text + ' '.repeat((widths[column] ?? 0) - widthOf(text)))
      .join('  ')
      .trimEnd(),
  );
  const more = problems.length - MAX_LINES;
  if (more > 0) {
    const zh = `……另有 ${more} 条，请用 --report 文件.csv 查看全部`;
    lines.push(lang === 'zh' ? zh : `… and ${more} more: --report FILE.csv has them all`);
  }
  return `${lines.join('\n')}\n`;
};

const WIDE = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60]/;

/** Columns on a terminal: a Chinese character takes two. */
const widthOf = (text: string): number =>
  [...text].reduce((width, character) => width + (WIDE.test(character) ? 2 : 1), 0);

/** Writes the problems as a CSV that a spreadsheet opens without running anything in it. */
export const writeReport = async (file: string, problems: readonly Problem[]): Promise<void> => {
  const heading = [
    '工作表 Sheet',
    '行 Row',
    '列 Column',
    '内容 Value',
    '规则 Rule',
    '原因',
    'Reason',
  ];
  const rows = problems.map((problem) => {
    const fields = fieldsOf(problem);
    return [...fields.slice(0, 4), problem.rule, ...fields.slice(4)];
  });
  const text = stringify([heading, ...rows], { bom: true, escape_formulas: true });
  await writeFile(file, text, { mode: 0o600 });
};

/** `registered 3, unchanged 0, rejected 2`. */
export const summaryLine = (outcome: Outcome, dryRun: boolean, lang: Lang): string => {
  const { registered, unchanged, rejected } = outcome;
  if (lang === 'zh') {
    const counts = `已登记 ${registered}，未变 ${unchanged}，退回 ${rejected}`;
    return dryRun ? `试运行（未写入）：${counts}` : counts;
  }
  const counts = `registered ${registered}, unchanged ${unchanged}, rejected ${rejected}`;
  return dryRun ? `dry run, nothing written: ${counts}` : counts;
};

/** What came of it, for programs. */
export const jsonReport = (outcome: Outcome, file: string, dryRun: boolean): string => {
  const { registered, unchanged, rejected, stopped } = outcome;
  const problems = outcome.problems.map(({ sheet, row, column, value, rule, reason }) => ({
    ...{ sheet, row, column, value, rule },
    ...{ reasonZh: reason.zh, reasonEn: reason.en },
  }));
  const complete = stopped === null;
  return JSON.stringify({ file, dryRun, complete, registered, unchanged, rejected, problems });
};
