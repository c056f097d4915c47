import type * as contracts from '../funding.js';
import type { AboutAll } from './about.js';
import { sample } from './sample.js';

const funds = {
  projectId: sample.project,
  requestId: sample.request,
  unitCode: sample.city,
  fiscalYear: 2025,
  amountFen: 12_000_000,
  at: '2025-03-03T02:00:05.000Z',
};

const requirement = {
  unitCode: sample.county,
  fiscalYear: 2025,
  rule: 'FUND-GOV',
  requiredFen: 250_000_000,
  budgetedFen: 200_000_000,
  shortfallFen: 50_000_000,
  at: '2025-02-20T03:00:00.000Z',
};

export const fundingAbout: AboutAll<typeof contracts> = {
  fundsReserved: {
    en: "The money that a submitted project asks for is set aside in its organiser's budget.",
    zh: '项目申报经费已预留',
    serves: ['R104', 'R122'],
    example: funds,
  },
  fundsRefused: {
    en: 'The money that a submitted project asks for is not there; the reason is given.',
    zh: '项目申报经费未获预留及原因',
    serves: ['R104', 'R122', 'R128'],
    example: {
      ...funds,
      rule: 'PROJECT-FUNDED',
      reason: {
        zh: '本年度专项预算余额不足',
        en: "The year's training budget has too little left.",
      },
    },
  },
  fundsCommitted: {
    en: 'The reservation of a filed project has become a commitment to it.',
    zh: '预留经费转为项目承付',
    serves: ['R105', 'R130'],
    example: { ...funds, commitmentId: sample.commitment, at: '2025-03-12T06:00:02.000Z' },
  },
  fundsReleased: {
    en: 'What was reserved or committed and is not paid is free again.',
    zh: '未支付的预留或承付经费已释放',
    serves: ['R128', 'R130'],
    example: { ...funds, amountFen: 4_000_000, at: '2025-06-30T09:00:00.000Z' },
  },
  shortfallFound: {
    en: "A unit's training budget of a year is below what the guideline asks for.",
    zh: '培训经费预算低于规定比例',
    serves: ['R40', 'R122', 'R124', 'R125', 'R126', 'R133'],
    example: requirement,
  },
  shortfallCleared: {
    en: "A unit's training budget of a year is no longer below what the guideline asks for.",
    zh: '培训经费预算差额已补足',
    serves: ['R40', 'R122', 'R124', 'R125', 'R126', 'R133'],
    example: {
      ...requirement,
      budgetedFen: 250_000_000,
      shortfallFen: 0,
      at: '2025-04-10T03:00:00.000Z',
    },
  },
};
