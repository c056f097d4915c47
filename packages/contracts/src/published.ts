import type { About } from './about/about.js';
import { evaluationAbout } from './about/evaluation.js';
import { fundingAbout } from './about/funding.js';
import { hoursAbout } from './about/hours.js';
import { personnelAbout } from './about/personnel.js';
import { personnelStateAbout, trainingStateAbout } from './about/state.js';
import { trainingAbout } from './about/training.js';
import type { Contract } from './contract.js';
import * as evaluation from './evaluation.js';
import * as funding from './funding.js';
import * as hours from './hours.js';
import * as personnelState from './personnel-state.js';
import * as personnel from './personnel.js';
import * as trainingState from './training-state.js';
import * as training from './training.js';

/** One event type as the outside sees it. */
export interface Published extends Contract, About {}

/** The published catalogue: every contract with what there is to say of it. */
export const published: readonly Published[] = [
  ...join(personnel, personnelAbout),
  ...join(personnelState, personnelStateAbout),
  ...join(training, trainingAbout),
  ...join(trainingState, trainingStateAbout),
  ...join(hours, hoursAbout),
  ...join(funding, fundingAbout),
  ...join(evaluation, evaluationAbout),
];

function join(contracts: object, about: object): Published[] {
  const says = new Map(Object.entries(about) as [string, About][]);
  return (Object.entries(contracts) as [string, Contract][]).map(([name, contract]) => {
    const found = says.get(name);
    if (!found) throw new Error(`the catalogue says nothing of ${contract.type}`);
    return { ...contract, ...found };
  });
}
