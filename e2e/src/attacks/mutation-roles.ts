/**
 * Who may use which mutation, written down from the duties of the roles (domain.md §1) and held
 * against the graph from outside; not read from the schema.
 */
type Who =
  | 'OFFICER'
  | 'COORDINATOR'
  | 'INSTITUTION'
  | 'TEACHER'
  | 'EVALUATOR'
  | 'FINANCE'
  | 'ANALYST'
  | 'PLATFORM';

const words = (text: string): string[] => text.trim().split(/\s+/);

const GROUPS: readonly (readonly [readonly Who[], string[]])[] = [
  // The department: its tree, its policies, its register of people and of institutions.
  [
    ['OFFICER'],
    words(`registerOrgUnit moveOrgUnit publishDefaultPolicies registerPolicyInstrument
      registerTeachers transferTeacher retireTeacher registerInstitution accreditInstitution
      suspendInstitution reinstateInstitution publishInstrument closeProjectEvaluation
      submitSupervision revealIdNumber erasePerson withdrawLeave`),
  ],
  // Whoever organises training, and names who may: a department, or a school its own.
  [
    ['OFFICER', 'COORDINATOR'],
    words(`changeTeacherClassification recordLeave endLeave draftAnnualPlan fileAnnualPlan acceptAnnualPlan
      returnAnnualPlan createTrainingProject submitTrainingProject approveTrainingProject
      rejectTrainingProject fileTrainingProject acceptTrainingProject openEnrolment
      startTrainingProject suspendTrainingProject resumeTrainingProject cancelTrainingProject
      closeTrainingProject allocateQuota nominateTeachers withdrawNomination approveTrainingScheme
      returnTrainingScheme openNeedsSurvey closeNeedsSurvey recordStudy
      assignRole endRoleAssignment draftPolicy publishPolicy withdrawPolicyDraft`),
  ],
  // Whoever delivers it, with the organiser.
  [
    ['OFFICER', 'COORDINATOR', 'INSTITUTION'],
    words(`submitTrainingScheme openTrainingClass confirmEnrolments withdrawEnrolment
      scheduleSession recordAttendance completeTrainingClass`),
  ],
  // Hours are claimed by the teacher or for her; her school looks first, a registrar decides: the
  // city's officer, or a university itself (R35, R49, R74); she appeals (R121).
  [['TEACHER', 'COORDINATOR', 'INSTITUTION', 'OFFICER'], ['submitClaim']],
  [['COORDINATOR', 'INSTITUTION', 'OFFICER'], ['submitClaims']],
  [['COORDINATOR'], ['checkClaim']],
  [
    ['OFFICER', 'COORDINATOR'],
    ['decideClaim', 'decideClaimAppeal'],
  ],
  [['TEACHER'], ['appealClaim']],
  // Whoever prepares a parameter tries it out first, or has it tried out.
  [['OFFICER', 'COORDINATOR', 'ANALYST'], ['startSimulation']],
  [['FINANCE', 'OFFICER'], ['declareFundingBase']],
  [['FINANCE'], words('approveBudget adjustBudget recordPayment reversePayment')],
  [['TEACHER'], ['signEvaluationToken']],
  [['TEACHER', 'COORDINATOR'], ['answerNeedsSurvey']],
  [['EVALUATOR'], ['submitAgencyAssessment']],
  [
    ['PLATFORM'],
    ['personnel', 'training', 'hours', 'funding', 'evaluation'].flatMap((service) => [
      `${service}RedriveDeadLetter`,
      `${service}DiscardDeadLetter`,
    ]),
  ],
];

/** The roles that may use each mutation. */
export const MUTATION_ROLES: ReadonlyMap<string, readonly Who[]> = new Map(
  GROUPS.flatMap(([roles, names]) => names.map((name) => [name, roles] as const)),
);

/** Without login, and only so (EVAL-ANON). */
export const ANONYMOUS_ONLY = ['submitAnonymousResponse'];

/** A persona of each role. */
export const PERSONA_OF: Readonly<Record<Who | 'AUDITOR' | 'ANALYST', string>> = {
  OFFICER: 'province-officer',
  COORDINATOR: 'school-coordinator',
  INSTITUTION: 'institution-staff',
  TEACHER: 'teacher',
  EVALUATOR: 'evaluator',
  FINANCE: 'finance-officer',
  PLATFORM: 'platform',
  AUDITOR: 'auditor',
  ANALYST: 'analyst',
};
