/** A parameter as it is first published: its value and where that comes from. */
export interface PolicySeed {
  key: string;
  value: unknown;
  /** Article of the text, or the reading (A1 … of requirements.md) where the text is open. */
  article: string;
  /** Literal words of the text where `article` is one; the reading in words otherwise. */
  quotation: string;
}

export const SEED_INSTRUMENT = {
  citation: '晋教师〔2023〕4号',
  title: '山西省教育厅关于进一步加强新时代教师培训工作的指导意见',
  issuer: '山西省教育厅',
  issuedOn: '2023-05-04',
};

/** A31: the text is of 2023-05-04, the cycle that it speaks of runs from 2021. */
export const SEED_VALID_FROM = '2021-01-01';

const seed = (key: string, value: unknown, article: string, quotation: string): PolicySeed => ({
  key,
  value,
  article,
  quotation,
});

const annualBasic = '5年一周期，每年不少于72学时';
const annualVocational = '5年一周期，每年不少于90学时';

const hours: PolicySeed[] = [
  seed('hours.minutesPerHour', 45, 'A5', '一学时为45分钟'),
  seed('hours.basic.annual', 7_200, '三（一）1、A31', annualBasic),
  seed('hours.vocational.annual', 9_000, '三（一）2、A31', annualVocational),
  seed('hours.higher.annual', null, 'A7', '高校未规定学时，由学校自定'),
  seed(
    'hours.cycle',
    { years: 5, anchor: 2021, mode: 'STRICT_ANNUAL', basic: 36_000, vocational: 45_000 },
    'A1、A2',
    '每年均须达标，并列示五年合计360、450学时；全省共同周期，自2021年起',
  ),
  seed('hours.proration', 'MONTHS', 'A3', '不足一年按在职月数折算，四舍五入到整学时'),
  seed('hours.dayCap', 800, 'A5', '每人每日至多8学时'),
  seed('hours.sourceCaps', [], 'A8', '各类来源暂不设上限'),
  seed(
    'hours.claims',
    { graceDays: 90, schoolDays: 14, registrarDays: 7, appealDays: 30, appealDecisionDays: 14 },
    '三（一）1、四（一）',
    '加强对教师参加培训的组织、检查、考核评估；切实保障教师培训权益',
  ),
  seed(
    'hours.dueTraining',
    [
      { kind: 'INDUCTION', sectors: ['HIGHER'], categories: ['INDUCTION'], days: 365 },
      { kind: 'SUPERVISOR', sectors: ['HIGHER'], categories: ['SUPERVISOR'], days: 365 },
    ],
    '三（一）3',
    '新入职教师岗前培训、校级青年骨干教师培训、“三支队伍”培训、新聘任研究生导师培训',
  ),
  seed('hours.maxAbsenceShare', 20, 'A9', '缺课超过五分之一不予认定'),
  seed(
    'hours.registrarRank',
    ['NATIONAL', 'PROVINCIAL', 'CITY', 'COUNTY', 'SCHOOL'],
    'A24',
    '时间重叠的，以较高层级登记为准',
  ),
];

