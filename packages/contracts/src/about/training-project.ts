import type { ProjectData } from '../training.js';
import type * as contracts from '../training.js';
import type { AboutAll } from './about.js';
import { sample } from './sample.js';

type All = AboutAll<typeof contracts>;
type ProjectEvents = Pick<All, Extract<keyof All, `project${string}`>>;

const project = (at: string): ProjectData => ({
  projectId: sample.project,
  name: '小学数学骨干教师提升研修',
  level: 'CITY',
  sector: 'BASIC',
  category: 'BACKBONE',
  year: 2025,
  organiserCode: sample.city,
  delivererIds: [sample.institution],
  budgetFen: 12_000_000,
  at,
  target: { stages: ['PRIMARY'], subjects: ['数学'], ladders: ['BACKBONE'], roles: [] },
});

export const projectAbout: ProjectEvents = {
  projectSubmitted: {
    en: 'A project is submitted; funding is asked to set its money aside.',
    zh: '项目申报',
    serves: ['R27', 'R104'],
    example: { ...project('2025-03-03T02:00:00.000Z'), requestId: sample.request },
  },
  projectApproved: {
    en: 'A project is approved; its money is reserved.',
    zh: '立项审定通过',
    serves: ['R27', 'R104'],
    example: project('2025-03-10T02:00:00.000Z'),
  },
  projectRejected: {
    en: 'A project is not approved, with the reason; it may be submitted anew.',
    zh: '立项审定不通过及原因',
    serves: ['R27', 'R104'],
    example: { ...project('2025-03-10T02:00:00.000Z'), reason: '与年度计划重复' },
  },
  projectReturned: {
    en: 'A project is a draft again: funding refused or did not answer in time.',
    zh: '经费未落实，项目退回草稿',
    serves: ['R104', 'R122'],
    example: {
      ...project('2025-03-04T02:00:00.000Z'),
      requestId: sample.request,
      rule: 'PROJECT-FUNDED',
      reason: {
        zh: '本年度专项预算余额不足',
        en: "The year's training budget has too little left.",
      },
    },
  },
  projectFiled: {
    en: 'A project is filed; its reservation becomes a commitment.',
    zh: '项目备案',
    serves: ['R45', 'R105'],
    example: project('2025-03-12T06:00:00.000Z'),
  },
  projectAccepted: {
    en: "A school's filing is accepted: its training counts.",
    zh: '校本培训备案受理',
    serves: ['R45', 'R63'],
    example: { ...project('2025-03-13T02:00:00.000Z'), level: 'SCHOOL' },
  },
  projectSchemeApproved: {
    en: "A project's training scheme has passed its review.",
    zh: '培训方案审核通过',
    serves: ['R84', 'R92', 'R106'],
    example: { ...project('2025-04-01T02:00:00.000Z'), plannedCentihours: 4_000 },
  },
  projectEnrolling: {
    en: 'Participants may be nominated and enrolled.',
    zh: '开始学员选派',
    serves: ['R107', 'R108'],
    example: project('2025-05-06T02:00:00.000Z'),
  },
  projectStarted: {
    en: 'A project runs.',
    zh: '项目实施，进入过程监管',
    serves: ['R109'],
    example: project('2025-08-11T00:00:00.000Z'),
  },
  projectSuspended: {
    en: 'A running project is stopped for a while, with the reason.',
    zh: '项目暂停及原因',
    serves: ['R13', 'R109'],
    example: { ...project('2025-08-13T00:00:00.000Z'), reason: '督查发现问题，限期整改' },
  },
  projectResumed: {
    en: 'A stopped project goes on.',
    zh: '项目恢复',
    serves: ['R109'],
    example: project('2025-08-15T00:00:00.000Z'),
  },
  projectRecognised: {
    en: 'Every enrolment of a project has a decision on its hours.',
    zh: '项目学时认定完成',
    serves: ['R110'],
    example: {
      ...project('2025-08-22T02:00:00.000Z'),
      participants: 48,
      creditedCentihours: 115_200,
    },
  },
  projectEvaluated: {
    en: 'A project is judged.',
    zh: '项目绩效评估完成',
    serves: ['R111'],
    example: project('2025-10-08T02:30:00.000Z'),
  },
  projectClosed: {
    en: 'A project is closed; nothing more happens in it.',
    zh: '项目结项',
    serves: ['R111'],
    example: project('2025-10-20T02:00:00.000Z'),
  },
  projectCancelled: {
    en: 'A project is given up before its hours are recognised, with the reason.',
    zh: '项目取消及原因',
    serves: ['R104', 'R128'],
    example: { ...project('2025-06-30T08:59:00.000Z'), reason: '报名人数不足' },
  },
};
