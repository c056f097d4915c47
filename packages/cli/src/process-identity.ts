import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Whether a process with this pid exists, whoever owns it. */
export const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};

/**
 * What tells a process from a later one with the same pid: when it began. Undefined when there is
 * no such process. Pids repeat soon in containers, so a pid alone says little.
 */
export const processIdentity = async (pid: number): Promise<string | undefined> => {
  if (!isAlive(pid)) return undefined;
  const line = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  if (line !== undefined) {
    const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '');
    // The second field, in brackets, may hold blanks; after it come the state and, 22nd, the start.
    const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z') return undefined;
    const started = fields[19] ?? '';
    return `${boot.trim()}/${started}`;
  }
  const shown = await run('ps', ['-o', 'lstart=', '-p', String(pid)]).catch(() => undefined);
  return shown?.stdout.trim() || 'alive';
};
