import type { InstrumentItem, InstrumentKind } from '../instrument/entity.js';

interface FirstInstrument {
  id: string;
  kind: InstrumentKind;
  title: string;
  items: InstrumentItem[];
}

const item = (
  key: string,
  dimension: string,
  zh: string,
  en: string,
  weight = 1,
): InstrumentItem => ({ key, dimension, zh, en, weight });

/** Version 1 of each instrument; a later version is published by a provincial officer. */
export const firstInstruments: readonly FirstInstrument[] = [
  {
    id: '7f0e1c52-3c0a-4f0e-9d1b-5a1f6c2e0a01',
    kind: 'ANONYMOUS',
    title: '参训教师匿名评价问卷',
    items: [
      item('needs', 'relevance', '培训内容符合我的需求', 'The content met my needs'),
      item(
        'classroom',
        'relevance',
        '培训内容贴近教育教学实际',
        'The content is close to practice',
      ),
      item('content', 'content', '课程内容科学、充实', 'The courses were sound and substantial'),
      item('ethics', 'content', '思想政治和师德教育有实效', 'Ethics education was effective'),
      item('trainers', 'delivery', '授课专家水平高', 'The trainers were competent'),
      item('methods', 'delivery', '培训方式多样、参与充分', 'Methods were varied and involving'),
      item('organisation', 'support', '组织管理规范有序', 'It was well organised'),
      item('services', 'support', '教学与生活保障到位', 'Teaching and living support sufficed'),
      item('application', 'effect', '所学能用于工作', 'I can apply what I learnt'),
      item('overall', 'satisfaction', '总体满意', 'Overall I am satisfied'),
    ],
  },
  {
    id: '7f0e1c52-3c0a-4f0e-9d1b-5a1f6c2e0a02',
    kind: 'AGENCY',
    title: '专业机构评估量表',
    items: [
      item('design', 'relevance', '方案设计的针对性', 'Relevance of the scheme', 25),
      item('faculty', 'delivery', '师资结构与水平', 'Faculty', 20),
      item('process', 'delivery', '实施过程与质量监控', 'Delivery and its monitoring', 20),
      item('practice', 'delivery', '实践环节', 'Practice', 15),
      item('effect', 'effect', '培训实效', 'Effectiveness', 20),
    ],
  },
  {
    id: '7f0e1c52-3c0a-4f0e-9d1b-5a1f6c2e0a03',
    kind: 'SUPERVISION',
    title: '主管部门督查量表',
    items: [
      item('compliance', 'compliance', '按备案方案实施', 'Carried out as filed', 30),
      item('attendance', 'compliance', '学员管理与考勤', 'Attendance and its records', 20),
      item('funds', 'compliance', '经费使用规范', 'Proper use of funds', 25),
      item('safety', 'support', '安全与后勤保障', 'Safety and logistics', 10),
      item('records', 'support', '档案资料完整', 'Complete files', 15),
    ],
  },
];
