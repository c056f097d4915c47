import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { codesOf, nothing, type Attack } from './attack.js';
import type { Field, Sending } from './field.js';
import { MUTATION_ROLES } from './mutation-roles.js';
import { documentFor, fieldsOf, sampleOf } from './sample.js';

/** What belongs to the other county, by id or code. */
interface Theirs {
  county: string;
  school: string;
  teacher: string;
  project: string;
  survey: string;
  plan: string;
  claim: string;
  assignment: string;
  budget: string;
}

/** A mutation with someone who may use it, here and there, and what of theirs it is asked for. */
interface Across {
  by: (field: Field, index: 0 | 1) => Sending;
  /** Where it is the right one's to do, and she is told that it is refused for another reason. */
  input: (theirs: Theirs, field: Field) => object;
  /** Other codes than FORBIDDEN and NOT_FOUND, with the rule. */
  rule?: string;
}

type Officer = Pick<Across, 'by'>;
const county: Officer = { by: (field, index) => field.county(index) };
const coordinator: Officer = {
  by: ({ places }, index) => ({
    persona: 'school-coordinator',
    options: { org: places.schools[index] },
  }),
};
const finance: Officer = {
  by: ({ places }, index) => ({
    persona: 'finance-officer',
    options: { org: places.counties[index] },
  }),
};
const teacher: Officer = {
  by: ({ places }, index) => ({
    persona: 'teacher',
    options: { org: places.schools[index], teacher: places.teachers[index] },
  }),
};

/** The city above the other county; here, the county beside it. */
const superior: Officer = {
  by: (field, index) =>
    index === 0
      ? field.county(0)
      : { persona: 'city-officer', options: { org: field.places.city } },
};

/** A day before anything here began: whoever may is told that it is the wrong day. */
const LONG_AGO = '1990-01-01';
const YEAR = new Date().getFullYear();

const PROJECT_STEPS = `submitTrainingProject fileTrainingProject openEnrolment startTrainingProject
  closeTrainingProject`.split(/\s+/);

/** The right one is refused as well, so that nothing is changed: a step too early, a wrong day. */
const ACROSS: Readonly<Record<string, Across>> = {
  registerOrgUnit: { ...county, input: ({ county: parentCode }) => ({ parentCode, code: 'x' }) },
  moveOrgUnit: {
    ...county,
    input: ({ county: parentCode, school: code }) => ({ parentCode, code, validFrom: LONG_AGO }),
  },
  transferTeacher: {
    ...county,
    input: ({ teacher: teacherId, school: toUnitCode }) => ({ teacherId, toUnitCode, stage: null }),
  },
  retireTeacher: { ...county, input: ({ teacher: teacherId }) => ({ teacherId, on: LONG_AGO }) },
  changeTeacherClassification: {
    ...county,
    input: ({ teacher: teacherId }) => ({ teacherId, from: LONG_AGO }),
  },
  recordLeave: {
    ...county,
    input: ({ teacher: teacherId }) => ({ teacherId, from: LONG_AGO, to: null }),
  },
  revealIdNumber: { ...county, input: ({ teacher: teacherId }) => ({ teacherId }) },
  erasePerson: { ...county, input: ({ teacher: teacherId }) => ({ teacherId }) },
  assignRole: {
    ...county,
    input: ({ school: unit }) => ({
      ...{ subject: 'across', role: 'COORDINATOR', unit, institution: null, teacher: null },
      ...{ validFrom: LONG_AGO, validTo: null },
    }),
  },
  endRoleAssignment: { ...county, input: ({ assignment: assignmentId }) => ({ assignmentId }) },
  draftAnnualPlan: {
    ...county,
    input: ({ county: unitCode }) => ({ unitCode, year: 1900 }),
  },
  fileAnnualPlan: { ...county, input: ({ county: unitCode }) => ({ unitCode, year: 1900 }) },
  acceptAnnualPlan: { ...superior, input: ({ plan: planId }) => ({ planId }) },
  returnAnnualPlan: { ...superior, input: ({ plan: planId }) => ({ planId, reason: '' }) },
  recordStudy: { ...county, input: ({ county: unitCode }) => ({ unitCode, year: 1900 }) },
  createTrainingProject: {
    ...county,
    input: ({ county: organiserCode }) => ({ organiserCode, sector: 'NONE' }),
  },
  approveTrainingProject: { ...superior, input: ({ project: projectId }) => ({ projectId }) },
  acceptTrainingProject: { ...superior, input: ({ project: projectId }) => ({ projectId }) },
  rejectTrainingProject: {
    ...superior,
    input: ({ project: projectId }) => ({ projectId, reason: '' }),
  },
  ...Object.fromEntries(
    PROJECT_STEPS.map((name) => [
      name,
      { ...county, input: ({ project: projectId }: Theirs) => ({ projectId }) },
    ]),
  ),
  cancelTrainingProject: {
    ...county,
    input: ({ project: projectId }) => ({ projectId, reason: '' }),
  },
  submitTrainingScheme: { ...county, input: ({ project: projectId }) => ({ projectId }) },
  openTrainingClass: { ...county, input: ({ project: projectId }) => ({ projectId }) },
  openNeedsSurvey: { ...county, input: ({ project: projectId }) => ({ projectId, topics: [] }) },
  answerNeedsSurvey: {
    ...teacher,
    input: ({ survey: surveyId }) => ({ surveyId, counts: [{ topic: 'none', count: 1 }] }),
  },
  submitClaim: {
    ...teacher,
    input: ({ teacher: teacherId }, field) => ({
      claim: { ...claimOf(field), teacherId, title: '' },
    }),
    rule: 'CLAIM-TEACHER',
  },
  checkClaim: {
    ...coordinator,
    input: ({ claim: claimId }) => ({ claimId, confirmed: false, reason: '' }),
    rule: 'CLAIM-SCHOOL',
  },
  appealClaim: { ...teacher, input: ({ claim: claimId }) => ({ claimId, reason: '' }) },
  declareFundingBase: { ...finance, input: ({ county: unit }) => ({ unit, fiscalYear: 1900 }) },
  approveBudget: { ...finance, input: ({ county: unit }) => ({ unit, fiscalYear: 1900 }) },
  adjustBudget: { ...finance, input: ({ budget: budgetId }) => ({ budgetId, delta: '0.00' }) },
};

