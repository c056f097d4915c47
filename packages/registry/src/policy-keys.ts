/** What a parameter is: the shape of its value, its unit, and the rules (ids) that read it. */
export interface PolicyKey {
  unit: string;
  rules: readonly string[];
  /** JSON Schema of the value. */
  schema: object;
  /** What a unit may set for itself; none: the province alone sets it. */
  own?: OwnValue;
}

/** Who may set a value of its own for its subtree, and how it may differ from that above. */
export interface OwnValue {
  tiers: readonly string[];
  /** Of a school; null: of any. */
  sector: string | null;
  /** `AT_LEAST`: a number no lower than what holds above (the text sets a minimum). */
  may: 'AT_LEAST' | 'ANY';
}

const integer = (minimum: number, maximum: number) => ({ type: 'integer', minimum, maximum });
const oneOf = (...values: string[]) => ({ enum: values });
const listOf = (items: object, minItems = 0) => ({
  type: 'array',
  items,
  minItems,
  uniqueItems: true,
});
/** An object that has exactly these members. */
const record = (properties: Record<string, object>) => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
});
const each = (names: readonly string[], schema: object) =>
  record(Object.fromEntries(names.map((name) => [name, schema])));

const LEVELS = ['NATIONAL', 'PROVINCIAL', 'CITY', 'COUNTY', 'SCHOOL'];
const TIERS = ['PROVINCE', 'CITY', 'COUNTY', 'SCHOOL'];
/** Where hours come from. */
const SOURCES = [
  'PARTICIPATION',
  'SCHOOL_BASED',
  'SELF_STUDY',
  'SMART_EDUCATION',
  'EXTERNAL',
  'DEGREE',
  'OVERSEAS',
];
/** Why a teacher is away for long (A3). */
export const LEAVE_REASONS = ['SICK', 'MATERNITY', 'CHILDCARE', 'STUDY', 'SECONDMENT'] as const;
const SECTORS = ['BASIC', 'VOCATIONAL', 'HIGHER'];

const centihours = integer(0, 1_000_000);
const percent = integer(0, 100);
const basisPoints = integer(0, 10_000);
const weight = integer(0, 1_000);

const key = (
  unit: string,
  rules: string[],
  schema: object,
  own: OwnValue | null = null,
): PolicyKey => ({ unit, rules, schema, ...(own && { own }) });

/** §3.1.1, §3.1.2: “不少于”; those that organise the training of a sector may ask for more. */
const more = (...tiers: string[]): OwnValue => ({ tiers, sector: null, may: 'AT_LEAST' });

const hours = {
  'hours.minutesPerHour': key('minutes', ['HOURS-UNIT'], integer(1, 120)),
  'hours.basic.annual': key(
    'centihours',
    ['HOURS-BASIC-ANNUAL', 'HOURS-CYCLE'],
    centihours,
    more('CITY', 'COUNTY'),
  ),
  'hours.vocational.annual': key(
    'centihours',
    ['HOURS-VOC-ANNUAL', 'HOURS-CYCLE'],
    centihours,
    more('CITY'),
  ),
  // A7: a university sets its own.
  'hours.higher.annual': key(
    'centihours',
    ['HOURS-HIGHER'],
    { anyOf: [centihours, { type: 'null' }] },
    { tiers: ['SCHOOL'], sector: 'HIGHER', may: 'ANY' },
  ),
  'hours.cycle': key(
    'cycle',
    ['HOURS-CYCLE'],
    record({
      years: integer(1, 10),
      anchor: integer(2000, 2100),
      mode: oneOf('STRICT_ANNUAL', 'CYCLE_AVERAGE', 'FLOOR_PLUS_CYCLE'),
      basic: centihours,
      vocational: centihours,
    }),
  ),
  'hours.proration': key('enum', ['HOURS-PRORATE'], oneOf('MONTHS', 'NONE')),
  'hours.dayCap': key('centihours', ['HOURS-CAP'], centihours),
  'hours.sourceCaps': key(
    'caps',
    ['HOURS-CAP'],
    listOf({
      type: 'object',
      properties: {
        source: oneOf(...SOURCES),
        category: { type: 'string', minLength: 1, maxLength: 40 },
        period: oneOf('DAY', 'YEAR', 'CYCLE'),
        max: centihours,
      },
      required: ['source', 'period', 'max'],
      additionalProperties: false,
    }),
  ),
  'hours.claims': key(
    'days',
    ['CLAIM-CYCLE', 'CLAIM-APPEAL-LATE'],
    each(
      ['graceDays', 'schoolDays', 'registrarDays', 'appealDays', 'appealDecisionDays'],
      integer(1, 730),
    ),
  ),
  'hours.dueTraining': key(
    'days',
    ['HOURS-INDUCTION', 'HOURS-SUPERVISOR'],
    listOf({
      type: 'object',
      properties: {
        kind: oneOf('INDUCTION', 'SUPERVISOR'),
        sectors: listOf(oneOf(...SECTORS), 1),
        categories: listOf({ type: 'string', minLength: 1, maxLength: 40 }, 1),
        days: integer(1, 3_650),
      },
      required: ['kind', 'sectors', 'categories', 'days'],
      additionalProperties: false,
    }),
  ),
  'hours.maxAbsenceShare': key('percent', ['HOURS-ABSENCE'], percent),
  'hours.registrarRank': key('enum', ['HOURS-OVERLAP'], listOf(oneOf(...LEVELS), LEVELS.length)),
};

