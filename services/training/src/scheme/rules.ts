import type { PolicySet } from '@yanxiu/registry/policy';
import type { Acting } from '@yanxiu/registry/permission';
import { accepted, denied, refused } from '@yanxiu/subgraph/decision';
import type { Decision, Permission } from '@yanxiu/subgraph/decision';
import { rights } from '@yanxiu/subgraph/permission';
import { actsFor } from '../permission.js';
import type { SchemeModule, SchemeStatus } from './entity.js';

interface Organised {
  organiserCode: string;
}

/** By the institution that acts (`delivered`), else by the organiser's own people. */
function submits(
  actor: Acting,
  { organiserCode, delivered }: Organised & { delivered: boolean },
): Permission {
  if (actor.role !== 'INSTITUTION') return actsFor(actor, organiserCode);
  return delivered
    ? accepted()
    : denied(
        '只有该项目的承训机构可以提交培训方案。',
        'Only an institution that delivers this project submits its scheme.',
      );
}

const reviews = (actor: Acting, { organiserCode }: Organised) => actsFor(actor, organiserCode);

/** Who may do what with the scheme of a project. */
export const may = rights({ submit: submits, approve: reviews, return: reviews });

type Module = Pick<SchemeModule, 'type' | 'required' | 'centihours' | 'practice'>;

/** SCHEME-ETHICS-FIRST: ethics is required, is the first module and has hours (第一模块). */
export function ethicsFirst(modules: readonly Module[], policies: PolicySet): Decision {
  const { value: minimum } = policies.get<number>('training.scheme.ethicsMinCentihours');
  const first = modules[0];
  if (first?.type === 'ETHICS' && first.required && first.centihours >= minimum) return accepted();
  return refused(
    'SCHEME-ETHICS-FIRST',
    '培训方案的第一模块须为“思想政治和师德师风教育”，列为必修且安排学时（三（三）1）。',
    'The first module is political thought and professional ethics: required, with hours (§3.3.1).',
    { first: first?.type ?? null, minimumCentihours: minimum },
  );
}

/** Hours in all, hours of practice, and the share of practice in whole percent, half up. */
export function shares(modules: readonly Module[]): {
  total: number;
  practice: number;
} {
  const sum = (rows: readonly Module[]) => rows.reduce((n, { centihours }) => n + centihours, 0);
  return { total: sum(modules), practice: sum(modules.filter(({ practice }) => practice)) };
}

/** Share of practice in whole percent, half up, in integers. */
export const practicePercent = (practice: number, total: number): number =>
  total === 0 ? 0 : Math.floor((200 * practice + total) / (2 * total));

/** SCHEME-PRACTICE: true when the share of practice lies under the policy's line: a warning. */
export function practiceTooLow(
  { total, practice }: { total: number; practice: number },
  policies: PolicySet,
): boolean {
  return practice * 100 < policies.value<number>('training.scheme.practiceShareWarn') * total;
}

/** A scheme is decided on once. */
export const awaitsReview = (status: SchemeStatus): Decision =>
  status === 'SUBMITTED'
    ? accepted()
    : refused(
        'PROJECT-LIFECYCLE',
        `该培训方案状态为 ${status}，不在待审核状态。`,
        `The scheme is ${status}: only a submitted one is approved or returned.`,
      );

/** A scheme is submitted for a filed project (培训方案审核 follows 项目备案). */
export const takesScheme = (project: { level: string; status: string }): Decision =>
  project.status === 'FILED' && project.level !== 'SCHOOL'
    ? accepted()
    : refused(
        'PROJECT-LIFECYCLE',
        `项目当前状态为 ${project.status}，培训方案须在项目备案后、审核通过前提交。`,
        `The project is ${project.status}; a scheme is submitted once it is FILED.`,
        { status: project.status },
      );