const training: PolicySeed[] = [
  seed(
    'governance.authority',
    {
      BASIC: { PROVINCE: 'GUIDE', CITY: 'IMPLEMENT', COUNTY: 'IMPLEMENT', SCHOOL: 'IMPLEMENT' },
      VOCATIONAL: { PROVINCE: 'GUIDE', CITY: 'COORDINATE', SCHOOL: 'IMPLEMENT' },
      HIGHER: { PROVINCE: 'GUIDE', SCHOOL: 'IMPLEMENT' },
    },
    '三（一）1、2、3',
    '高等教育教师培训实行省级指导、以校为主的管理体制',
  ),
  seed(
    'governance.parentTiers',
    {
      BASIC: ['CITY', 'COUNTY'],
      VOCATIONAL: ['PROVINCE', 'CITY'],
      HIGHER: ['PROVINCE', 'CITY'],
    },
    'A21',
    '县域内的职业学校，其培训由市级管理',
  ),
  seed(
    'training.scheme.ethicsMinCentihours',
    1,
    '三（三）1',
    '各级各类培训应将“思想政治和师德师风教育”列为必修内容，作为培训内容第一模块',
  ),
  seed('training.scheme.practiceShareWarn', 50, 'A20', '实践教学比重低于50%时提示'),
  seed(
    'training.tiers',
    {
      BASIC: ['NATIONAL', 'PROVINCIAL', 'CITY', 'COUNTY', 'SCHOOL'],
      VOCATIONAL: ['NATIONAL', 'PROVINCIAL', 'CITY', 'SCHOOL'],
      HIGHER: ['NATIONAL', 'PROVINCIAL', 'SCHOOL'],
    },
    '三（二）',
    '职业教育建立健全政府、行业、企业、学校相结合的省、市、校三级培训机制',
  ),
  seed('training.reservationWaitHours', 24, '平台设定', '经费预留须在24小时内答复'),
  seed(
    'training.organiserTier',
    {
      NATIONAL: 'PROVINCE',
      PROVINCIAL: 'PROVINCE',
      CITY: 'CITY',
      COUNTY: 'COUNTY',
      SCHOOL: 'SCHOOL',
    },
    '三（一）1',
    '负责省级名师、名校（园）长培养，骨干教师队伍和教研员培训等',
  ),
  seed(
    'training.schoolFiling',
    { BASIC: 'COUNTY', VOCATIONAL: 'CITY', HIGHER: 'SELF' },
    '三（一）1',
    '建立校本培训备案和定期巡回指导制度',
  ),
];

const funding: PolicySeed[] = [
  seed(
    'funding.gov',
    { basisPoints: 250, base: 'PAYROLL_BASIC' },
    '四（二）',
    '专项经费在教育事业费中按不少于当地中小学教职工工资总额的2.5%安排',
  ),
  seed(
    'funding.school',
    { basisPoints: 500, base: 'PUBLIC_FUNDS', comparator: 'MINIMUM' },
    '四（二）',
    '幼儿园、中小学和中等职业学校按照年度公用经费预算总额的5%安排',
  ),
  seed(
    'funding.higher',
    { basisPoints: 150, base: 'TEACHER_PAYROLL' },
    '四（二）',
    '高校按照每年不低于教师工资总额的1.5%安排',
  ),
  seed(
    'funding.categories',
    ['TUITION', 'MATERIALS', 'VENUE', 'TRAVEL', 'BOARD', 'EXPERT_FEE', 'PLATFORM_FEE'],
    '四（二）',
    '确保专款专用和资金使用规范、安全与有效',
  ),
];

const evaluation: PolicySeed[] = [
  seed(
    'evaluation.weights',
    { AGENCY: 1, ANONYMOUS_ONLINE: 1, SUPERVISION: 1 },
    'A15',
    '三种评估各占三分之一',
  ),
  seed('evaluation.minResponses', 8, 'A16', '匿名评估不足8份不出结果'),
  seed('evaluation.alphaWarn', 70, 'A17', '信度系数低于0.7时提示'),
  seed(
    'evaluation.grades',
    { A: 9_000, B: 7_500, C: 6_000 },
    '三（六）',
    '作为调整和遴选培训院校（机构）的重要依据',
  ),
  seed(
    'evaluation.useAs',
    'EVIDENCE',
    '三（六）',
    '强化评估结果应用，作为调整和遴选培训院校（机构）的重要依据',
  ),
  seed('evaluation.deadlineDays', 60, '平台设定', '评估各渠道须在60日内完成'),
];

const personnel: PolicySeed[] = [
  seed(
    'personnel.exemptReasons',
    ['SICK', 'MATERNITY', 'SECONDMENT'],
    'A3',
    '病假、产假、借调期间按月减免学时',
  ),
];

/** Every parameter that a rule reads, as first published. */
export const POLICY_SEEDS: readonly PolicySeed[] = [
  ...hours,
  ...training,
  ...funding,
  ...evaluation,
  ...personnel,
];
