import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { ServiceName } from '@yanxiu/cli/up-config';
import type { Stage } from '../stage.js';
import type { Findings } from './findings.js';

const CLI = fileURLToPath(new URL('../../../../packages/cli/dist/main.js', import.meta.url));

/** Read models of which the load changes something, or that all services keep alike. */
const VIEWS: readonly (readonly [ServiceName, string])[] = [
  ['training', 'teachers'],
  ['hours', 'projects'],
  ['funding', 'org-units'],
  ['evaluation', 'institutions'],
];

interface Compared {
  code: number;
  text: string;
}

const compare = (stage: Stage, service: ServiceName, view: string): Promise<Compared> =>
  new Promise((resolve) => {
    execFile(
      process.execPath,
      [CLI, 'rebuild', service, view, '--check'],
      {
        env: {
          ...stage.env,
          PATH: process.env['PATH'],
          YANXIU_DATA_DIR: stage.system.dataDir,
        },
      },
      (error, stdout, stderr) => {
        const code = typeof error?.code === 'number' ? error.code : error ? 1 : 0;
        resolve({ code, text: `${stdout}${stderr}`.trim() });
      },
    );
  });

/** I8: a read model made anew from the log equals the one that is there. */
export async function checkRebuilds(stage: Stage, findings: Findings): Promise<void> {
  for (const [service, view] of VIEWS) {
    const { code, text } = await compare(stage, service, view);
    if (code !== 0) findings.wrong.push(`I8 ${service} ${view} made anew (${code}): ${text}`);
  }
}
