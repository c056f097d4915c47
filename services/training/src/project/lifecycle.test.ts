import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { PolicySet } from '@yanxiu/registry/policy';
import { PROJECT_STATUSES, type ProjectLevel, type ProjectStatus } from './entity.js';
import {
  decideStep,
  fundsAre,
  hasAny,
  holdsRelation,
  nextAuthority,
  projectFiled,
  projectLevel,
  projectRoles,
  projectTier,
  stepOf,
  surveyClosed,
} from './rules.js';
import { STEPS, type ProjectAction } from './steps.js';

const ACTIONS = [...new Set(STEPS.map(({ action }) => action))];

/** Written out by hand from domain.md §3: action → from → to. */
const STANDARD: Record<string, Partial<Record<ProjectStatus, ProjectStatus>>> = {
  submit: { DRAFT: 'SUBMITTED', REJECTED: 'SUBMITTED' },
  return: { SUBMITTED: 'DRAFT' },
  approve: { SUBMITTED: 'APPROVED' },
  reject: { SUBMITTED: 'REJECTED' },
  file: { APPROVED: 'FILED' },
  accept: {},
  approveScheme: { FILED: 'SCHEME_APPROVED' },
  openEnrolment: { SCHEME_APPROVED: 'ENROLLING' },
  start: { ENROLLING: 'RUNNING' },
  recognise: { RUNNING: 'RECOGNISED' },
  evaluate: { RECOGNISED: 'EVALUATED' },
  close: { EVALUATED: 'CLOSED' },
  suspend: {
    APPROVED: 'SUSPENDED',
    FILED: 'SUSPENDED',
    ACCEPTED: 'SUSPENDED',
    SCHEME_APPROVED: 'SUSPENDED',
    ENROLLING: 'SUSPENDED',
    RUNNING: 'SUSPENDED',
  },
  resume: { SUSPENDED: 'RUNNING' },
  cancel: {
    DRAFT: 'CANCELLED',
    SUBMITTED: 'CANCELLED',
    REJECTED: 'CANCELLED',
    APPROVED: 'CANCELLED',
    FILED: 'CANCELLED',
    ACCEPTED: 'CANCELLED',
    SCHEME_APPROVED: 'CANCELLED',
    ENROLLING: 'CANCELLED',
    RUNNING: 'CANCELLED',
    SUSPENDED: 'CANCELLED',
  },
};
const SCHOOL: typeof STANDARD = {
  ...STANDARD,
  submit: {},
  return: {},
  approve: {},
  approveScheme: {},
  openEnrolment: {},
  evaluate: {},
  file: { DRAFT: 'FILED', REJECTED: 'FILED' },
  accept: { FILED: 'ACCEPTED' },
  reject: { FILED: 'REJECTED' },
  start: { ACCEPTED: 'RUNNING' },
  close: { RECOGNISED: 'CLOSED' },
};

const policies = PolicySet.of(
  Object.entries({
    'training.tiers': {
      BASIC: ['NATIONAL', 'PROVINCIAL', 'CITY', 'COUNTY', 'SCHOOL'],
      VOCATIONAL: ['NATIONAL', 'PROVINCIAL', 'CITY', 'SCHOOL'],
      HIGHER: ['NATIONAL', 'PROVINCIAL', 'SCHOOL'],
    },
    'training.organiserTier': {
      NATIONAL: 'PROVINCE',
      PROVINCIAL: 'PROVINCE',
      CITY: 'CITY',
      COUNTY: 'COUNTY',
      SCHOOL: 'SCHOOL',
    },
  }).map(([key, value]) => ({
    key,
    version: 1,
    value,
    unit: 'enum',
    article: '',
    quotation: '',
    instrument: '',
  })),
);

const outcome = (action: ProjectAction, level: ProjectLevel, status: ProjectStatus) => {
  const previousStatus = status === 'SUSPENDED' ? ('RUNNING' as const) : null;
  const decision = decideStep(action, { level, status, previousStatus });
  return decision.accepted ? decision.value.to : decision.refusal.rule;
};

describe('the lifecycle, every action from every status', () => {
  const levels: [ProjectLevel, typeof STANDARD][] = [
    ['CITY', STANDARD],
    ['SCHOOL', SCHOOL],
  ];
  const cases = levels.flatMap(([level, expected]) =>
    ACTIONS.flatMap((action) =>
      PROJECT_STATUSES.map((from) => ({
        level,
        action,
        from,
        to:
          expected[action]?.[from] ??
          (level === 'SCHOOL' && action === 'start' ? 'SCHOOL-FILING' : 'PROJECT-LIFECYCLE'),
      })),
    ),
  );

  it('has an expectation for each action', () => {
    expect(Object.keys(STANDARD).sort()).toEqual([...ACTIONS].sort());
  });

  it.each(cases)('$level $action from $from: $to', ({ level, action, from, to }) => {
    expect(outcome(action, level, from)).toBe(to);
  });

  it('never leaves CLOSED or CANCELLED, whatever is tried', () => {
    fc.assert(
      fc.property(
        fc.constantFrom<ProjectLevel>('CITY', 'SCHOOL'),
        fc.array(fc.constantFrom(...ACTIONS), { maxLength: 40 }),
        (level, actions) => {
          let status: ProjectStatus = 'DRAFT';
          let previousStatus: ProjectStatus | null = null;
          for (const action of actions) {
            const decision = decideStep(action, { level, status, previousStatus });
            if (!decision.accepted) continue;
            if (status === 'CLOSED' || status === 'CANCELLED') return false;
            previousStatus = decision.value.to === 'SUSPENDED' ? status : null;
            status = decision.value.to;
          }
          return true;
        },
      ),
    );
  });

  it('goes back from SUSPENDED to where it was', () => {
    for (const status of ['APPROVED', 'FILED', 'SCHEME_APPROVED', 'ENROLLING'] as const) {
      const decision = decideStep('resume', {
        level: 'CITY',
        status: 'SUSPENDED',
        previousStatus: status,
      });
      expect(decision).toMatchObject({ accepted: true, value: { to: status } });
    }
  });
});

