import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { FakeGateway } from './fixtures/fake-gateway.js';
import { HEADER, idNumber, teacher, workbook } from './fixtures/rosters.js';
import { importRows, type ImportOptions } from './import-rows.js';
import { TEACHERS } from './teacher-kind.js';

describe('yanxiu import teachers', () => {
  const gateway = { current: new FakeGateway() };
  let folder: string;
  let url: string;

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'yanxiu-import-'));
    gateway.current = new FakeGateway();
    url = await gateway.current.listen();
  });

  afterEach(async () => {
    await gateway.current.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** Time passes only while the command waits, or by `tick` on each look at the clock. */
  const run = async (file: string, options: ImportOptions = {}, tick = 0) => {
    const out = { stdout: '', stderr: '', waited: [] as number[] };
    let now = 0;
    const code = await importRows(
      TEACHERS,
      file,
      { url, token: 'secret-token', ...options },
      {
        env: { YANXIU_DATA_DIR: folder },
        stdout: { write: (text) => (out.stdout += text) },
        stderr: { write: (text) => (out.stderr += text) },
        clock: {
          now: () => (now += tick),
          wait: async (ms) => {
            now += ms;
            out.waited.push(ms);
          },
        },
      },
    );
    return { code, ...out };
  };

  const roster = async (rows: Parameters<typeof workbook>[0][string], name = '名册') => {
    const file = path.join(folder, 'roster.xlsx');
    await writeFile(file, await workbook({ [name]: [['花名册'], HEADER, ...rows] }));
    return file;
  };

  const teachers = (count: number) => Array.from({ length: count }, (_, n) => teacher(n));

  it('registers in batches of 200, and finds all there the second time', async () => {
    const file = await roster(teachers(450));
    const first = await run(file);
    expect(first).toMatchObject({ code: 0 });
    expect(first.stdout).toBe('registered 450, unchanged 0, rejected 0\n');
    const { seen, registered } = gateway.current;
    expect(seen.map(({ input }) => input.rows.length)).toEqual([200, 200, 50]);
    expect(new Set(seen.map(({ input }) => input.idempotencyKey)).size).toBe(3);
    expect(seen[0]?.authorization).toBe('Bearer secret-token');
    const before = [...registered];
    const second = await run(file);
    expect(second).toMatchObject({ code: 0 });
    expect(second.stdout).toBe('registered 0, unchanged 450, rejected 0\n');
    expect([...registered]).toEqual(before);
  });

  it('tells each bad row in both languages, and never a whole number or name', async () => {
    const rows = [
      teacher(1),
      teacher(2, { 4: '1499999999' }),
      teacher(3, { 7: '昨天' }),
      teacher(4, { 5: idNumber(4) }),
      teacher(1, { 1: '王小明' }),
    ];
    const file = await roster(rows);
    const report = path.join(folder, 'report.csv');
    const { code, stdout, stderr } = await run(file, { report });
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.any(String) });
    expect(stdout).toContain('registered 1, unchanged 0, rejected 4\n');
    const lines = stdout.split('\n').slice(1);
    expect(lines.slice(0, 4).map((text) => text.split(/ +/)[1])).toEqual(['4', '5', '6', '7']);
    const line = (row: number) => lines[row - 4];
    expect(line(4)).toMatch(/E 学校代码 +1499999999 +单位代码不存在。 +There is no unit/);
    expect(line(5)).toMatch(/H 参加工作时间 +昨天 +不是可识别.* +Not a real date/);
    expect(line(6)).toMatch(/F 学段 +140\*+0?[\dX]{1,2} /);
    expect(line(7)).toMatch(/C 身份证号.*与工作表“名册”第 3 行.*row 3/);
    const csv = await readFile(report, 'utf8');
    expect(csv.startsWith('\ufeff')).toBe(true);
    expect(csv.trimEnd().split('\n')).toHaveLength(5);
    for (const text of [stdout, stderr, csv]) {
      for (const row of rows) {
        expect(text).not.toContain(String(row[1]));
        expect(text).not.toContain(String(row[2]));
        expect(text).not.toContain(String(row[3]));
      }
    }
  });

  it('writes JSON alone to standard output, or Chinese, when asked', async () => {
    const file = await roster([teacher(1), teacher(2, { 5: '大学' })]);
    const { code, stdout } = await run(file, { json: true });
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({
      ...{ file: 'roster.xlsx', dryRun: false, complete: true },
      ...{ registered: 1, unchanged: 0, rejected: 1 },
      problems: [{ sheet: '名册', row: 4, column: 'F 学段', value: '大学', rule: 'STAGE-UNKNOWN' }],
    });
    expect((await run(file, { lang: 'zh' })).stdout).toContain('已登记 0，未变 1，退回 1');
  });

  it('writes nothing in a dry run', async () => {
    const file = await roster(teachers(3));
    const { code, stdout } = await run(file, { dryRun: true });
    expect(code).toBe(0);
    expect(stdout).toBe('dry run, nothing written: registered 3, unchanged 0, rejected 0\n');
    expect(gateway.current.registered.size).toBe(0);
    expect(gateway.current.seen[0]?.input).toMatchObject({ dryRun: true });
  });

  it('sends a batch again with the same key when the answer is lost', async () => {
    const unavailable = { errors: [{ message: 'down', extensions: { code: 'UNAVAILABLE' } }] };
    gateway.current.next(
      ...(['answer', 'lose-answer', 'refuse'] as const),
      { status: 200, body: JSON.stringify(unavailable) },
      { status: 502, body: 'Bad Gateway' },
    );
    const { code, stdout, stderr, waited } = await run(await roster(teachers(300)));
    expect(code).toBe(0);
    // The answer of the batch that was registered and lost, not "unchanged".
    expect(stdout).toBe('registered 300, unchanged 0, rejected 0\n');
    const keys = gateway.current.seen.map(({ input }) => input.idempotencyKey);
    expect(keys).toHaveLength(6);
    expect(new Set(keys.slice(1)).size).toBe(1);
    expect(waited).toEqual([500, 1000, 2000, 4000]);
    expect(stderr.match(/trying again/g)).toHaveLength(4);
  });

  it('stops after half a minute, tells how far it got, and goes on the next time', async () => {
    gateway.current.next('answer', ...Array.from({ length: 20 }, () => 'refuse' as const));
    const file = await roster([...teachers(300), teacher(900, { 5: '大学' })]);
    const stopped = await run(file);
    expect(stopped.code).toBe(1);
    expect(stopped.stdout).toContain('registered 200, unchanged 0, rejected 1\n');
    expect(stopped.stderr).toMatch(/Stopped after 200 of 300 rows\. Running it again is safe/);
    const total = stopped.waited.reduce((sum, ms) => sum + ms, 0);
    expect(total).toBeGreaterThan(20_000);
    expect(total).toBeLessThanOrEqual(30_000);
    gateway.current.next();
    expect((await run(file)).stdout).toContain('registered 100, unchanged 200, rejected 1\n');
    expect(gateway.current.registered.size).toBe(300);
  });

  it('does not try again what the platform refuses, or what is no platform', async () => {
    const message = 'Only an officer may do this.';
    const body = JSON.stringify({ errors: [{ message, extensions: { code: 'FORBIDDEN' } }] });
    gateway.current.next({ status: 200, body }, { status: 404, body: 'not here' });
    const file = await roster(teachers(1));
    const refused = await run(file);
    expect(refused).toMatchObject({ code: 1, waited: [] });
    expect(refused.stderr).toContain('Only an officer may do this. (FORBIDDEN)');
    const elsewhere = await run(file);
    expect(elsewhere).toMatchObject({ code: 1, waited: [] });
    expect(elsewhere.stderr).toContain('is not the platform (HTTP 404)');
  });

  it('shows progress on standard error alone, and only after two seconds', async () => {
    const file = await roster(teachers(650));
    const quick = await run(file);
    expect(quick.stderr).not.toMatch(/rows (read|registered) /);
    const slow = await run(file, {}, 6_000);
    expect(slow.stderr).toMatch(/rows registered 400\/650/);
    expect(slow.stderr).toMatch(/rows read \d+\n/);
    expect(slow.stdout).toBe('registered 0, unchanged 650, rejected 0\n');
  });

  it('tells what is wrong with a file or an option, in either language, before sending', async () => {
    const missing = path.join(folder, 'none.xlsx');
    expect(await run(missing)).toMatchObject({ code: 1, stdout: '' });
    expect((await run(missing, { lang: 'zh' })).stderr).toContain('没有文件');
    const file = await roster(teachers(1));
    const before = await readFile(file);
    expect((await run(file, { report: file })).stderr).toContain('would overwrite the roster');
    expect(await readFile(file)).toEqual(before);
    const report = path.join(folder, 'no', 'report.csv');
    expect((await run(file, { report })).stderr).toContain('cannot write');
    expect((await run(file, { url: 'somewhere' })).stderr).toContain('no http address');
    expect(gateway.current.seen).toEqual([]);
  });

  it('writes a report in which a spreadsheet runs nothing', async () => {
    const file = await roster([teacher(1), teacher(2, { 5: '=1+1' })], '@名册');
    const report = path.join(folder, 'report.csv');
    await run(file, { report });
    const [, line = ''] = (await readFile(report, 'utf8')).split('\n');
    expect(line).toMatch(/^'@名册,4,F 学段,'=1\+1,STAGE-UNKNOWN,/);
  });

  it('finds the gateway that runs on the data folder', async () => {
    const port = Number(new URL(url).port);
    const state = { supervisor: { pid: 1 }, services: {}, gateway: { pid: 1, port } };
    await writeFile(path.join(folder, 'run.json'), JSON.stringify(state));
    const file = await roster(teachers(1));
    const options = { token: 'secret-token' };
    const around = {
      env: { YANXIU_DATA_DIR: folder },
      clock: { now: () => 0, wait: async () => {} },
    };
    const silent = { write: () => true };
    const code = await importRows(TEACHERS, file, options, {
      ...around,
      stdout: silent,
      stderr: silent,
    });
    expect(code).toBe(0);
    expect(gateway.current.registered.size).toBe(1);
    expect(await readdir(folder)).toEqual(['roster.xlsx', 'run.json']);
  });
});
