import type { Acting } from '@yanxiu/registry/permission';
import type { PolicySet } from '@yanxiu/registry/policy';
import type { Tier } from '@yanxiu/registry/org-unit';
import { accepted, denied, refused } from '@yanxiu/subgraph/decision';
import type { Decision, Permission } from '@yanxiu/subgraph/decision';
import { rights } from '@yanxiu/subgraph/permission';
import { actsFor } from '../permission.js';
import type { FundsState, ProjectLevel, ProjectStatus, TrainingProject } from './entity.js';
import { STEPS, type ProjectAction, type Relation, type Step } from './steps.js';

type Position = Pick<TrainingProject, 'level' | 'status' | 'previousStatus'>;

/** The row of the table for an action at this level; undefined when the level has no such step. */
export function stepOf(action: ProjectAction, level: ProjectLevel): Step | undefined {
  const track = level === 'SCHOOL' ? 'SCHOOL' : 'STANDARD';
  return STEPS.find((step) => step.action === action && ['BOTH', track].includes(step.track));
}

/** Where the action leads from here; refused when the project is not at its place. */
export function decideStep(
  action: ProjectAction,
  project: Position,
): Decision<{ to: ProjectStatus; step: Step }> {
  const step = stepOf(action, project.level);
  const to = step?.to === 'PREVIOUS' ? project.previousStatus : step?.to;
  if (step && to && step.from.includes(project.status)) return accepted({ to, step });
  const places = step ? step.from.join(', ') : '';
  return refused(
    step?.rule ?? 'PROJECT-LIFECYCLE',
    step
      ? `项目当前状态为 ${project.status}；该步骤（${action}）须在 ${places} 状态下办理。`
      : `${project.level} 级项目没有该步骤（${action}）。`,
    step
      ? `The project is ${project.status}; the step "${action}" is taken from ${places}.`
      : `A project of level ${project.level} has no step "${action}".`,
    { action, status: project.status },
  );
}

/** True when the unit stands to the project as the step asks. */
export function holdsRelation(relation: Relation, project: Parties, unitCode: string): boolean {
  const organiser = unitCode === project.organiserCode && relation !== 'APPROVER';
  const approver = unitCode === project.authorityCode && relation !== 'ORGANISER';
  return relation !== 'EVENT' && (organiser || approver);
}

type Parties = Pick<TrainingProject, 'organiserCode' | 'authorityCode'>;

/** The step's own unit takes it, by whoever acts for that unit. */
function takes(
  actor: Acting,
  { action, project }: { action: ProjectAction; project: Parties & Pick<Position, 'level'> },
): Permission {
  const { who } = stepOf(action, project.level) ?? { who: 'EITHER' };
  if (holdsRelation(who, project, actor.unit)) return actsFor(actor, actor.unit);
  const unit = who === 'APPROVER' ? project.authorityCode : project.organiserCode;
  return denied(
    `此步骤由单位 ${unit} 办理；您代表的单位是 ${actor.unit}。`,
    `This step is for unit ${unit} to take; you act for ${actor.unit}.`,
  );
}

/** Who may write a project, and take it a step on. */
export const may = rights({
  create: (actor: Acting, { organiserCode }: Pick<Parties, 'organiserCode'>) =>
    actsFor(actor, organiserCode),
  step: takes,
});

/** PROJECT-TIER: the level's tier must govern the sector (no county vocational project). */
export function projectTier(
  project: Pick<TrainingProject, 'level' | 'sector'>,
  policies: PolicySet,
): Decision {
  const levels = policies.value<Record<string, string[]>>('training.tiers')[project.sector] ?? [];
  if (levels.includes(project.level)) return accepted();
  return refused(
    'PROJECT-TIER',
    `${project.sector} 类培训不设 ${project.level} 级；可设：${levels.join('、')}（三（二））。`,
    `Sector ${project.sector} has no training at level ${project.level}: ${levels.join(', ')} (§3.2).`,
  );
}

