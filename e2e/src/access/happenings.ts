import { randomUUID } from 'node:crypto';
import type { System } from '@yanxiu/testkit/system';
import { until } from '@yanxiu/testkit/waiting';
import { act, made } from './command.js';
import type { Facts } from './facts.js';

/** The year in which the walk takes place. */
const YEAR = 2026;

const city = ({ city: org }: Facts, n = 1) => ({ persona: 'city-officer', org, n });
const county = ({ county: org }: Facts) => ({ persona: 'county-officer', org });
const finance = ({ city: org }: Facts) => ({ persona: 'finance-officer', org });

/** A teacher's long leave; of whom the walk must not tell others. */
export const takeLeave = (system: System, facts: Facts): Promise<string> =>
  made(
    system,
    'recordLeave',
    { teacherId: facts.teacher, reason: 'SICK', from: '2026-03-01', to: '2026-04-30' },
    'leave',
    county(facts),
  );

/** Claims with all that one can have: one of a project, accepted, and one refused with a reason. */
export async function decideClaims(system: System, facts: Facts): Promise<void> {
  const { teacher, school, project } = facts;
  const kinds = [
    { source: 'DEGREE', relevance: '所学与所教一致', projectId: project, accepted: true },
    { source: 'OVERSEAS', approval: '晋教外〔2026〕1号', accepted: false },
  ];
  for (const [index, { accepted, ...kind }] of kinds.entries()) {
    const claim = {
      ...{
        teacherId: teacher,
        category: 'SUBJECT',
        modality: 'ONLINE',
        title: '学历提高',
        ...kind,
      },
      sessions: [{ date: `2026-08-1${index}`, startTime: '19:00', minutes: 90 }],
      evidence: {
        ...{ sha256: randomUUID().replaceAll('-', '').repeat(2), name: '证明.pdf', size: 1000 },
      },
    };
    const by = { persona: 'teacher', org: school, teacher };
    const claimId = await made(system, 'submitClaim', { claim }, 'claim', by);
    const coordinator = { persona: 'school-coordinator', org: school };
    await made(system, 'checkClaim', { claimId, confirmed: true }, 'claim', coordinator);
    const reason = accepted ? null : '证明材料不符';
    await made(system, 'decideClaim', { claimId, accepted, reason }, 'claim', city(facts));
  }
}

/** A parameter of the city's own that holds for a year, published by a second officer. */
export async function publishOwn(system: System, facts: Facts): Promise<void> {
  const input = {
    ...{ key: 'hours.basic.annual', value: 7_400, scopeCode: facts.city },
    ...{ validFrom: '2027-01-01', validTo: '2027-12-31' },
    ...{ instrument: '晋教师〔2023〕4号', article: '三（一）1', quotation: '每年不少于72学时' },
  };
  const draft = () => made(system, 'draftPolicy', input, 'draft', city(facts));
  const withdrawn = { draftId: await draft(), reason: '文号有误' };
  await made(system, 'withdrawPolicyDraft', withdrawn, 'draft', city(facts));
  const publish = { draftId: await draft() };
  await act(system, 'publishPolicy', publish, 'policy { key }', city(facts, 2));
  interface Recomputations {
    policyRecomputations: { nodes: { state: string }[] };
  }
  await until(
    async () => {
      const list = '{ policyRecomputations { nodes { state } } }';
      const { data } = await system.gql<Recomputations>(list, {}, city(facts));
      return data?.policyRecomputations.nodes[0]?.state === 'DONE' || undefined;
    },
    { timeoutMs: 30_000, message: 'the recomputation' },
  );
}

/** What a stricter minimum would come to, gone through in the background. */
export async function tryOut(system: System, facts: Facts): Promise<string> {
  const change = { key: 'hours.basic.annual', value: 9_000, scopeCode: facts.city };
  const when = { validFrom: `${YEAR - 1}-01-01`, validTo: `${YEAR - 1}-12-31` };
  const input = { changes: [{ ...change, ...when }], scope: facts.city, year: YEAR - 1 };
  const id = await made(system, 'startSimulation', input, 'run', city(facts));
  interface Asked {
    simulationRun: { state: string };
  }
  await until(
    async () => {
      const query = 'query ($id: ID!) { simulationRun(id: $id) { state } }';
      const { data } = await system.gql<Asked>(query, { id }, city(facts));
      return data?.simulationRun.state === 'DONE' || undefined;
    },
    { timeoutMs: 30_000, message: 'the simulation' },
  );
  return id;
}

