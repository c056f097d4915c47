import type * as personnel from '../personnel-state.js';
import type * as training from '../training-state.js';
import type { AboutAll } from './about.js';
import { sample } from './sample.js';

export const personnelStateAbout: AboutAll<typeof personnel> = {
  orgUnitSnapshot: {
    en: 'The newest snapshot of a unit; a newer version takes its place.',
    zh: '机构最新快照',
    serves: ['R4', 'R103'],
    example: {
      code: sample.school,
      name: '潞州区实验小学',
      tier: 'SCHOOL',
      sector: 'BASIC',
      stage: 'PRIMARY',
      parents: [{ parentCode: sample.county, validFrom: '2021-01-01' }],
    },
  },
  teacherSnapshot: {
    en: 'The newest snapshot of a teacher; a newer version takes its place.',
    zh: '教师最新快照（不含姓名）',
    serves: ['R6', 'R103', 'R137'],
    example: {
      teacherId: sample.teacher,
      hiredOn: '2019-09-01',
      retiredOn: null,
      posts: [
        { unitCode: sample.school, sector: 'BASIC', stage: 'PRIMARY', from: '2019-09-01' },
        { unitCode: '1404030021', sector: 'BASIC', stage: 'PRIMARY', from: '2025-09-01' },
      ],
      classifications: [
        {
          stage: 'PRIMARY',
          subject: 'MATHEMATICS',
          ladder: 'YOUNG',
          roles: ['CLASSROOM_TEACHER'],
          from: '2019-09-01',
        },
      ],
      leaves: [{ leaveId: sample.leave, from: '2025-03-01', to: '2025-08-31', withdrawn: false }],
    },
  },
  policySnapshot: {
    en: 'The newest snapshot of a parameter, with all its versions.',
    zh: '政策参数最新快照（含全部版本）',
    serves: ['R1', 'R103', 'R138'],
    example: {
      key: 'hours.basic.annual',
      versions: [
        {
          version: 1,
          value: 7_200,
          unit: 'centihours',
          validFrom: '2021-01-01',
          validTo: null,
          scopeCode: null,
          rules: ['HOURS-BASIC-ANNUAL'],
          instrument: '晋教师〔2023〕4号',
          article: '三（一）1',
          quotation: '每年不少于72学时',
          publishedAt: '2023-05-04T00:00:00.000Z',
        },
      ],
    },
  },
};

export const trainingStateAbout: AboutAll<typeof training> = {
  institutionSnapshot: {
    en: 'The newest snapshot of a training institution, with all that was decided on it.',
    zh: '承训机构最新快照',
    serves: ['R12', 'R102', 'R103'],
    example: {
      institutionId: sample.institution,
      code: 'INST-0004',
      name: '长治学院教师发展学院',
      kind: 'NORMAL_UNIVERSITY',
      accreditations: [
        {
          accreditationId: sample.accreditation,
          sectors: ['BASIC'],
          categories: ['BACKBONE'],
          validFrom: '2025-01-01',
          validTo: '2027-12-31',
          byUnitCode: sample.city,
        },
      ],
      standings: [
        {
          standing: 'SUSPENDED',
          byUnitCode: sample.city,
          reason: '评估等次为D',
          citedRatingId: sample.rating,
          from: '2025-11-01',
        },
      ],
    },
  },
};
