import { accepted, refused, type Decision } from '@yanxiu/subgraph/decision';
import type { SurveyStatus } from './entity.js';

const BEFORE_NOMINATION: readonly string[] = [
  'DRAFT',
  'SUBMITTED',
  'APPROVED',
  'FILED',
  'ACCEPTED',
  'SCHEME_APPROVED',
];

/** A survey opens once the organiser's annual plan is filed (A13), before nomination. */
export function maySurvey(projectStatus: string, planFiled: boolean, year: number): Decision {
  if (!BEFORE_NOMINATION.includes(projectStatus)) {
    return refused(
      'PROJECT-LIFECYCLE',
      `项目当前状态为 ${projectStatus}，需求调研须在学员选派之前进行。`,
      `The project is ${projectStatus}; a needs survey comes before nomination.`,
      { status: projectStatus },
    );
  }
  if (planFiled) return accepted();
  return refused(
    'PROJECT-SURVEY',
    `主办单位 ${year} 年度培训计划备案后，方可开展需求调研（三（六））。`,
    `A needs survey opens once the organiser has filed its annual plan for ${year} (§3.6).`,
  );
}

/** Only an open survey takes answers and is closed. */
export const isOpen = (status: SurveyStatus): Decision =>
  status === 'OPEN'
    ? accepted()
    : refused(
        'PROJECT-SURVEY',
        '该需求调研已结束。',
        'The needs survey is closed: it takes no answers and is not closed again.',
      );
