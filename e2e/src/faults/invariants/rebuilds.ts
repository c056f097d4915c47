import { SERVICES, type Service } from '@yanxiu/contracts/topic-access';
import type { Stage } from '../stage.js';
import { yanxiu } from '../yanxiu.js';
import type { Findings } from './findings.js';

type ViewName = readonly [Service, string];

/** Read models of which the load changes something, or that all services keep alike. */
const SAMPLE: readonly ViewName[] = [
  ['training', 'teachers'],
  ['hours', 'projects'],
  ['hours', 'standings'],
  ['funding', 'org-units'],
  ['evaluation', 'institutions'],
];

/** Which read models are made anew after a fault: one of the sample in turn, or more. */
export type Rebuilds = 'none' | 'sample' | 'all' | { turn: number };

/** I8: a read model made anew, from the log or from records, equals the one that is there. */
export async function checkRebuilds(
  stage: Stage,
  which: Rebuilds,
  findings: Findings,
): Promise<void> {
  for (const [service, view] of await viewsOf(stage, which)) {
    const { code, text } = await yanxiu(stage, 'rebuild', service, view, '--check');
    if (code !== 0) findings.wrong.push(`I8 ${service} ${view} made anew (${code}): ${text}`);
  }
}

async function viewsOf(stage: Stage, which: Rebuilds): Promise<readonly ViewName[]> {
  if (which === 'none') return [];
  if (which === 'sample') return SAMPLE;
  if (which === 'all') return allViews(stage);
  return SAMPLE.filter((_, index) => index === which.turn % SAMPLE.length);
}

/** As each service itself tells, asked for a view that it does not have. */
async function allViews(stage: Stage): Promise<ViewName[]> {
  const views: ViewName[] = [];
  for (const service of SERVICES) {
    const { text } = await yanxiu(stage, 'rebuild', service, 'all', '--check');
    const names = /it has: (.+)/.exec(text)?.[1] ?? 'none';
    if (names === 'none') continue;
    for (const name of names.split(', ')) views.push([service, name]);
  }
  if (views.length < SAMPLE.length) throw new Error('the services tell no views to make anew');
  return views;
}
