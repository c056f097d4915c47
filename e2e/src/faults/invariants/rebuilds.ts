import type { Service } from '@yanxiu/contracts/topic-access';
import type { Stage } from '../stage.js';
import { yanxiu } from '../yanxiu.js';
import type { Findings } from './findings.js';

/** Read models of which the load changes something, or that all services keep alike. */
const VIEWS: readonly (readonly [Service, string])[] = [
  ['training', 'teachers'],
  ['hours', 'projects'],
  ['funding', 'org-units'],
  ['evaluation', 'institutions'],
];

/** I8: a read model made anew from the log equals the one that is there. */
export async function checkRebuilds(stage: Stage, findings: Findings): Promise<void> {
  for (const [service, view] of VIEWS) {
    const { code, text } = await yanxiu(stage, 'rebuild', service, view, '--check');
    if (code !== 0) findings.wrong.push(`I8 ${service} ${view} made anew (${code}): ${text}`);
  }
}
