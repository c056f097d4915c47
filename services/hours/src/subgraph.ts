import { assignmentHandlers, assignmentsOf } from '@yanxiu/registry/assignment';
import { orgUnitHandlers } from '@yanxiu/registry/org-unit';
import { policyHandlers } from '@yanxiu/registry/policy';
import { registryViews } from '@yanxiu/registry/views';
import { together } from '@yanxiu/subgraph/background';
import type { ServiceDefinition } from '@yanxiu/subgraph/service';
import * as claim from './claim/resolvers.js';
import * as compliance from './compliance/resolvers.js';
import { appendOnly, migrations } from './database.js';
import { handlers as dueHandlers } from './due/consumers.js';
import * as due from './due/resolvers.js';
import * as ledger from './ledger/resolvers.js';
import { personal } from './personal.js';
import { handlers as placeHandlers } from './place/consumers.js';
import { loadLedger } from './recognition/bulk.js';
import * as recognition from './recognition/resolvers.js';
import { handlers as projectHandlers } from './project/consumers.js';
import * as project from './project/resolvers.js';
import { enrolmentHandlers, handlers as recognitionHandlers } from './recognition/consumers.js';
import { recomputeInBackground } from './recomputation/background.js';
import { handlers as recomputationHandlers } from './recomputation/consumers.js';
import * as recomputation from './recomputation/resolvers.js';
import { keepReports } from './report/background.js';
import { DERIVED as REPORTS } from './report/derive.js';
import * as report from './report/resolvers.js';
import { keepRollup } from './rollup/background.js';
import { handlers as rollupHandlers } from './rollup/consumers.js';
import { DERIVED } from './rollup/derive.js';
import * as rollup from './rollup/resolvers.js';
import { simulateInBackground } from './simulation/background.js';
import * as simulation from './simulation/resolvers.js';
import { classificationHandlers } from './teacher/classification.js';
import { handlers as teacherHandlers } from './teacher/consumers.js';

export const service: ServiceDefinition = {
  name: 'hours',
  mainUrl: new URL('./main.js', import.meta.url).href,
  slices: [
    { resolvers: rollup.resolvers, handlers: rollupHandlers },
    { handlers: [...orgUnitHandlers, ...policyHandlers, ...assignmentHandlers] },
    { handlers: placeHandlers },
    { handlers: teacherHandlers },
    { resolvers: due.resolvers, handlers: dueHandlers },
    { handlers: classificationHandlers },
    { resolvers: project.resolvers, handlers: projectHandlers },
    { resolvers: recognition.resolvers, handlers: recognitionHandlers },
    { resolvers: ledger.resolvers },
    { resolvers: claim.resolvers },
    { resolvers: compliance.resolvers },
    { resolvers: recomputation.resolvers, handlers: recomputationHandlers },
    { resolvers: simulation.resolvers },
    { resolvers: report.resolvers },
  ],
  assignments: assignmentsOf,
  entities: [],
  migrations,
  appendOnly,
  personal,
  // Of no mutation: only whoever loads a province comes to it.
  seedCommands: { 'ledger.load': loadLedger },
  views: [
    ...registryViews,
    {
      name: 'projects',
      tables: ['institution_copy', 'project_copy', 'class_copy', 'quota_copy'],
      handlers: projectHandlers,
    },
    {
      name: 'classifications',
      tables: ['teacher_classification'],
      handlers: classificationHandlers,
    },
    { name: 'enrolments', tables: ['enrolment'], handlers: enrolmentHandlers },
    ...DERIVED,
    ...REPORTS,
  ],
  background: (running) =>
    together(
      keepRollup(running),
      keepReports(running),
      recomputeInBackground(running),
      simulateInBackground(running),
    ),
};
