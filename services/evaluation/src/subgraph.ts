import { assignmentHandlers, assignmentsOf } from '@yanxiu/registry/assignment';
import { orgUnitHandlers } from '@yanxiu/registry/org-unit';
import { policyHandlers } from '@yanxiu/registry/policy';
import { registryViews } from '@yanxiu/registry/views';
import type { ServiceDefinition } from '@yanxiu/subgraph/service';
import { submitAgencyAssessment } from './agency/commands.js';
import { resolvers as agency } from './agency/resolvers.js';
import { handlers as anonymousHandlers } from './anonymous/consumers.js';
import { resolvers as anonymous } from './anonymous/resolvers.js';
import { respondAsSeed } from './anonymous/seed.js';
import { signEvaluationToken } from './anonymous/signing.js';
import { keyring } from './config.js';
import { appendOnly, entities, migrations } from './database.js';
import { startSweeper, sweepAsSeed } from './deadline.js';
import { publishInstrument } from './instrument/commands.js';
import { resolvers as instrument } from './instrument/resolvers.js';
import { personal } from './personal.js';
import { closeProjectEvaluation } from './project/commands.js';
import {
  handlers as projectHandlers,
  institutionHandlers,
  participantHandlers,
} from './project/consumers.js';
import { resolvers as project } from './project/resolvers.js';
import { resolvers as rating } from './rating/resolvers.js';
import { sealed } from './sealed.js';
import { submitSupervision } from './supervision/commands.js';
import { resolvers as supervision } from './supervision/resolvers.js';
import { resolvers as scalars } from './scalars.js';

/** Quality evaluation (绩效评估, §3.6): three channels, composite, rating. */
export const service: ServiceDefinition = {
  name: 'evaluation',
  mainUrl: new URL('./main.js', import.meta.url).href,
  slices: [
    { resolvers: scalars, handlers: orgUnitHandlers },
    { handlers: policyHandlers },
    { handlers: assignmentHandlers },
    { resolvers: project, handlers: projectHandlers },
    { resolvers: instrument },
    { resolvers: agency },
    { resolvers: supervision },
    // After `project`: the channel's keys are made for an evaluation that is open.
    { resolvers: anonymous, handlers: anonymousHandlers },
    { resolvers: rating },
  ],
  assignments: assignmentsOf,
  entities,
  migrations,
  appendOnly,
  personal,
  sealed,
  views: [
    ...registryViews,
    { name: 'institutions', tables: ['institution'], handlers: institutionHandlers },
    {
      name: 'participants',
      tables: ['eligible_participant'],
      handlers: participantHandlers,
    },
  ],
  seedCommands: {
    'project.close': closeProjectEvaluation,
    'project.sweepDeadlines': sweepAsSeed,
    'instrument.publish': publishInstrument,
    'agency.submit': submitAgencyAssessment,
    'supervision.submit': submitSupervision,
    'anonymous.sign': signEvaluationToken,
    'anonymous.respond': respondAsSeed,
  },
  background: (running) => {
    keyring(); // a missing or broken keyring is told at start, not at the first project
    return startSweeper(running);
  },
};
