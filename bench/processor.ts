import { readFile, readdir } from 'node:fs/promises';

/** Ticks of /proc in a second on Linux, whatever the machine. */
const TICKS = 100;

/** A process's parent and the processor time of itself and of its children that have ended. */
async function statOf(pid: string): Promise<{ parent: number; seconds: number } | null> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
  if (stat === null) return null;
  // The name, in brackets, may contain spaces; the state comes after it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  return { parent: Number(fields[1]), seconds: ticks / TICKS };
}

/**
 * Seconds of processor time that a process and its children have used since it began (Linux). On a
 * machine with other work it says what a load costs where the clock does not.
 */
export async function processorSeconds(pid: number): Promise<number> {
  let seconds = 0;
  for (const each of await readdir('/proc')) {
    if (!/^\d+$/.test(each)) continue;
    const stat = await statOf(each);
    if (stat && (Number(each) === pid || stat.parent === pid)) seconds += stat.seconds;
  }
  return seconds;
}
