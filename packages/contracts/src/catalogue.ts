import type { Contract } from './contract.js';
import * as evaluation from './evaluation.js';
import * as funding from './funding.js';
import * as hours from './hours.js';
import * as personnelState from './personnel-state.js';
import * as personnel from './personnel.js';
import * as trainingState from './training-state.js';
import * as training from './training.js';

/** Every contract, in the order of the services. */
export const catalogue: readonly Contract[] = [
  personnel,
  personnelState,
  training,
  trainingState,
  hours,
  funding,
  evaluation,
].flatMap((module) => Object.values(module) as Contract[]);

/** Topic names, e.g. `training.project`. */
export const topics: readonly string[] = [...new Set(catalogue.map((c) => c.topic))].sort();

const byType = new Map(catalogue.map((contract) => [contract.type, contract]));

export const contractOf = (type: string): Contract | undefined => byType.get(type);
