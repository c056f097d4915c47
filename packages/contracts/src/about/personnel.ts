import type * as contracts from '../personnel.js';
import type { AboutAll } from './about.js';
import { sample } from './sample.js';

const classification = {
  stage: 'PRIMARY' as const,
  subject: 'MATHEMATICS',
  ladder: 'YOUNG' as const,
  roles: ['CLASSROOM_TEACHER'],
};

export const personnelAbout: AboutAll<typeof contracts> = {
  orgUnitRegistered: {
    en: 'A unit of the tree is known from `validFrom` on, under its first parent.',
    zh: '机构（教育行政部门或学校）登记',
    serves: ['R2', 'R4', 'R9', 'R24', 'R37'],
    example: {
      code: sample.school,
      name: '潞州区实验小学',
      tier: 'SCHOOL',
      sector: 'BASIC',
      stage: 'PRIMARY',
      parentCode: sample.county,
      validFrom: '2021-01-01',
    },
  },
  orgUnitMoved: {
    en: 'The unit has another parent from `validFrom` on.',
    zh: '机构隶属关系变更',
    serves: ['R4', 'R8'],
    example: { code: sample.school, parentCode: sample.county, validFrom: '2025-07-01' },
  },
  teacherRegistered: {
    en: 'A teacher serves in a first post; known without a name.',
    zh: '教师登记入职',
    serves: ['R6', 'R34', 'R70'],
    example: {
      teacherId: sample.teacher,
      unitCode: sample.school,
      sector: 'BASIC',
      ...classification,
      hiredOn: '2019-09-01',
    },
  },
  teacherChanged: {
    en: "A teacher's classification is another from a day on; the post stays.",
    zh: '教师类别、层次、学科学段变更',
    serves: ['R6', 'R87'],
    example: {
      teacherId: sample.teacher,
      ...classification,
      ladder: 'BACKBONE',
      from: '2025-09-01',
    },
  },
  teacherTransferred: {
    en: 'A new post from `on` on; the old post ends the day before.',
    zh: '教师调动',
    serves: ['R6', 'R34'],
    example: {
      teacherId: sample.teacher,
      fromUnitCode: sample.school,
      toUnitCode: '1404030021',
      sector: 'BASIC',
      stage: 'PRIMARY',
      on: '2025-09-01',
    },
  },
  teacherRetired: {
    en: '`on` is the last day of service.',
    zh: '教师退休或离职',
    serves: ['R34'],
    example: { teacherId: sample.teacher, unitCode: '1404030021', on: '2055-08-31' },
  },
  leaveRecorded: {
    en: 'A long leave as it now stands; a later event with the same `leaveId` takes its place.',
    zh: '长期请假登记（不含事由）',
    serves: ['R33', 'R59'],
    example: {
      teacherId: sample.teacher,
      leaveId: sample.leave,
      from: '2025-03-01',
      to: '2025-08-31',
      withdrawn: false,
    },
  },
  teacherErased: {
    en:
      'What identified the person was destroyed on `on`; the id is a pseudonym of nobody now. ' +
      'Delete whatever was kept with it that names or identifies her.',
    zh: '教师个人身份信息删除',
    serves: ['R137'],
    example: { teacherId: sample.teacher, on: '2060-09-01' },
  },
  policyPublished: {
    en: 'One version of one parameter; a later version takes over from its `validFrom`.',
    zh: '政策参数发布',
    serves: ['R1', 'R20', 'R33', 'R138'],
    example: {
      key: 'hours.basic.annual',
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
  },
  roleAssigned: {
    en: 'An account holds a role for a unit, from its first to its last day.',
    zh: '角色授予',
    serves: ['R4'],
    example: {
      assignmentId: sample.roleAssignment,
      subject: 'b0f6c1d2',
      role: 'OFFICER',
      unitCode: sample.county,
      institutionCode: null,
      teacherId: null,
      validFrom: '2025-09-01',
      validTo: '2028-08-31',
    },
  },
  roleEnded: {
    en: 'The account holds the role no longer, from this instant on.',
    zh: '角色终止',
    serves: ['R4'],
    example: { assignmentId: sample.roleAssignment, endedAt: '2026-03-02T01:30:00.000Z' },
  },
};