/** PROJECT-LEVEL: a project for a level's talent is organised at that level's tier. */
export function projectLevel(
  level: ProjectLevel,
  organiserTier: Tier,
  policies: PolicySet,
): Decision {
  const tier = policies.value<Record<string, Tier>>('training.organiserTier')[level];
  if (tier === organiserTier) return accepted();
  return refused(
    'PROJECT-LEVEL',
    `${level} 级项目须由 ${tier} 层级主办，本单位层级为 ${organiserTier}（三（一））。`,
    `A ${level} project is organised by a unit of tier ${tier}; yours is ${organiserTier} (§3.1).`,
  );
}

/** PROJECT-ROLES: one organiser, at least one deliverer; a school is both for its own training. */
export function projectRoles(project: Pick<TrainingProject, 'level' | 'delivererIds'>): Decision {
  const count = project.delivererIds.length;
  if (project.level === 'SCHOOL' ? count === 0 : count > 0) return accepted();
  return project.level === 'SCHOOL'
    ? refused(
        'PROJECT-ROLES',
        '校本培训由学校自行组织实施，不另设承训机构（二）。',
        'School-based training is delivered by the school itself: name no institution (§2).',
      )
    : refused(
        'PROJECT-ROLES',
        '项目至少须有一个承训机构（二）。',
        'A project has at least one delivering institution (§2).',
      );
}

/** PROJECT-FILED: no step past filing without a filed annual plan of the organiser. */
export const projectFiled = (planFiled: boolean, organiser: string, year: number): Decision =>
  planFiled
    ? accepted()
    : refused(
        'PROJECT-FILED',
        `主办单位 ${organiser} 的 ${year} 年度培训计划尚未备案（四（一））。`,
        `The organiser ${organiser} has not filed its annual plan for ${year} (§4.1).`,
      );

/** PROJECT-SURVEY: the needs survey closes before nomination opens. */
export const surveyClosed = (status: string | null): Decision =>
  status === 'CLOSED'
    ? accepted()
    : refused(
        'PROJECT-SURVEY',
        '训前需求调研尚未结束，不能开始学员选派（三（六））。',
        'The needs survey is not closed: enrolment cannot open yet (§3.6).',
      );

/** PROJECT-FUNDED: approval needs the reservation, enrolment the commitment. */
export const fundsAre = (needed: 'RESERVED' | 'COMMITTED', state: FundsState): Decision =>
  state === needed
    ? accepted()
    : refused(
        'PROJECT-FUNDED',
        `经费状态为 ${state}，此步骤须为 ${needed}（四（二））。`,
        `Funds are ${state}; this step takes ${needed} (§4.2).`,
        { fundsState: state },
      );

/** Enrolment opens for at least one class; a project starts with at least one participant. */
export const hasAny = (what: 'class' | 'confirmed enrolment', count: number): Decision =>
  count > 0
    ? accepted()
    : refused(
        'PROJECT-LIFECYCLE',
        what === 'class' ? '项目尚无班次。' : '项目尚无已确认的学员。',
        `The project has no ${what} yet.`,
      );

/** Who has to act next on a project; null when nobody has. */
export function nextAuthority(
  project: Pick<TrainingProject, 'level' | 'status' | 'fundsState'>,
  schemeSubmitted: boolean,
): 'ORGANISER' | 'APPROVER' | 'FUNDING' | 'DELIVERER' | 'REGISTRAR' | 'EVALUATION' | null {
  const school = project.level === 'SCHOOL';
  switch (project.status) {
    case 'SUBMITTED':
      return project.fundsState === 'ASKED' ? 'FUNDING' : 'APPROVER';
    case 'FILED':
      if (school) return 'APPROVER';
      return schemeSubmitted ? 'ORGANISER' : 'DELIVERER';
    case 'RUNNING':
      return 'REGISTRAR';
    case 'RECOGNISED':
      return school ? 'ORGANISER' : 'EVALUATION';
    case 'CLOSED':
    case 'CANCELLED':
      return null;
    default:
      return 'ORGANISER';
  }
}
