import type * as contracts from '../hours.js';
import type { AboutAll } from './about.js';
import { sample } from './sample.js';

const decision = {
  causeId: sample.participation,
  decisionId: sample.decision,
  teacherId: sample.teacher,
  projectId: sample.project,
  enrolmentId: sample.enrolment,
  at: '2025-08-21T08:00:01.000Z',
};

const claim = {
  claimId: sample.claim,
  teacherId: sample.teacher,
  unitCode: sample.school,
  registrarCode: sample.city,
  source: 'SMART_EDUCATION',
};

export const hoursAbout: AboutAll<typeof contracts> = {
  hoursCredited: {
    en: 'The cause is accepted; one entry for each calendar year that it touches.',
    zh: '学时认定通过并登记',
    serves: ['R35', 'R60', 'R74', 'R110', 'R137'],
    example: { ...decision, entries: [{ entryId: sample.entry, year: 2025, centihours: 2_400 }] },
  },
  hoursRefused: {
    en: 'The cause is not accepted; the rule that it breaks is named.',
    zh: '学时认定不予通过及原因',
    serves: ['R35', 'R110', 'R121'],
    example: {
      ...decision,
      rule: 'HOURS-ABSENCE',
      reason: { zh: '缺勤超过五分之一', en: 'More than a fifth was missed.' },
    },
  },
  hoursReversed: {
    en: 'An earlier decision is taken back by entries against the old ones; a new one follows.',
    zh: '撤回此前的学时认定（冲销）',
    serves: ['R35', 'R110', 'R121'],
    example: {
      ...decision,
      reversedDecisionId: sample.earlierDecision,
      reason: { zh: '考勤记录更正', en: 'Attendance was corrected.' },
      entries: [{ entryId: sample.entry, year: 2025, centihours: -2_400 }],
      at: '2025-09-02T02:00:00.000Z',
    },
  },
  claimSubmitted: {
    en: 'Self-study or outside training is claimed, with evidence; the school checks it first.',
    zh: '学时申报已提交（自主学习、外部培训等），待学校核验',
    serves: ['R11', 'R49', 'R76', 'R96', 'R97'],
    example: { ...claim, at: '2025-08-20T08:00:00.000Z' },
  },
  claimDecided: {
    en: 'What holds on a claim: refused by the registrar, or credited or refused by the rules.',
    zh: '学时申报的认定结果（结果变化时再次告知）',
    serves: ['R11', 'R35', 'R60', 'R96', 'R121'],
    example: {
      ...claim,
      decisionId: sample.decision,
      outcome: 'CREDITED',
      rule: null,
      entries: [{ entryId: sample.entry, year: 2025, centihours: 600 }],
      at: '2025-08-25T08:00:00.000Z',
    },
  },
  complianceChanged: {
    en: "A teacher's verdict for a year is another than before; the hours are those of that moment.",
    zh: '教师年度学时达标情况变化',
    serves: ['R33', 'R59', 'R74', 'R137'],
    example: {
      teacherId: sample.teacher,
      unitCode: sample.school,
      year: 2025,
      verdict: 'MET',
      centihours: 7_450,
      requiredCentihours: 7_200,
      at: '2025-08-21T08:00:01.000Z',
    },
  },
};
