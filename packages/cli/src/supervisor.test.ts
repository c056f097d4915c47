import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { until } from '@yanxiu/testkit/waiting';
import { BoundedFile, importantLines } from './child-log.js';
import { PARENT_WATCH } from './parent-watch.js';
import { freePort } from './ports.js';
import { isAlive } from './process-identity.js';
import { Supervised, type SupervisorOptions } from './supervisor.js';

const ANSWERING = `
import { createServer } from 'node:http';
import { spawn } from 'node:child_process';
if (process.env.GRANDCHILD) spawn(process.execPath, ['-e', 'setInterval(() => 0, 1000)']);
if (process.env.STUBBORN) process.on('SIGTERM', () => undefined);
else process.on('SIGTERM', () => process.exit(0));
console.log(JSON.stringify({ level: 30, msg: 'listening' }));
console.log(JSON.stringify({ level: 50, msg: 'oops', err: { message: 'broken' } }));
createServer((_, response) => response.end()).listen(Number(process.env.PORT), '127.0.0.1');
`;

describe('a supervised child', () => {
  let folder: string;
  let shown: string[];
  let children: Supervised[];

  const start = async (
    program: string,
    env: Record<string, string> = {},
    options: Partial<SupervisorOptions> = {},
  ): Promise<Supervised> => {
    const file = path.join(folder, 'child.mjs');
    await writeFile(file, program);
    const port = await freePort();
    const child = new Supervised(
      {
        name: 'child',
        args: [file],
        env: { PATH: process.env['PATH'], PORT: String(port), ...env },
        cwd: folder,
        readyUrl: `http://127.0.0.1:${port}/health/ready`,
        logFile: path.join(folder, 'logs/child.log'),
      },
      { show: (line) => shown.push(line), firstPauseMs: 20, longestPauseMs: 80, ...options },
    );
    children.push(child);
    return child;
  };

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'yanxiu-supervisor-'));
    shown = [];
    children = [];
  });

  afterEach(async () => {
    for (const child of children) child.kill();
    await rm(folder, { recursive: true, force: true });
  });

  it('is ready when it answers, and leaves no process when it stops', async () => {
    const child = await start(ANSWERING);
    await child.ready();
    const { pid = 0 } = child;
    expect(isAlive(pid)).toBe(true);
    await child.stop();
    expect(isAlive(pid)).toBe(false);
    expect(child.pid).toBeUndefined();
  });

  it('keeps its whole log and shows its errors in short form', async () => {
    const child = await start(ANSWERING);
    await child.ready();
    await until(() => shown.length > 0, { message: 'the error shown' });
    await child.stop();
    expect(shown).toEqual(['[child] ERROR oops: broken']);
    const log = path.join(folder, 'logs/child.log');
    expect(await readFile(log, 'utf8')).toContain('listening');
    expect((await stat(log)).mode & 0o777).toBe(0o600);
  });

  it('starts again when it was killed, with every pid told', async () => {
    const pids: (number | undefined)[] = [];
    const child = await start(ANSWERING, {}, { onPid: (_, pid) => pids.push(pid) });
    await child.ready();
    child.keep();
    for (let round = 0; round < 3; round += 1) {
      const before = child.pid ?? 0;
      process.kill(before, 'SIGKILL');
      await until(() => child.pid !== undefined && child.pid !== before, { message: 'a new pid' });
      await child.ready();
    }
    expect(shown.filter((line) => /UNEXPECTEDLY \(SIGKILL\)/.test(line))).toHaveLength(3);
    expect(shown.join()).toMatch(/in 20 ms.*in 40 ms.*in 80 ms/);
    expect(pids.filter((pid) => pid !== undefined)).toHaveLength(4);
    await child.stop();
    expect(isAlive(pids.findLast((pid) => pid !== undefined) ?? 0)).toBe(false);
  });

  it('does not start again when it is stopped while it pauses', async () => {
    const child = await start(ANSWERING, {}, { firstPauseMs: 60_000 });
    await child.ready();
    child.keep();
    process.kill(child.pid ?? 0, 'SIGKILL');
    await until(() => shown.some((line) => /UNEXPECTEDLY/.test(line)));
    await child.stop();
    expect(child.pid).toBeUndefined();
  });

  it('tells why it cannot start, at once', async () => {
    const child = await start("console.error('DATABASE_URL is wrong'); process.exit(3);");
    await expect(child.ready()).rejects.toThrow(/ended while it was starting.*[^]*is wrong/);
    await child.stop();
  });

  it('fails when it does not answer in time', async () => {
    const child = await start('setInterval(() => 0, 1000)', {}, { startLimitMs: 100 });
    await expect(child.ready()).rejects.toThrow(/child is not ready in time/);
    await child.stop();
  });

  it('is killed, with what it has started, when it ignores the request to stop', async () => {
    const env = { STUBBORN: '1', GRANDCHILD: '1' };
    const child = await start(ANSWERING, env, { stopLimitMs: 100 });
    await child.ready();
    const { pid = 0 } = child;
    await child.stop();
    expect(isAlive(pid)).toBe(false);
    expect(() => process.kill(-pid, 0)).toThrow(/ESRCH/);
  });

  it('ends by itself when the supervisor is gone', async () => {
    const parent = path.join(folder, 'parent.mjs');
    await writeFile(
      parent,
      `import { spawn } from 'node:child_process';
       const child = spawn(process.execPath, ${JSON.stringify([...PARENT_WATCH, '-e'])}
         .concat('setInterval(() => 0, 1000)'),
         { detached: true, stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
       console.log(child.pid);
       setInterval(() => 0, 1000);`,
    );
    const running = spawn(process.execPath, [parent], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = (await once(running.stdout, 'data')) as [Buffer];
    const pid = Number(line);
    expect(isAlive(pid)).toBe(true);
    running.kill('SIGKILL');
    await until(() => !isAlive(pid), { message: 'the child to end' });
  });
});

describe('the log of a child', () => {
  it('is put aside when it grows over its limit', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'yanxiu-log-'));
    const log = new BoundedFile(path.join(folder, 'a.log'), 10);
    for (const text of ['one ', 'two ', 'three ', 'four ']) log.write(Buffer.from(text));
    log.close();
    expect(await readFile(path.join(folder, 'a.log.1'), 'utf8')).toBe('three ');
    expect(await readFile(path.join(folder, 'a.log'), 'utf8')).toBe('four ');
    await rm(folder, { recursive: true });
  });

  it.each([
    ['{"level":30,"msg":"fine"}', []],
    ['{"level":40,"msg":"slow"}', ['WARN slow']],
    ['{"level":50,"msg":"bad","err":{"message":"why"}}', ['ERROR bad: why']],
    ['{"level":40, not json', []],
    ['plain words', ['plain words']],
    ['', []],
  ])('shows of %s what a person should see', (line, expected) => {
    const shown: string[] = [];
    const lines = importantLines(true, (text) => shown.push(text));
    lines(Buffer.from(line.slice(0, 9)));
    lines(Buffer.from(`${line.slice(9)}\n`));
    expect(shown).toEqual(expected);
  });
});
