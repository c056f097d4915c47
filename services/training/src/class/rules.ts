import type { ParticipationCompleted } from '@yanxiu/contracts/training';
import type { Actor } from '@yanxiu/subgraph/actor';
import { accepted, denied, refused } from '@yanxiu/subgraph/decision';
import type { Decision, Permission } from '@yanxiu/subgraph/decision';
import { rights } from '@yanxiu/subgraph/permission';

/** How a class or session is held. */
export type Modality = ParticipationCompleted['sessions'][number]['modality'];

/** A project as it stands to whoever acts on what it delivers. */
export interface Delivery {
  level: string;
  organiserCode: string;
  /** The organiser is the actor's unit or lies below it. */
  contained: boolean;
  /** The actor's institution is one of the deliverers. */
  delivered: boolean;
}

/** The organiser's own people, or those of a unit above it. */
export const organises = ({ role }: Actor, { contained }: Delivery): boolean =>
  (role === 'OFFICER' || role === 'COORDINATOR') && contained;

/** Staff of an institution that delivers the project; a school delivers its own training (§2). */
const delivers = ({ role, unit }: Actor, project: Delivery): boolean =>
  role === 'COORDINATOR' && project.level === 'SCHOOL'
    ? unit === project.organiserCode
    : role === 'INSTITUTION' && project.delivered;

/** Nobody but the organiser's people. */
export const asOrganiser = (actor: Actor, project: Delivery): Permission =>
  organises(actor, project)
    ? accepted()
    : denied(
        '只有项目主办单位（或其上级）的管理人员可以进行此操作。',
        "This takes an officer of the project's organiser or of a unit above it.",
      );

/** Nobody but the staff that delivers. */
export const asDeliverer = (actor: Actor, project: Delivery): Permission =>
  delivers(actor, project)
    ? accepted()
    : denied(
        '只有承办该项目的机构人员可以进行此操作。',
        'This takes staff of an institution that delivers the project.',
      );

/** The organiser's people and the staff that delivers. */
export const asRunner = (actor: Actor, project: Delivery): Permission =>
  organises(actor, project) || delivers(actor, project)
    ? accepted()
    : denied(
        '只有项目主办单位的管理人员或承办机构人员可以进行此操作。',
        "This takes an officer of the project's organiser or staff of an institution that delivers it.",
      );

/** Who may do what with the classes of a project. */
export const may = rights({ open: asRunner });

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
