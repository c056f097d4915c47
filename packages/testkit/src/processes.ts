import { readdir, readFile } from 'node:fs/promises';
import { processIdentity } from '@yanxiu/cli/process-identity';

/** One process that another one has started, directly or through others. */
export interface Descendant {
  pid: number;
  /** Tells it from a later process with the same pid. */
  identity: string;
  parent: number;
  /** Its whole command line. */
  command: string;
}

const parentOf = async (pid: number): Promise<number> => {
  const line = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // The second field, in brackets, may hold blanks; after it come the state and the parent.
  return Number(line.slice(line.lastIndexOf(')') + 2).split(' ')[1]);
};

const commandLine = async (pid: number): Promise<string> => {
  const text = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return text.replaceAll('\0', ' ').trim();
};

const everyProcess = async (): Promise<Descendant[]> => {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(
    pids.map(async (pid) => ({
      pid,
      identity: (await processIdentity(pid)) ?? '',
      parent: await parentOf(pid),
      command: await commandLine(pid),
    })),
  );
  // One without an identity has ended while we looked, or waits to be reaped.
  return found.filter(({ identity }) => identity !== '');
};

/** Everything below a process, whatever group or session it is in (Linux: from /proc). */
export const descendants = async (pid: number): Promise<Descendant[]> => {
  const all = await everyProcess();
  const below: Descendant[] = [];
  let parents = new Set([pid]);
  while (parents.size > 0) {
    const children = all.filter(({ parent }) => parents.has(parent));
    below.push(...children);
    parents = new Set(children.map((child) => child.pid));
  }
  return below;
};

/** Those that run still. */
export const stillRunning = async (before: readonly Descendant[]): Promise<Descendant[]> => {
  const now = await Promise.all(before.map(({ pid }) => processIdentity(pid)));
  return before.filter(({ identity }, index) => now[index] === identity);
};
