import { renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

export interface RunningProcess {
  pid: number | undefined;
  port: number;
  url?: string;
}

/** `<data>/run.json`: the processes of the running platform and where they listen. */
export interface RunState {
  supervisor: { pid: number };
  gateway?: RunningProcess;
  services: Record<string, RunningProcess>;
  postgres?: RunningProcess;
}

export class RunFile {
  readonly #file: string;
  readonly state: RunState = { supervisor: { pid: process.pid }, services: {} };

  constructor(dataDir: string) {
    this.#file = path.join(dataDir, 'run.json');
  }

  update(change: (state: RunState) => void): void {
    change(this.state);
    writeFileSync(`${this.#file}.new`, `${JSON.stringify(this.state, null, 2)}\n`, { mode: 0o600 });
    renameSync(`${this.#file}.new`, this.#file);
  }

  remove(): void {
    rmSync(this.#file, { force: true });
  }
}
