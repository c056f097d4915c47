import { assignmentHandlers, assignmentsOf } from '@yanxiu/registry/assignment';
import { orgUnitHandlers } from '@yanxiu/registry/org-unit';
import { policyHandlers } from '@yanxiu/registry/policy';
import { registryViews } from '@yanxiu/registry/views';
import type { ServiceDefinition, Slice } from '@yanxiu/subgraph/service';
import * as plans from './annual-plan/commands.js';
import { resolvers as planResolvers } from './annual-plan/resolvers.js';
import { appendOnly, entities, migrations } from './database.js';
import { deliverySeedCommands, deliverySlices } from './delivery.js';
import * as institutions from './institution/commands.js';
import { handlers as institutionHandlers } from './institution/consumers.js';
import { resolvers as institutionResolvers } from './institution/resolvers.js';
import { personal } from './personal.js';
import * as projects from './project/commands.js';
import { handlers as projectHandlers } from './project/consumers.js';
import { resolvers as projectResolvers } from './project/resolvers.js';
import { watchReservations } from './project/waits.js';
import * as schemes from './scheme/commands.js';
import { resolvers as schemeResolvers } from './scheme/resolvers.js';
import { recordStudy } from './study/commands.js';
import { resolvers as studyResolvers } from './study/resolvers.js';
import { handlers as teacherHandlers } from './teacher/consumers.js';
import * as surveys from './survey/commands.js';
import { resolvers as surveyResolvers } from './survey/resolvers.js';

/** In this order handlers of one event act: an enrolment is marked before its project is judged. */
const slices: readonly Slice[] = [
  { handlers: orgUnitHandlers },
  { handlers: policyHandlers },
  { handlers: assignmentHandlers },
  ...deliverySlices,
  { resolvers: planResolvers },
  { resolvers: studyResolvers },
  { resolvers: institutionResolvers, handlers: institutionHandlers },
  { resolvers: projectResolvers, handlers: projectHandlers },
  { resolvers: schemeResolvers },
  { resolvers: surveyResolvers },
];

/** By the action that the audit row names. */
const seedCommands: ServiceDefinition['seedCommands'] = {
  'annual-plan.draft': plans.draftAnnualPlan,
  'annual-plan.file': plans.fileAnnualPlan,
  'annual-plan.accept': plans.acceptAnnualPlan,
  'annual-plan.return': plans.returnAnnualPlan,
  'study.record': recordStudy,
  'institution.register': institutions.registerInstitution,
  'institution.accredit': institutions.accreditInstitution,
  'institution.suspend': institutions.suspendInstitution,
  'institution.reinstate': institutions.reinstateInstitution,
  'project.create': projects.createTrainingProject,
  'project.submit': projects.submitTrainingProject,
  'project.approve': projects.approveTrainingProject,
  'project.reject': projects.rejectTrainingProject,
  'project.file': projects.fileTrainingProject,
  'project.accept': projects.acceptTrainingProject,
  'project.openEnrolment': projects.openEnrolment,
  'project.start': projects.startTrainingProject,
  'project.suspend': projects.suspendTrainingProject,
  'project.resume': projects.resumeTrainingProject,
  'project.cancel': projects.cancelTrainingProject,
  'project.close': projects.closeTrainingProject,
  'scheme.submit': schemes.submitTrainingScheme,
  'scheme.approve': schemes.approveTrainingScheme,
  'scheme.return': schemes.returnTrainingScheme,
  'survey.open': surveys.openNeedsSurvey,
  'survey.answer': surveys.answerNeedsSurvey,
  'survey.close': surveys.closeNeedsSurvey,
};

/** Training: plans, institutions, projects and their delivery. */
export const service: ServiceDefinition = {
  name: 'training',
  mainUrl: new URL('./main.js', import.meta.url).href,
  slices,
  assignments: assignmentsOf,
  entities,
  migrations,
  appendOnly,
  personal,
  views: [
    ...registryViews,
    {
      name: 'teachers',
      tables: ['teacher_copy'],
      reads: ['org_unit'],
      handlers: teacherHandlers,
    },
    {
      name: 'institution-ratings',
      tables: ['institution_rating'],
      reads: ['training_institution'],
      handlers: institutionHandlers,
    },
  ],
  seedCommands: { ...seedCommands, ...deliverySeedCommands },
  background: watchReservations,
};
