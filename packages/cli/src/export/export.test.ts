import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parse } from 'csv-parse/sync';
import ExcelJS from 'exceljs';
import { exportTable, type ExportOptions } from './export.js';

const DANGEROUS = ['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\u0000=1', '＝1', '=cmd|"/C x"!A0'];
const teacher = (n: number, name: string) => ({
  staffNumber: `S${n}`,
  name,
  idNumberMasked: '140105********001X',
  unit: { code: '1404030002', name: '第一小学' },
  stage: 'PRIMARY',
  subject: null,
  title: '高级教师',
  ladder: 'BACKBONE',
  hiredOn: '2015-09-01',
});

describe('yanxiu export', () => {
  let folder: string;
  let server: Server;
  let nodes: object[];
  let asked: Record<string, unknown>[];
  let broken: boolean;

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'yanxiu-export-'));
    [nodes, asked, broken] = [[], [], false];
    server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        const { variables } = JSON.parse(body) as {
          variables: { first: number; after: string | null };
        };
        asked.push(variables as Record<string, unknown> & typeof variables);
        const from = Number(variables.after ?? 0);
        const end = from + variables.first;
        const pageInfo = { hasNextPage: end < nodes.length, endCursor: String(end) };
        const page = { nodes: nodes.slice(from, end), pageInfo };
        const data = { teachers: page, compliances: page };
        const refused = { errors: [{ message: 'No.', extensions: { code: 'FORBIDDEN' } }] };
        response.end(JSON.stringify(broken && from > 0 ? refused : { data }));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await rm(folder, { recursive: true, force: true });
  });

  const run = async (
    name: string,
    options: ExportOptions = {},
    what: 'teachers' | 'hours' = 'teachers',
  ) => {
    const file = path.join(folder, name);
    const out = { stdout: '', stderr: '' };
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    let now = 0;
    const code = await exportTable(
      what,
      file,
      { url, token: 'a.b.c', lang: 'en', ...options },
      {
        env: { YANXIU_DATA_DIR: folder },
        stdout: { write: (text) => (out.stdout += text) },
        stderr: { write: (text) => (out.stderr += text) },
        clock: { now: () => (now += 1_000), wait: async () => undefined },
      },
    );
    return { file, code, ...out };
  };
  const rowsOf = async (file: string): Promise<ExcelJS.Cell[][]> => {
    const book = new ExcelJS.Workbook();
    await book.xlsx.readFile(file);
    const rows: ExcelJS.Cell[][] = [];
    book.worksheets[0]?.eachRow((row) => {
      rows.push(Array.from({ length: 10 }, (_, n) => row.getCell(n + 1)));
    });
    return rows;
  };

  it('writes every page, under Chinese headings, in a file of the owner’s own', async () => {
    nodes = Array.from({ length: 450 }, (_, n) => teacher(n, `王${n}`));
    const { file, code, stdout, stderr } = await run('名册.csv', { under: '140403' });
    expect({ code, stdout }).toEqual({ code: 0, stdout: `exported 450 rows to ${file}\n` });
    expect(asked.map(({ after, under }) => [after, under])).toEqual([
      [null, '140403'],
      ['200', '140403'],
      ['400', '140403'],
    ]);
    // More than two seconds have passed on the test's clock.
    expect(stderr).toMatch(/^rows exported \d+$/m);
    const text = await readFile(file, 'utf8');
    expect(text.startsWith('\ufeff工号,姓名,身份证号,单位代码,单位名称,学段')).toBe(true);
    const rows = parse(text, { bom: true }) as string[][];
    expect(rows).toHaveLength(451);
    expect(rows[450]).toEqual([
      ...['S449', '王449', '140105********001X', '1404030002', '第一小学', '小学', '', '高级教师'],
      ...['骨干', '2015-09-01'],
    ]);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const sheet = await rowsOf((await run('名册.xlsx')).file);
    expect(sheet.map((row) => row.map(({ value }) => value ?? ''))).toEqual(rows);
  });

  it('makes inert text of what a spreadsheet would run', async () => {
    nodes = DANGEROUS.map((name, n) => teacher(n, name));
    const csv = parse(await readFile((await run('a.csv')).file, 'utf8'), {
      bom: true,
    }) as string[][];
    for (const [, name = ''] of csv.slice(1)) {
      expect(name).toMatch(/^'/);
      expect(name).not.toMatch(/\p{Cc}/u);
    }
    const sheet = await rowsOf((await run('a.xlsx')).file);
    for (const row of sheet.slice(1)) {
      for (const cell of row) {
        expect([ExcelJS.ValueType.String, ExcelJS.ValueType.Null]).toContain(cell.type);
        expect(cell.numFmt).toBe('@');
      }
    }
    expect(sheet[1]?.[1]?.value).toBe('=1+1');
    expect(sheet[6]?.[1]?.value).toBe('=1');
  });

  it('shows hours with their verdict', async () => {
    nodes = [
      {
        teacher: { id: 't-1', staffNumber: 'S1', name: '王*' },
        unit: { code: '1404030002', name: '第一小学' },
        hours: {
          year: 2026,
          total: '40.00',
          required: '72.00',
          missing: '32.00',
          verdict: 'SHORT',
        },
      },
    ];
    const { file } = await run('h.csv', { year: 2026, under: '140403' }, 'hours');
    expect(asked[0]).toMatchObject({ year: 2026, under: '140403' });
    const rows = parse(await readFile(file, 'utf8'), { bom: true }) as string[][];
    expect(rows[1]?.slice(5)).toEqual(['2026', '40.00', '72.00', '32.00', '未达标']);
  });

  it('leaves nothing half done, and replaces no file unasked', async () => {
    nodes = Array.from({ length: 250 }, (_, n) => teacher(n, '王'));
    broken = true;
    for (const name of ['a.csv', 'a.xlsx']) {
      const { code, stderr } = await run(name);
      expect([code, stderr]).toEqual([1, expect.stringContaining('No. (FORBIDDEN)')]);
    }
    expect(await readdir(folder)).toEqual([]);
    broken = false;
    await writeFile(path.join(folder, 'a.csv'), 'mine');
    expect((await run('a.csv')).stderr).toMatch(/is there already/);
    expect(await readFile(path.join(folder, 'a.csv'), 'utf8')).toBe('mine');
    expect((await run('a.csv', { force: true })).code).toBe(0);
    expect((await run('a.pdf')).stderr).toMatch(/name it .xlsx or .csv/);
    expect((await run('none/a.csv')).stderr).toMatch(/there is no folder/);
  });
});
