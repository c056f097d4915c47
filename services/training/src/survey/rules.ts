import { over, type Acting, type Governed } from '@yanxiu/registry/permission';
import type { Actor } from '@yanxiu/subgraph/actor';
import { accepted, denied, refused } from '@yanxiu/subgraph/decision';
import type { Decision, Permission } from '@yanxiu/subgraph/decision';
import { all, inRole, rights } from '@yanxiu/subgraph/permission';
import type { SurveyStatus } from './entity.js';

/** The organiser of the project that a survey is for. */
interface Organiser extends Governed {
  /** The actor's unit is it, or lies below it. */
  below: boolean;
}

/** The organiser's people, or officers of a county below it (县负责开展训前需求调研). */
function conducts(actor: Acting, organiser: Organiser): Permission {
  const county = actor.role === 'OFFICER' && actor.place.tier === 'COUNTY';
  return all(
    inRole(actor, 'OFFICER', 'COORDINATOR'),
    actor.unit === organiser.code || (county && organiser.below)
      ? accepted()
      : all(
          over(actor, organiser),
          denied(
            '需求调研由主办单位或其所辖县（区）办理。',
            'A needs survey is for the organiser, or a county below it, to open and close.',
          ),
        ),
  );
}

/** Who may do what with a needs survey. */
export const may = rights({
  open: conducts,
  close: conducts,
  answer: (actor: Actor, { below }: Pick<Organiser, 'below'>) =>
    all(
      inRole(actor, 'TEACHER', 'COORDINATOR'),
      below
        ? accepted()
        : denied(
            '该需求调研不面向您的单位。',
            'This survey is for the teachers and schools under its organiser.',
          ),
    ),
});

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