describe('who takes a step', () => {
  const project = { organiserCode: '140400', authorityCode: '140000' };
  it.each([
    ['ORGANISER', true, false],
    ['APPROVER', false, true],
    ['EITHER', true, true],
    ['EVENT', false, false],
  ] as const)('%s: organiser %s, approver %s', (relation, organiser, approver) => {
    expect(holdsRelation(relation, project, '140400')).toBe(organiser);
    expect(holdsRelation(relation, project, '140000')).toBe(approver);
    expect(holdsRelation(relation, project, '140500')).toBe(false);
  });

  it('lets the province approve its own', () => {
    const own = { organiserCode: '140000', authorityCode: '140000' };
    expect(holdsRelation('APPROVER', own, '140000')).toBe(true);
    expect(holdsRelation('ORGANISER', own, '140000')).toBe(true);
  });

  it('has each guard where domain.md §3 asks for it', () => {
    expect(stepOf('submit', 'CITY')?.guards).toContain('INST-ACCREDITED');
    expect(stepOf('approve', 'CITY')?.guards).toEqual(['FUNDS-RESERVED']);
    expect(stepOf('file', 'CITY')?.guards).toEqual(['PROJECT-FILED']);
    expect(stepOf('openEnrolment', 'CITY')?.guards).toContain('FUNDS-COMMITTED');
    expect(stepOf('accept', 'CITY')).toBeUndefined();
  });
});

describe('the guards', () => {
  it.each([
    ['BASIC', 'COUNTY', true],
    ['VOCATIONAL', 'CITY', true],
    ['VOCATIONAL', 'COUNTY', false],
    ['HIGHER', 'PROVINCIAL', true],
    ['HIGHER', 'CITY', false],
    ['HIGHER', 'COUNTY', false],
  ] as const)('PROJECT-TIER: %s at level %s: %s', (sector, level, accepted) => {
    expect(projectTier({ sector, level }, policies).accepted).toBe(accepted);
  });

  it.each([
    ['NATIONAL', 'PROVINCE', true],
    ['PROVINCIAL', 'CITY', false],
    ['CITY', 'CITY', true],
    ['CITY', 'COUNTY', false],
    ['COUNTY', 'COUNTY', true],
    ['SCHOOL', 'SCHOOL', true],
  ] as const)('PROJECT-LEVEL: %s by %s: %s', (level, tier, accepted) => {
    expect(projectLevel(level, tier, policies).accepted).toBe(accepted);
  });

  it.each([
    ['CITY', ['a'], true],
    ['CITY', [], false],
    ['SCHOOL', [], true],
    ['SCHOOL', ['a'], false],
  ] as const)('PROJECT-ROLES: %s with deliverers %j: %s', (level, delivererIds, accepted) => {
    expect(projectRoles({ level, delivererIds: [...delivererIds] }).accepted).toBe(accepted);
  });

  it('refuses each with its rule', () => {
    const ruleOf = (decision: ReturnType<typeof surveyClosed>) =>
      decision.accepted ? null : decision.refusal.rule;
    expect(ruleOf(projectFiled(false, '140400', 2025))).toBe('PROJECT-FILED');
    expect(ruleOf(projectFiled(true, '140400', 2025))).toBeNull();
    expect(ruleOf(surveyClosed(null))).toBe('PROJECT-SURVEY');
    expect(ruleOf(surveyClosed('OPEN'))).toBe('PROJECT-SURVEY');
    expect(ruleOf(surveyClosed('CLOSED'))).toBeNull();
    expect(ruleOf(fundsAre('RESERVED', 'ASKED'))).toBe('PROJECT-FUNDED');
    expect(ruleOf(fundsAre('COMMITTED', 'RESERVED'))).toBe('PROJECT-FUNDED');
    expect(ruleOf(fundsAre('COMMITTED', 'COMMITTED'))).toBeNull();
    expect(ruleOf(hasAny('class', 0))).toBe('PROJECT-LIFECYCLE');
    expect(ruleOf(hasAny('confirmed enrolment', 1))).toBeNull();
  });
});

describe('who has to act next', () => {
  const funds = { fundsState: 'COMMITTED' as const };
  it.each([
    ['SUBMITTED', 'CITY', false, 'APPROVER'],
    ['FILED', 'CITY', false, 'DELIVERER'],
    ['FILED', 'CITY', true, 'ORGANISER'],
    ['FILED', 'SCHOOL', false, 'APPROVER'],
    ['RUNNING', 'CITY', false, 'REGISTRAR'],
    ['RECOGNISED', 'CITY', false, 'EVALUATION'],
    ['RECOGNISED', 'SCHOOL', false, 'ORGANISER'],
    ['ENROLLING', 'CITY', false, 'ORGANISER'],
    ['CLOSED', 'CITY', false, null],
  ] as const)('%s of level %s (scheme submitted: %s): %s', (status, level, scheme, authority) => {
    expect(nextAuthority({ status, level, ...funds }, scheme)).toBe(authority);
  });

  it('is funding while funds are asked', () => {
    const asked = { status: 'SUBMITTED', level: 'CITY', fundsState: 'ASKED' } as const;
    expect(nextAuthority(asked, false)).toBe('FUNDING');
  });
});
