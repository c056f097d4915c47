import type { Entity, Migration } from '@yanxiu/subgraph/database';
import { AnnualPlan } from './annual-plan/entity.js';
import {
  Accreditation,
  InstitutionRating,
  InstitutionSuspension,
  TrainingInstitution,
} from './institution/entity.js';
import { deliveryEntities } from './delivery.js';
import { Training1700000000001 } from './migrations/0001-training.js';
import { Delivery1700000000002 } from './migrations/0002-delivery.js';
import { Authority1700000000003 } from './migrations/0003-authority.js';
import { AuditOfReads1700000000010 } from './migrations/0004-audit-of-reads.js';
import { RowSecurity1700000000011 } from './migrations/0005-row-security.js';
import { Evaluators1700000000012 } from './migrations/0006-evaluators.js';
import { AssessedProjects1700000000013 } from './migrations/0007-assessed-projects.js';
import { ProjectStep, TrainingProject } from './project/entity.js';
import { SchemeModule, TrainingScheme } from './scheme/entity.js';
import { StudyRecord } from './study/entity.js';
import { NeedsSurvey } from './survey/entity.js';

/** What TypeORM maps in this service. */
export const entities: readonly Entity[] = [
  AnnualPlan,
  StudyRecord,
  TrainingInstitution,
  Accreditation,
  InstitutionSuspension,
  InstitutionRating,
  TrainingProject,
  ProjectStep,
  TrainingScheme,
  SchemeModule,
  NeedsSurvey,
  ...deliveryEntities,
];

export const migrations: readonly Migration[] = [
  Training1700000000001,
  Delivery1700000000002,
  Authority1700000000003,
  AuditOfReads1700000000010,
  RowSecurity1700000000011,
  Evaluators1700000000012,
  AssessedProjects1700000000013,
];

/** Tables that the database itself keeps from being changed. */
export const appendOnly: readonly string[] = ['audit', 'project_step', 'attendance_correction'];
