import type * as contracts from '../training.js';
import type { AboutAll } from './about.js';
import { sample } from './sample.js';
import { projectAbout } from './training-project.js';

const plan = {
  planId: sample.plan,
  unitCode: sample.county,
  year: 2025,
  superiorCode: sample.city,
  at: '2025-01-08T02:00:00.000Z',
};

const enrolment = {
  enrolmentId: sample.enrolment,
  projectId: sample.project,
  classId: sample.class,
  teacherId: sample.teacher,
  unitCode: sample.school,
  at: '2025-05-20T02:00:00.000Z',
};

const trainingClass = (at: string) => ({
  ...{ projectId: sample.project, classId: sample.class, at },
});

export const trainingAbout: AboutAll<typeof contracts> = {
  ...projectAbout,
  annualPlanFiled: {
    en: "A unit's training plan of a year is filed with the unit above.",
    zh: '年度培训计划报备',
    serves: ['R25', 'R38', 'R119'],
    example: plan,
  },
  annualPlanAccepted: {
    en: "A unit's training plan of a year is accepted by the unit above.",
    zh: '年度培训计划备案受理',
    serves: ['R119'],
    example: { ...plan, at: '2025-01-15T02:00:00.000Z' },
  },
  annualPlanReturned: {
    en: "A unit's training plan of a year is sent back, with the reason.",
    zh: '年度培训计划退回及原因',
    serves: ['R119'],
    example: { ...plan, reason: '缺少经费安排', at: '2025-01-15T02:00:00.000Z' },
  },
  institutionRegistered: {
    en: 'A training institution is known.',
    zh: '承训机构登记',
    serves: ['R78', 'R102'],
    example: {
      institutionId: sample.institution,
      code: 'INST-0004',
      name: '长治学院教师发展学院',
      kind: 'NORMAL_UNIVERSITY',
      at: '2024-11-01T02:00:00.000Z',
    },
  },
  institutionAccredited: {
    en: 'An institution may deliver training of these sectors and categories for a time.',
    zh: '承训机构资质认定',
    serves: ['R12', 'R102'],
    example: {
      institutionId: sample.institution,
      accreditationId: sample.accreditation,
      sectors: ['BASIC'],
      categories: ['BACKBONE'],
      validFrom: '2025-01-01',
      validTo: '2027-12-31',
      byUnitCode: sample.city,
    },
  },
  institutionSuspended: {
    en: 'An institution may deliver no training from a day on, with the reason.',
    zh: '暂停承训资格及原因',
    serves: ['R102', 'R117'],
    example: {
      institutionId: sample.institution,
      byUnitCode: sample.city,
      reason: '评估等次为D',
      citedRatingId: sample.rating,
      from: '2025-11-01',
    },
  },
  institutionReinstated: {
    en: 'A suspended institution may deliver training again from a day on.',
    zh: '恢复承训资格',
    serves: ['R102', 'R117'],
    example: {
      institutionId: sample.institution,
      byUnitCode: sample.city,
      reason: '整改验收合格',
      from: '2026-02-01',
    },
  },
  classOpened: {
    en: 'A class of a project is planned: its days and places.',
    zh: '开设班次',
    serves: ['R33', 'R108'],
    example: {
      ...trainingClass('2025-05-06T03:00:00.000Z'),
      startsOn: '2025-08-11',
      endsOn: '2025-08-20',
      capacity: 50,
      modality: 'FACE_TO_FACE',
    },
  },
  classScheduled: {
    en: "A session was put on a class's timetable.",
    zh: '班次排课',
    serves: ['R33', 'R109'],
    example: { ...trainingClass('2025-05-07T03:00:00.000Z'), plannedMinutes: 1_800 },
  },
  quotaAllocated: {
    en: 'A unit has so many seats of a class from now on.',
    zh: '名额分配',
    serves: ['R33', 'R108'],
    example: {
      ...trainingClass('2025-05-08T03:00:00.000Z'),
      unitCode: sample.county,
      sourceCode: sample.city,
      seats: 12,
    },
  },
  quotaUsed: {
    en: "Nominations have taken, or given back, seats of a unit's quota.",
    zh: '名额使用',
    serves: ['R33', 'R108'],
    example: {
      ...trainingClass('2025-05-20T01:00:00.000Z'),
      unitCode: sample.county,
      used: 3,
    },
  },
  enrolmentConfirmed: {
    en: 'A teacher takes part in a class.',
    zh: '学员报名确认',
    serves: ['R32', 'R108'],
    example: enrolment,
  },
  enrolmentWithdrawn: {
    en: 'A teacher no longer takes part in a class, with the reason.',
    zh: '学员退出及原因',
    serves: ['R43', 'R108'],
    example: { ...enrolment, reason: '与教学任务冲突', at: '2025-06-02T02:00:00.000Z' },
  },
  participationCompleted: {
    en: 'A participant has finished; hours decides on it, with `participationId` as the cause.',
    zh: '学员完成培训，提请学时认定',
    serves: ['R35', 'R43', 'R110'],
    example: {
      ...enrolment,
      participationId: sample.participation,
      level: 'CITY',
      category: 'BACKBONE',
      registrarCode: sample.city,
      sessions: [
        {
          sessionId: sample.session,
          startsAt: '2025-08-11T00:30:00.000Z',
          endsAt: '2025-08-11T03:30:00.000Z',
          modality: 'FACE_TO_FACE',
          plannedMinutes: 180,
          attendedMinutes: 180,
        },
      ],
      at: '2025-08-21T08:00:00.000Z',
    },
  },
};
