import type * as contracts from '../evaluation.js';
import type { AboutAll } from './about.js';
import { sample } from './sample.js';

export const evaluationAbout: AboutAll<typeof contracts> = {
  evaluationOpened: {
    en: 'The file for judging a project is open; its three channels may be filled.',
    zh: '项目绩效评估开始，三个评估渠道开放',
    serves: ['R111', 'R112', 'R113', 'R114'],
    example: {
      evaluationId: sample.evaluation,
      projectId: sample.project,
      organiserCode: sample.city,
      at: '2025-09-01T01:00:00.000Z',
    },
  },
  evaluationClosed: {
    en: 'The project is judged: a composite from all three channels, or INSUFFICIENT.',
    zh: '项目绩效评估结束：三结合总分，或渠道不足',
    serves: ['R111', 'R115', 'R117'],
    example: {
      evaluationId: sample.evaluation,
      projectId: sample.project,
      outcome: 'COMPOSITE',
      composite: 8_733,
      agency: 8_800,
      anonymous: 8_900,
      supervision: 8_500,
      delivererIds: [sample.institution],
      at: '2025-10-08T02:30:00.000Z',
    },
  },
  institutionRated: {
    en: 'A training institution has a new rating, drawn from its judged projects.',
    zh: '承训机构评级更新',
    serves: ['R12', 'R117'],
    example: {
      ratingId: sample.rating,
      institutionId: sample.institution,
      grade: 'B',
      score: 8_733,
      projects: 3,
      at: '2025-10-08T02:30:00.000Z',
    },
  },
};
