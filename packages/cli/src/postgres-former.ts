import { execFile } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
const FAST_SHUTDOWN_LIMIT_MS = 15_000;

/** What the server writes into `postmaster.pid`. */
export const readServerPid = async (
  cluster: string,
): Promise<{ pid: number; status: string } | undefined> => {
  const text = await readFile(path.join(cluster, 'postmaster.pid'), 'utf8').catch(() => '');
  const lines = text.split('\n');
  const pid = Number(lines[0]);
  return Number.isInteger(pid) && pid > 0 ? { pid, status: (lines[7] ?? '').trim() } : undefined;
};

const commandLine = async (pid: number): Promise<string> => {
  const fromProc = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => undefined);
  if (fromProc !== undefined) return fromProc.replaceAll('\0', ' ');
  const shown = await run('ps', ['-o', 'command=', '-p', String(pid)]).catch(() => undefined);
  return shown?.stdout ?? '';
};

/** A pid may have been given to another program since: only a server on this very folder counts. */
const servesCluster = async (pid: number, cluster: string): Promise<boolean> => {
  const command = await commandLine(pid);
  return command.includes('postgres') && command.includes(`-D ${cluster} `);
};

const signal = (pid: number, name: NodeJS.Signals): void => {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
};

/**
 * Ends the server that an earlier run, killed without warning, has left on this cluster, and takes
 * away the pid file of one that is gone. The caller holds the lock on the data folder, so that no
 * server found here belongs to anyone else.
 */
export const clearFormerRun = async (
  cluster: string,
  log: (line: string) => void,
): Promise<void> => {
  const former = await readServerPid(cluster);
  if (!former) return;
  if (await servesCluster(former.pid, cluster)) {
    log(`ending the PostgreSQL server (pid ${former.pid}) that an interrupted run has left`);
    signal(former.pid, 'SIGINT');
    const limit = Date.now() + FAST_SHUTDOWN_LIMIT_MS;
    while (await servesCluster(former.pid, cluster)) {
      if (Date.now() > limit) signal(former.pid, 'SIGQUIT');
      await delay(50);
    }
  }
  await rm(path.join(cluster, 'postmaster.pid'), { force: true });
};
