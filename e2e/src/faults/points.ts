import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const AGENT = fileURLToPath(new URL('./agent.mjs', import.meta.url));

/** What the agent in a process wrote down as it made a point fail. */
export interface Hit {
  name: string;
  point: string;
  pid: number;
}

/** The named points inside the processes under test, steered through files of one folder. */
export class Points {
  constructor(readonly folder: string) {}

  async prepare(mutant?: string): Promise<void> {
    await mkdir(this.folder, { recursive: true });
    await writeFile(path.join(this.folder, 'hits'), '');
    if (mutant) await writeFile(path.join(this.folder, 'mutant'), mutant);
  }

  /** Loads the agent into every process that the platform starts. */
  get env(): Record<string, string> {
    return { NODE_OPTIONS: `--import=file://${AGENT}`, YANXIU_FAULTS: this.folder };
  }

  /** The process dies, or stands still for a time, when it next comes to the point. */
  async arm(service: string, point: string, block?: { ms: number }): Promise<void> {
    const order = block ? { action: 'block', ...block } : { action: 'kill' };
    await writeFile(path.join(this.folder, `${service}.${point}`), JSON.stringify(order));
  }

  async disarm(service: string, point: string): Promise<void> {
    await rm(path.join(this.folder, `${service}.${point}`), { force: true });
  }

  /** A process that starts from now on waits before it does anything, until it is let go. */
  async holdStart(service: string): Promise<() => Promise<void>> {
    await writeFile(path.join(this.folder, `${service}.hold-start`), '');
    return () => this.disarm(service, 'hold-start');
  }

  async hits(): Promise<Hit[]> {
    const text = await readFile(path.join(this.folder, 'hits'), 'utf8');
    return text
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Hit);
  }
}
