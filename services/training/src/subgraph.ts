import { orgUnitHandlers } from '@yanxiu/registry/org-unit';
import { policyHandlers } from '@yanxiu/registry/policy';
import type { ServiceDefinition, Slice } from '@yanxiu/subgraph/service';
import { appendOnly, entities, migrations } from './database.js';
import { deliverySeedCommands, deliverySlices } from './delivery.js';

/** In this order handlers of one event act: an enrolment is marked before its project is judged. */
const slices: readonly Slice[] = [
  { handlers: orgUnitHandlers },
  { handlers: policyHandlers },
  ...deliverySlices,
];

/** Training: plans, institutions, projects and their delivery. */
export const service: ServiceDefinition = {
  name: 'training',
  mainUrl: new URL('./main.js', import.meta.url).href,
  slices,
  entities,
  migrations,
  appendOnly,
  seedCommands: { ...deliverySeedCommands },
};
