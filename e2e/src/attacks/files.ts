import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import ExcelJS from 'exceljs';
import { zip } from '@yanxiu/cli/import/fixtures/zips';
import type { Attack } from './attack.js';
import type { Field } from './field.js';

const CLI = fileURLToPath(new URL('../../../packages/cli/dist/main.js', import.meta.url));
/** What the command may hold: more than node itself, far less than what the bombs unpack to. */
const HEAP_MB = 256;

const yanxiu = (field: Field, ...args: string[]) =>
  new Promise<{ code: number; output: string }>((resolve) => {
    const child = spawn(process.execPath, [`--max-old-space-size=${HEAP_MB}`, CLI, ...args], {
      env: { ...process.env, YANXIU_DATA_DIR: field.system.dataDir },
    });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.once('close', (code) => resolve({ code: code ?? -1, output }));
  });

const inFolder = async (run: (folder: string) => Promise<void>): Promise<void> => {
  const folder = await mkdtemp(path.join(tmpdir(), 'yanxiu-attack-'));
  try {
    await run(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

const DANGEROUS = ['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '＝1'];

const cells: Attack = {
  name: 'cells that a spreadsheet would run, through a register and out by an export',
  async run(field) {
    const mark = randomUUID().slice(0, 8);
    const rows = DANGEROUS.map((start, n) => ({
      ...field.rosterRow(0, `王${mark}`),
      rowNumber: n + 1,
      subject: `${start}${mark}`,
      title: `${start}"|cmd`,
    }));
    await field.act(
      'registerTeachers',
      'RegisterTeachersInput',
      { rows },
      'registered',
      field.county(0),
    );
    await inFolder(async (folder) => {
      const asked = ['--org', field.places.counties[0]];
      const csv = path.join(folder, 'a.csv');
      const done = await yanxiu(field, 'export', 'teachers', csv, ...asked);
      assert.equal(done.code, 0, done.output);
      const text = await readFile(csv, 'utf8');
      assert.ok(text.includes(mark), 'the rows are in the file');
      for (const cell of text.split(/[,\n]/)) assert.doesNotMatch(cell, /^"?[=+\-@\t\0＝]/u, cell);
      const xlsx = path.join(folder, 'a.xlsx');
      assert.equal((await yanxiu(field, 'export', 'teachers', xlsx, ...asked)).code, 0);
      const book = new ExcelJS.Workbook();
      await book.xlsx.readFile(xlsx);
      book.worksheets[0]?.eachRow((row) =>
        row.eachCell((cell) => {
          assert.equal(cell.type, ExcelJS.ValueType.String);
          assert.equal(cell.numFmt, '@');
        }),
      );
      const foreign = ['--org', field.places.counties[0], '--under', field.places.counties[1]];
      const stolen = await yanxiu(
        field,
        'export',
        'teachers',
        path.join(folder, 'b.csv'),
        ...foreign,
      );
      assert.equal(stolen.code, 1, stolen.output);
    });
  },
};

const workbookOf = (sheet: string, more: Record<string, string | Buffer> = {}) => ({
  'xl/workbook.xml': '<workbook/>',
  'xl/worksheets/sheet1.xml': sheet,
  ...more,
});
const MB = 1024 * 1024;

const BOMBS: Readonly<Record<string, () => Buffer>> = {
  'a sheet of 500 MB': () => zip(workbookOf(`<worksheet>${' '.repeat(500 * MB)}`)),
  'one that says it is empty': () =>
    zip(workbookOf(`<worksheet>${' '.repeat(450 * MB)}`), { saidSize: 0 }),
  'shared texts of 150 MB': () =>
    zip(workbookOf('<worksheet/>', { 'xl/sharedStrings.xml': Buffer.alloc(150 * MB, 32) })),
  'two million rows': () => zip(workbookOf(`<worksheet>${'<row r="1"/>'.repeat(2_000_000)}`)),
  'an entity of a file': () =>
    zip(workbookOf('<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><worksheet>&e;')),
  'entities within entities': () =>
    zip(workbookOf('<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><worksheet>&b;')),
  'a sheet that the directory hides': () =>
    zip(workbookOf('<worksheet/>'), { unlisted: { 'xl/worksheets/sheet2.xml': 'x' } }),
};

const imports: Attack = {
  name: 'workbooks on import: bombs, XXE, huge dimensions',
  async run(field) {
    await inFolder(async (folder) => {
      const file = path.join(folder, 'roster.xlsx');
      const asked = ['--org', field.places.counties[0]];
      for (const [what, make] of Object.entries(BOMBS)) {
        await writeFile(file, make());
        const { code, output } = await yanxiu(field, 'import', 'teachers', file, ...asked);
        assert.equal(code, 1, `${what}: ${output.slice(0, 300)}`);
        assert.match(output, /unpacks to more|declares a DTD|incomplete/, what);
        assert.doesNotMatch(output, /heap|root:|\bat \w+ \(/, what);
      }
      const row = field.rosterRow(0);
      const good = path.join(folder, 'roster.csv');
      const heading = '姓名,身份证号,单位代码,学段,入职日期';
      const line = [row.name, row.idNumber, row.unitCode, '小学', row.hiredOn].join(',');
      await writeFile(good, `${heading}\n${line}\n`);
      const { code, output } = await yanxiu(field, 'import', 'teachers', good, ...asked);
      assert.equal(code, 0, output);
    });
  },
};

export const files: readonly Attack[] = [cells, imports];