const daysAgo = (days: number): string =>
  new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10);

const claimOf = ({ places }: Field, index: 0 | 1 = 1) => ({
  teacherId: places.teachers[index],
  ...{ source: 'SELF_STUDY', category: 'SUBJECT', modality: 'ONLINE', title: '自主选学' },
  sessions: [{ date: daysAgo(10), startTime: '09:00', minutes: 90 }],
  evidence: { sha256: randomUUID().replaceAll('-', '').repeat(2), name: 'a.pdf', size: 1000 },
});

const idIn = (payload: unknown, of: string): string =>
  (payload as Record<string, { id: string }>)[of]?.id ?? '';

/** Makes in the other county what there is to act on. */
async function theirsOf(field: Field): Promise<Theirs> {
  const { counties, schools, teachers, projects } = field.places;
  const make = async (name: string, input: object, of: string, by: Sending) => {
    const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}Input`;
    return idIn(await field.act(name, type, input, `${of} { id }`, by), of);
  };
  const [here, money] = [field.county(1), finance.by(field, 1)];
  const [unit, plan] = [counties[1], { unitCode: counties[1], year: YEAR, title: '年度计划' }];
  const role = { subject: 'theirs', role: 'COORDINATOR', unit: schools[1] };
  const budget = { unit, fiscalYear: YEAR + 1, source: 'LOCAL_TREASURY', amount: '50000.00' };
  return {
    ...{ county: unit, school: schools[1], teacher: teachers[1], project: projects[1] },
    plan: await make('fileAnnualPlan', plan, 'annualPlan', here),
    survey: await make(
      'openNeedsSurvey',
      { projectId: projects[1], title: '需求', topics: ['课堂'] },
      'survey',
      here,
    ),
    claim: await make('submitClaim', { claim: claimOf(field) }, 'claim', teacher.by(field, 1)),
    assignment: await make('assignRole', role, 'assignment', here),
    budget: await make('approveBudget', budget, 'budget', money),
  };
}

const across: Attack = {
  name: 'a command on what is another county’s, by whoever may give it in her own',
  async run(field) {
    const theirs = await theirsOf(field);
    const mutations = new Map(fieldsOf(field.schema, 'mutation').map((each) => [each.name, each]));
    for (const [name, { by, input, rule }] of Object.entries(ACROSS)) {
      const mutation = mutations.get(name);
      assert.ok(mutation && MUTATION_ROLES.has(name), `no mutation ${name}`);
      const document = documentFor('mutation', mutation);
      const [arg] = mutation.args;
      const sample = arg ? (sampleOf(arg.type) as object) : {};
      const variables = { input: { ...sample, ...input(theirs, field) } };
      const foreign = await field.ask(document, { ...by(field, 0), variables });
      if (rule === undefined) nothing(foreign, 'FORBIDDEN', 'NOT_FOUND');
      else
        assert.deepEqual(
          foreign.errors.map(({ extensions }) => extensions.rule),
          [rule],
        );
      const own = await field.ask(document, { ...by(field, 1), variables });
      const codes = codesOf(own);
      assert.ok(
        !codes.some((code) => ['FORBIDDEN', 'NOT_FOUND', 'INTERNAL'].includes(String(code))),
        `${name} by whom it belongs to: ${own.text.slice(0, 300)}`,
      );
      assert.ok(rule === undefined || own.errors[0]?.extensions.rule !== rule, own.text);
    }
  },
};

export const acrossCounties: readonly Attack[] = [across];
