import type { ProjectStatus } from './entity.js';

/** Who may take a step: the organiser, the unit that approves, either; or events alone. */
export type Relation = 'ORGANISER' | 'APPROVER' | 'EITHER' | 'EVENT';

/** What must be true of a step beyond its place in the lifecycle. */
export type Guard =
  | 'PROJECT-TIER'
  | 'PROJECT-LEVEL'
  | 'PROJECT-ROLES'
  | 'INST-ACCREDITED'
  | 'PROJECT-FILED'
  | 'PROJECT-SURVEY'
  | 'FUNDS-RESERVED'
  | 'FUNDS-COMMITTED'
  | 'HAS-CLASS'
  | 'HAS-ENROLMENT';

export interface Step {
  action: string;
  /** SCHOOL: the short lifecycle of school-based training; STANDARD: of all other levels. */
  track: 'STANDARD' | 'SCHOOL' | 'BOTH';
  from: readonly ProjectStatus[];
  to: ProjectStatus | 'PREVIOUS';
  who: Relation;
  guards: readonly Guard[];
  /** The rule that a project out of this order breaks; PROJECT-LIFECYCLE when not named. */
  rule?: string;
}

const UNDER_WAY: readonly ProjectStatus[] = [
  'APPROVED',
  'FILED',
  'ACCEPTED',
  'SCHEME_APPROVED',
  'ENROLLING',
  'RUNNING',
];
const BEFORE_RECOGNISED: readonly ProjectStatus[] = [
  'DRAFT',
  'SUBMITTED',
  'REJECTED',
  ...UNDER_WAY,
  'SUSPENDED',
];
const SCHOOL_GUARDS: readonly Guard[] = [
  'PROJECT-TIER',
  'PROJECT-LEVEL',
  'PROJECT-ROLES',
  'PROJECT-FILED',
];

/** From when on an agency assesses a project, and has assessed it (§3.6). */
export const TO_BE_ASSESSED: readonly ProjectStatus[] = ['RECOGNISED', 'EVALUATED', 'CLOSED'];

/** The whole lifecycle (domain.md §3). */
export const STEPS = [
  {
    action: 'submit',
    track: 'STANDARD',
    from: ['DRAFT', 'REJECTED'],
    to: 'SUBMITTED',
    who: 'ORGANISER',
    guards: ['PROJECT-TIER', 'PROJECT-LEVEL', 'PROJECT-ROLES', 'INST-ACCREDITED'],
  },
  {
    action: 'return',
    track: 'STANDARD',
    from: ['SUBMITTED'],
    to: 'DRAFT',
    who: 'EVENT',
    guards: [],
  },
  {
    action: 'approve',
    track: 'STANDARD',
    from: ['SUBMITTED'],
    to: 'APPROVED',
    who: 'APPROVER',
    guards: ['FUNDS-RESERVED'],
  },
  {
    action: 'reject',
    track: 'STANDARD',
    from: ['SUBMITTED'],
    to: 'REJECTED',
    who: 'APPROVER',
    guards: [],
  },
  {
    action: 'file',
    track: 'STANDARD',
    from: ['APPROVED'],
    to: 'FILED',
    who: 'ORGANISER',
    guards: ['PROJECT-FILED'],
  },
  {
    action: 'approveScheme',
    track: 'STANDARD',
    from: ['FILED'],
    to: 'SCHEME_APPROVED',
    who: 'ORGANISER',
    guards: [],
  },
  {
    action: 'openEnrolment',
    track: 'STANDARD',
    from: ['SCHEME_APPROVED'],
    to: 'ENROLLING',
    who: 'ORGANISER',
    guards: ['PROJECT-SURVEY', 'FUNDS-COMMITTED', 'HAS-CLASS'],
  },
  {
    action: 'start',
    track: 'STANDARD',
    from: ['ENROLLING'],
    to: 'RUNNING',
    who: 'ORGANISER',
    guards: ['HAS-ENROLMENT'],
  },
  {
    action: 'evaluate',
    track: 'STANDARD',
    from: ['RECOGNISED'],
    to: 'EVALUATED',
    who: 'EVENT',
    guards: [],
  },
  {
    action: 'close',
    track: 'STANDARD',
    from: ['EVALUATED'],
    to: 'CLOSED',
    who: 'ORGANISER',
    guards: [],
  },
  {
    action: 'file',
    track: 'SCHOOL',
    from: ['DRAFT', 'REJECTED'],
    to: 'FILED',
    who: 'ORGANISER',
    guards: SCHOOL_GUARDS,
  },
  {
    action: 'accept',
    track: 'SCHOOL',
    from: ['FILED'],
    to: 'ACCEPTED',
    who: 'APPROVER',
    guards: [],
  },
  {
    action: 'reject',
    track: 'SCHOOL',
    from: ['FILED'],
    to: 'REJECTED',
    who: 'APPROVER',
    guards: [],
  },
  {
    action: 'start',
    track: 'SCHOOL',
    from: ['ACCEPTED'],
    to: 'RUNNING',
    who: 'ORGANISER',
    guards: ['HAS-ENROLMENT'],
    rule: 'SCHOOL-FILING',
  },
  {
    action: 'close',
    track: 'SCHOOL',
    from: ['RECOGNISED'],
    to: 'CLOSED',
    who: 'ORGANISER',
    guards: [],
  },
  {
    action: 'recognise',
    track: 'BOTH',
    from: ['RUNNING'],
    to: 'RECOGNISED',
    who: 'EVENT',
    guards: [],
  },
  { action: 'suspend', track: 'BOTH', from: UNDER_WAY, to: 'SUSPENDED', who: 'EITHER', guards: [] },
  {
    action: 'resume',
    track: 'BOTH',
    from: ['SUSPENDED'],
    to: 'PREVIOUS',
    who: 'EITHER',
    guards: [],
  },
  {
    action: 'cancel',
    track: 'BOTH',
    from: BEFORE_RECOGNISED,
    to: 'CANCELLED',
    who: 'ORGANISER',
    guards: [],
  },
] as const satisfies readonly Step[];

export type ProjectAction = (typeof STEPS)[number]['action'];
