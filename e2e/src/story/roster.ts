import { writeFile } from 'node:fs/promises';
import ExcelJS from 'exceljs';

/** One line of an office's list of teachers. */
export interface RosterLine {
  name: string;
  idNumber: string;
  phone: string;
  unitCode: string;
  subject: string;
  hiredOn: string;
}

const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];

/** A number of the form GB 11643 asks for, with its check digit; invented. */
export function idNumber(sequence: number): string {
  const body = `140400199001${String(10 + (sequence % 18)).padStart(2, '0')}${String(900 + sequence).slice(-3)}`;
  const sum = WEIGHTS.reduce((total, weight, index) => total + weight * Number(body[index]), 0);
  return body + '10X98765432'[sum % 11];
}

export const line = (name: string, sequence: number, unitCode: string): RosterLine => ({
  name,
  idNumber: idNumber(sequence),
  phone: `1380000${String(sequence).padStart(4, '0')}`,
  unitCode,
  subject: '语文',
  hiredOn: '2025-09-01',
});

const HEADERS = [
  '序号',
  '姓名',
  '身份证号',
  '联系电话',
  '学校代码',
  '学段',
  '任教学科',
  '入职日期',
];

/** A list as an office makes it: a title over the header, Chinese headers, dates as dates. */
export async function writeXlsx(path: string, lines: readonly RosterLine[], stage = '小学') {
  const workbook = new ExcelJS.Workbook();
  const sheet = workbook.addWorksheet('教师名册');
  sheet.addRow(['2025年秋季新入职教师名册']);
  sheet.mergeCells(1, 1, 1, HEADERS.length);
  sheet.addRow(HEADERS);
  lines.forEach((each, index) =>
    sheet.addRow([
      index + 1,
      each.name,
      each.idNumber,
      each.phone,
      each.unitCode,
      stage,
      each.subject,
      new Date(`${each.hiredOn}T00:00:00Z`),
    ]),
  );
  await workbook.xlsx.writeFile(path);
}

export async function writeCsv(path: string, lines: readonly RosterLine[], stage = '小学') {
  const rows = lines.map((each, index) =>
    [
      index + 1,
      each.name,
      each.idNumber,
      each.phone,
      each.unitCode,
      stage,
      each.subject,
      each.hiredOn.replaceAll('-', '/'),
    ].join(','),
  );
  await writeFile(path, `\uFEFF${[HEADERS.join(','), ...rows].join('\r\n')}\r\n`);
}