const training = {
  'governance.authority': key(
    'enum',
    ['PROJECT-TIER'],
    each(SECTORS, {
      type: 'object',
      propertyNames: oneOf(...TIERS),
      additionalProperties: oneOf('GUIDE', 'COORDINATE', 'IMPLEMENT'),
      minProperties: 1,
    }),
  ),
  'governance.parentTiers': key(
    'enum',
    ['ORG-TIER'],
    each(SECTORS, listOf(oneOf('PROVINCE', 'CITY', 'COUNTY'), 1)),
  ),
  'training.scheme.ethicsMinCentihours': key(
    'centihours',
    ['SCHEME-ETHICS-FIRST'],
    integer(1, 1_000_000),
  ),
  'training.scheme.practiceShareWarn': key('percent', ['SCHEME-PRACTICE'], percent),
  'training.tiers': key('enum', ['PROJECT-TIER'], each(SECTORS, listOf(oneOf(...LEVELS), 1))),
  'training.reservationWaitHours': key('hours-of-the-clock', ['PROJECT-FUNDED'], integer(1, 8_760)),
  'training.organiserTier': key('enum', ['PROJECT-LEVEL'], each(LEVELS, oneOf(...TIERS))),
  'training.schoolFiling': key(
    'enum',
    ['SCHOOL-FILING'],
    each(SECTORS, oneOf('PROVINCE', 'CITY', 'COUNTY', 'SELF')),
  ),
};

const funding = {
  'funding.gov': key(
    'basis-points',
    ['FUND-GOV'],
    record({ basisPoints, base: oneOf('PAYROLL_BASIC') }),
  ),
  'funding.school': key(
    'basis-points',
    ['FUND-SCHOOL'],
    record({
      basisPoints,
      base: oneOf('PUBLIC_FUNDS'),
      comparator: oneOf('MINIMUM', 'EXACT'),
    }),
  ),
  'funding.higher': key(
    'basis-points',
    ['FUND-HIGHER'],
    record({ basisPoints, base: oneOf('TEACHER_PAYROLL') }),
  ),
  'funding.categories': key(
    'enum',
    ['FUND-EARMARK'],
    listOf({ type: 'string', pattern: '^[A-Z_]{2,40}$' }, 1),
  ),
};

const evaluation = {
  'evaluation.weights': key(
    'weight',
    ['EVAL-THREE'],
    each(['AGENCY', 'ANONYMOUS_ONLINE', 'SUPERVISION'], weight),
  ),
  'evaluation.minResponses': key('responses', ['EVAL-ANON', 'EVAL-THREE'], integer(1, 1_000)),
  'evaluation.alphaWarn': key('hundredths', ['EVAL-RELIABLE'], percent),
  'evaluation.grades': key('hundredths', ['EVAL-USED'], each(['A', 'B', 'C'], integer(0, 10_000))),
  'evaluation.useAs': key('enum', ['EVAL-USED'], oneOf('EVIDENCE', 'GATE')),
  'evaluation.deadlineDays': key('days', ['EVAL-THREE'], integer(1, 3_650)),
};

const personnel = {
  'personnel.exemptReasons': key(
    'enum',
    ['LEAVE-REASON', 'HOURS-PRORATE'],
    listOf(oneOf(...LEAVE_REASONS)),
  ),
};

/** Every parameter that a rule reads. */
export const POLICY_KEYS: Readonly<Record<string, PolicyKey>> = {
  ...hours,
  ...training,
  ...funding,
  ...evaluation,
  ...personnel,
};
