import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CLAIMS } from './claim-kind.js';
import { FakeGateway } from './fixtures/fake-gateway.js';
import { workbook } from './fixtures/rosters.js';
import { importRows, type ImportOptions } from './import-rows.js';

const HEADER = [
  ...['序号', '教师编号', '来源', '类别', '方式', '名称', '日期', '开始时间', '分钟'],
  ...['证明材料', '证明SHA256', '文件大小（字节）', '学用一致说明'],
];

type Row = (string | number | Date | null)[];

const teacherId = (n: number) => `01985a3c-7c00-7a11-8f00-${String(n).padStart(12, '0')}`;

/** A row as an office would write it; `change` replaces cells by their heading. */
const claim = (n: number, change: Record<string, Row[number]> = {}): Row => {
  const row: Row = [
    ...[
      n,
      teacherId(n),
      '国家智慧教育平台',
      '2025暑期',
      '网络',
      '师德专题',
      '2025-07-01',
      '19:30',
      90,
    ],
    ...[`证书${n}.pdf`, String(n).padStart(64, 'a'), 20_480, null],
  ];
  for (const [heading, value] of Object.entries(change)) {
    row[HEADER.findIndex((text) => text.startsWith(heading))] = value;
  }
  return row;
};

const claims = (count: number) => Array.from({ length: count }, (_, n) => claim(n));

describe('yanxiu import claims', () => {
  let gateway: FakeGateway;
  let folder: string;
  let url: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'yanxiu-claims-'));
    gateway = new FakeGateway();
    url = await gateway.listen();
  });
  afterEach(async () => {
    await gateway.close();
    await rm(folder, { recursive: true, force: true });
  });

  const run = async (rows: Row[], options: ImportOptions = {}, kind = 'xlsx') => {
    const file = path.join(folder, `申报.${kind}`);
    const lines = [['学时申报表'], HEADER, ...rows];
    const csv = () => lines.map((row) => row.join(',')).join('\n');
    await writeFile(file, kind === 'csv' ? csv() : await workbook({ 申报: lines }));
    let [stdout, stderr, now] = ['', '', 0];
    const code = await importRows(
      CLAIMS,
      file,
      { url, token: 'secret', ...options },
      {
        env: { YANXIU_DATA_DIR: folder },
        stdout: { write: (text) => (stdout += text) },
        stderr: { write: (text) => (stderr += text) },
        clock: { now: () => now, wait: async (ms) => void (now += ms) },
      },
    );
    return { code, stdout, stderr };
  };

  it('claims the good rows of 20,000 and tells where the bad ones are, in both languages', async () => {
    const rows = claims(20_000);
    rows[7] = claim(7, { 日期: '2025-02-30' });
    rows[8] = claim(8, { 分钟: '一小时' });
    rows[9] = claim(9, { 教师编号: 'ffffffff-7c00-7a11-8f00-000000000009' });
    rows[10] = claim(11);
    const report = path.join(folder, 'report.csv');
    const { code, stdout } = await run(rows, { report, json: true }, 'csv');
    expect(code).toBe(2);
    const { problems, ...counts } = JSON.parse(stdout);
    expect(counts).toMatchObject({ registered: 19_996, unchanged: 0, rejected: 4, complete: true });
    expect(problems).toMatchObject([
      { sheet: '申报.csv', row: 10, column: 'G 日期', value: '2025-02-30', rule: 'CLAIM-DATE' },
      { row: 11, column: 'I 分钟', value: '一小时', rule: 'CLAIM-MINUTES' },
      {
        row: 12,
        column: 'B 教师编号',
        value: 'ffffffff…',
        rule: 'CLAIM-TEACHER',
        reasonZh: '没有该教师。',
        reasonEn: 'There is no such teacher.',
      },
      { row: 14, column: 'K 证明SHA256', rule: 'HOURS-ONCE' },
    ]);
    expect(await readFile(report, 'utf8')).toContain('CLAIM-TEACHER');
  }, 120_000);

  it('changes nothing the second time, nor in a dry run', async () => {
    expect((await run(claims(3), { dryRun: true })).stdout).toMatch(/^dry run, nothing written: /);
    expect(gateway.claimed.size).toBe(0);
    expect((await run(claims(3))).stdout).toBe('registered 3, unchanged 0, rejected 0\n');
    expect((await run(claims(3))).stdout).toBe('registered 0, unchanged 3, rejected 0\n');
  });

  it('loses and doubles nothing when answers are lost, or when it ends in the middle', async () => {
    gateway.next('lose-answer', 'answer', 'refuse', { status: 503, body: '' });
    expect(await run(claims(450), {}, 'csv')).toMatchObject({ code: 0 });
    expect(gateway.claimed.size).toBe(450);
    gateway.next('answer', { status: 200, body: '{"errors":[{"message":"no"}]}' });
    expect(await run(claims(650), {}, 'csv')).toMatchObject({ code: 1 });
    expect((await run(claims(650), {}, 'csv')).stdout).toBe(
      'registered 200, unchanged 450, rejected 0\n',
    );
  });

  it('reads terms, times and sizes as offices write them', async () => {
    const rows = [
      claim(1, { 来源: '自主学习', 方式: '自学', 开始时间: null }),
      claim(2, { 来源: '学历提高', 开始时间: 0.8125, 学用一致说明: '教育硕士，语文' }),
      claim(3, { 来源: '出国（境）培训', 方式: '面授', 分钟: '90分钟' }),
    ];
    await run(rows);
    const [sent] = gateway.seen.map(({ input }) => input.claims);
    expect(sent).toMatchObject([
      { source: 'SELF_STUDY', modality: 'SELF_DIRECTED', sessions: [{ startTime: null }] },
      { source: 'DEGREE', relevance: '教育硕士，语文', sessions: [{ startTime: '19:30' }] },
      { source: 'OVERSEAS', modality: 'FACE_TO_FACE', sessions: [{ minutes: 90 }] },
    ]);
  });
});
