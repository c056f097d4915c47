import type { ParticipationCompleted } from '@yanxiu/contracts/training';
import { accepted, refused, type Decision } from '@yanxiu/subgraph/decision';

/** How a class or session is held. */
export type Modality = ParticipationCompleted['sessions'][number]['modality'];

/** What delivery needs to know of a project's state. */
export interface ProjectState {
  level: string;
  status: string;
}

const inStep = (project: ProjectState, allowed: readonly string[]): Decision =>
  allowed.includes(project.status)
    ? accepted()
    : refused(
        'PROJECT-LIFECYCLE',
        `项目当前状态为 ${project.status}，此操作须在以下状态进行：${allowed.join('、')}。`,
        `The project is ${project.status}; this takes ${allowed.join(' or ')}.`,
        { status: project.status, allowed },
      );

// A school's own training has neither scheme approval nor an enrolling step (domain.md §3).
const preparing = (project: ProjectState): readonly string[] =>
  project.level === 'SCHOOL' ? ['ACCEPTED'] : ['SCHEME_APPROVED', 'ENROLLING'];
const enrolling = (project: ProjectState): readonly string[] =>
  project.level === 'SCHOOL' ? ['ACCEPTED'] : ['ENROLLING'];

/** Classes are opened and quota is split once the scheme is approved and before teaching begins. */
export const mayPrepare = (project: ProjectState): Decision => inStep(project, preparing(project));

/** Nominating and confirming belong to 学员选派 (§3.6). */
export const mayEnrol = (project: ProjectState): Decision => inStep(project, enrolling(project));

/** Sessions are scheduled before or while the class runs. */
export const maySchedule = (project: ProjectState): Decision =>
  inStep(project, [...preparing(project), 'RUNNING']);

/** A place is given up before or while the class runs. */
export const mayWithdraw = (project: ProjectState): Decision =>
  inStep(project, [...enrolling(project), 'RUNNING']);

/** Attendance and completion belong to 过程监管 (§3.6). */
export const mayTeach = (project: ProjectState): Decision => inStep(project, ['RUNNING']);

/** A finished class is told to hours once and stays as it is. */
export const isOpen = (trainingClass: { status: string }): Decision =>
  trainingClass.status === 'OPEN'
    ? accepted()
    : refused(
        'CLASS-COMPLETED',
        '该班次已结业，不能再更改。',
        'The class is completed and cannot be changed any more.',
      );
