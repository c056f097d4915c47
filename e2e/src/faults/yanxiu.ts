import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Stage } from './stage.js';

const CLI = fileURLToPath(new URL('../../../packages/cli/dist/main.js', import.meta.url));

export interface Said {
  code: number;
  /** What it wrote, on either stream. */
  text: string;
}

/** Runs the command line against the stage, as whoever is on duty would. */
export const yanxiu = (stage: Stage, ...args: string[]): Promise<Said> =>
  new Promise((resolve) => {
    const env = {
      ...stage.env,
      PATH: process.env['PATH'],
      YANXIU_DATA_DIR: stage.system.dataDir,
    };
    execFile(process.execPath, [CLI, ...args], { env }, (error, stdout, stderr) => {
      const code = typeof error?.code === 'number' ? error.code : error ? 1 : 0;
      resolve({ code, text: `${stdout}${stderr}`.trim() });
    });
  });