/** A plan with its items, that the unit above has given back. */
export async function returnPlan(system: System, facts: Facts): Promise<void> {
  const items = [{ title: '骨干教师', sector: 'BASIC', participants: 30, budget: '1000.00' }];
  const plan = { unitCode: facts.county, year: YEAR + 1, title: '年度计划', summary: '', items };
  const planId = await made(system, 'fileAnnualPlan', plan, 'annualPlan', county(facts));
  const reason = '请补充经费来源';
  await made(system, 'returnAnnualPlan', { planId, reason }, 'annualPlan', city(facts));
}

/** A project for few, whose money is refused. */
export async function refuseFunds(system: System, facts: Facts): Promise<void> {
  interface Accredited {
    trainingInstitution: { accreditations: { categories: string[]; sectors: string[] }[] };
  }
  const asked =
    'query ($id: ID!) { trainingInstitution(id: $id) { accreditations { categories sectors } } }';
  const { data } = await system.gql<Accredited>(asked, { id: facts.institution }, city(facts));
  const terms = data?.trainingInstitution.accreditations.find((e) => e.sectors.includes('BASIC'));
  const input = {
    ...{ code: 'WALK-1', name: '走访项目', level: 'COUNTY', sector: 'BASIC', year: YEAR },
    ...{ category: terms?.categories[0] ?? '', organiserCode: facts.county },
    ...{ delivererIds: [facts.institution], modes: ['OFFLINE'], budget: '90000000000.00' },
    target: {
      ...{ stages: ['PRIMARY'], subjects: ['语文'] },
      ...{ ladders: ['BACKBONE'], roles: ['PRINCIPAL'] },
    },
  };
  const projectId = await made(system, 'createTrainingProject', input, 'project', county(facts));
  await made(system, 'submitTrainingProject', { projectId }, 'project', county(facts));
  interface Refused {
    trainingProject: { fundsReason: string | null };
  }
  await until(
    async () => {
      const query = 'query ($id: ID!) { trainingProject(id: $id) { fundsReason } }';
      const answer = await system.gql<Refused>(query, { id: projectId }, county(facts));
      return answer.data?.trainingProject.fundsReason ?? undefined;
    },
    { timeoutMs: 30_000, message: 'the refusal of funds' },
  );
}

/** A payment that was taken back, and a declaration with more than a department must declare. */
export async function correctMoney(system: System, facts: Facts): Promise<void> {
  const declared = {
    ...{ fiscalYear: facts.year, payroll: '90000000.00', teacherPayroll: '80000000.00' },
    ...{ unit: facts.city, source: '决算' },
  };
  await made(system, 'declareFundingBase', declared, 'fundingBase', finance(facts));
  interface Payments {
    payments: { nodes: { id: string }[] };
  }
  const list = 'query ($unit: ID) { payments(unit: $unit) { nodes { id } } }';
  const { data, errors } = await system.gql<Payments>(list, { unit: facts.city }, finance(facts));
  const paymentId = data?.payments.nodes[0]?.id;
  if (!paymentId) throw new Error(`no payment of ${facts.city}: ${JSON.stringify(errors)}`);
  const reason = '重复支付';
  await made(system, 'reversePayment', { paymentId, reason }, 'payment', finance(facts));
}

/** An institution that was suspended for its rating, and reinstated. */
export async function suspend(system: System, facts: Facts): Promise<void> {
  interface Rated {
    trainingInstitution: { ratings: { id: string }[] };
  }
  const query = 'query ($id: ID!) { trainingInstitution(id: $id) { ratings { id } } }';
  const { data } = await system.gql<Rated>(query, { id: facts.institution }, city(facts));
  const institutionId = facts.institution;
  const citedRatingId = data?.trainingInstitution.ratings[0]?.id ?? null;
  const by = city(facts);
  const cited = { institutionId, reason: '评估等级偏低', citedRatingId };
  await made(system, 'suspendInstitution', cited, 'institution', by);
  await made(
    system,
    'reinstateInstitution',
    { institutionId, reason: '已整改' },
    'institution',
    by,
  );
}
