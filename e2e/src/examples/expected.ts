import type { Records } from './records.js';

interface UnitFact {
  code: string;
  name: string;
  tier: string;
  sector: string | null;
  parentCode: string | null;
}
interface ProjectFact {
  projectId: string;
  name: string;
  level: string;
  year: number;
  organiserCode: string;
  at: string;
}

const STATUS: Readonly<Record<string, string>> = {
  'project.submitted': 'SUBMITTED',
  'project.returned': 'DRAFT',
  'project.rejected': 'REJECTED',
  'project.approved': 'APPROVED',
  'project.filed': 'FILED',
  'project.accepted': 'ACCEPTED',
  'project.scheme-approved': 'SCHEME_APPROVED',
  'project.enrolling': 'ENROLLING',
  'project.started': 'RUNNING',
  'project.recognised': 'RECOGNISED',
  'project.evaluated': 'EVALUATED',
  'project.closed': 'CLOSED',
  'project.cancelled': 'CANCELLED',
};

/** Hundredths as the graph shows them. */
export const decimal = (hundredths: number): string => (hundredths / 100).toFixed(2);

const sum = (values: readonly number[]): number => values.reduce((total, each) => total + each, 0);

export const unitsOf = (records: Records): Map<string, UnitFact> =>
  new Map(records.of<UnitFact>('org-unit.registered').map((unit) => [unit.code, unit]));

export interface ProjectState extends ProjectFact {
  status: string;
}

interface Created {
  id: string;
  name: string;
  level: string;
  year: number;
}

/** Each project in the step that its last event took it to; a draft has had none yet. */
export function projectsOf(records: Records): ProjectState[] {
  const states = new Map<string, ProjectState>();
  for (const { id, at, actingFor, ...rest } of records.commands<Created>('project.create')) {
    states.set(id, { ...rest, projectId: id, organiserCode: actingFor, at, status: 'DRAFT' });
  }
  for (const { type, data } of records.facts) {
    const status = STATUS[type];
    const project = data as unknown as ProjectFact;
    if (status) states.set(project.projectId, { ...project, status });
  }
  return [...states.values()];
}

/** Q18: who owes a plan or a study, by unit code. */
export function dutiesOf(records: Records, year: number) {
  const plans = new Map<string, boolean>();
  for (const { type, data } of records.facts) {
    if (!type.startsWith('annual-plan.') || data['year'] !== year) continue;
    plans.set(String(data['unitCode']), type !== 'annual-plan.returned');
  }
  const studied = new Set(
    records
      .commands<{ unitCode: string; year: number }>('study.record')
      .filter((study) => study.year === year)
      .map(({ unitCode }) => unitCode),
  );
  const units = unitsOf(records);
  const superiorOf = ({ sector, parentCode }: UnitFact) => {
    const parent = units.get(parentCode ?? '');
    return sector === 'VOCATIONAL' && parent?.tier === 'COUNTY' ? parent.parentCode : parentCode;
  };
  return [...units.values()]
    .map((unit) => ({
      code: unit.code,
      name: unit.name,
      superior: superiorOf(unit),
      planFiled: plans.get(unit.code) ?? false,
      studyRecorded: studied.has(unit.code),
    }))
    .filter(({ planFiled, studyRecorded }) => !planFiled || !studyRecorded)
    .sort((a, b) => (a.code < b.code ? -1 : 1));
}

const NEXT: Readonly<Record<string, string>> = {
  SUBMITTED: 'APPROVER',
  RUNNING: 'REGISTRAR',
  RECOGNISED: 'EVALUATION',
};
const NEXT_AT_SCHOOL: Readonly<Record<string, string>> = {
  FILED: 'APPROVER',
  RUNNING: 'REGISTRAR',
};

/** Q7: projects longer than so many days in their step, and who acts next. */
export function waitingOf(records: Records, days: number, now: Date) {
  const before = new Date(now.getTime() - days * 86_400_000).toISOString();
  const schemes = new Set(
    records.commands<{ projectId: string }>('scheme.submit').map(({ projectId }) => projectId),
  );
  return projectsOf(records)
    .filter(({ status, at }) => !['CLOSED', 'CANCELLED'].includes(status) && at < before)
    .map(({ projectId, status, at, level, organiserCode }) => {
      const noScheme = status === 'FILED' && !schemes.has(projectId);
      const next = level === 'SCHOOL' ? NEXT_AT_SCHOOL : noScheme ? { FILED: 'DELIVERER' } : NEXT;
      return {
        projectId,
        status,
        since: at,
        authority: next[status] ?? 'ORGANISER',
        organiserCode,
      };
    })
    .sort((a, b) => (`${a.since}${a.projectId}` < `${b.since}${b.projectId}` ? -1 : 1));
}

interface Credit {
  teacherId: string;
  projectId: string;
  entries: { year: number; centihours: number }[];
}

const creditsOf = (
  records: Records,
): { teacherId: string; projectId: string; year: number; centihours: number }[] =>
  records.facts.flatMap(({ type, data }) => {
    if (type !== 'hours.credited' && type !== 'hours.reversed') return [];
    const { teacherId, projectId, entries } = data as unknown as Credit;
    const sign = type === 'hours.credited' ? 1 : -1;
    return entries.map(({ year, centihours }) => ({
      teacherId,
      projectId,
      year,
      centihours: sign * Math.abs(centihours),
    }));
  });

/** Q2: a teacher's hours of a year by level of project, from what hours told. */
export function hoursOf(records: Records, teacherId: string, years: readonly number[]) {
  const levels = new Map(projectsOf(records).map(({ projectId, level }) => [projectId, level]));
  const mine = creditsOf(records).filter(
    (credit) => credit.teacherId === teacherId && years.includes(credit.year),
  );
  const bySource = new Map<string, number>();
  for (const { projectId, centihours } of mine) {
    const level = levels.get(projectId) ?? 'unknown';
    bySource.set(level, (bySource.get(level) ?? 0) + centihours);
  }
  return { centihours: sum(mine.map(({ centihours }) => centihours)), bySource };
}

/** Hours (hundredths) that a project's participants were credited with. */
export const creditedOf = (records: Records, projectId: string): number =>
  sum(
    creditsOf(records)
      .filter((credit) => credit.projectId === projectId)
      .map(({ centihours }) => centihours),
  );

interface Declared {
  fiscalYear: number;
  payroll: number;
}

/** Q4: each county's shortfalls from what it declared, was given and paid. */
export function shortfallsOf(records: Records, year: number) {
  const ofYear = <T extends { fiscalYear: number; actingFor: string }>(rows: T[]) =>
    new Map(rows.filter((row) => row.fiscalYear === year).map((row) => [row.actingFor, row]));
  const bases = ofYear(records.commands<Declared>('base.declare'));
  const budgets = ofYear(
    records.commands<{ fiscalYear: number; amount: number }>('budget.approve'),
  );
  const projects = new Map(projectsOf(records).map((project) => [project.projectId, project]));
  const spent = new Map<string, number>();
  for (const { projectId, amount } of records.commands<{ projectId: string; amount: number }>(
    'payment.record',
  )) {
    const project = projects.get(projectId);
    if (project?.year !== year) continue;
    spent.set(project.organiserCode, (spent.get(project.organiserCode) ?? 0) + amount);
  }
  const counties = [...unitsOf(records).values()].filter(({ tier }) => tier === 'COUNTY');
  return counties
    .map(({ code, name }) => {
      const payroll = bases.get(code)?.payroll ?? null;
      const required = payroll === null ? null : Math.floor((payroll * 250 + 5_000) / 10_000);
      const budgeted = budgets.get(code)?.amount ?? 0;
      const paid = spent.get(code) ?? 0;
      return {
        code,
        name,
        payroll: payroll === null ? null : decimal(payroll),
        required: required === null ? null : decimal(required),
        notBudgeted: required === null ? null : decimal(Math.max(0, required - budgeted)),
        budgeted: decimal(budgeted),
        spent: decimal(paid),
        notSpent: decimal(Math.max(0, budgeted - paid)),
      };
    })
    .sort((a, b) => (a.code < b.code ? -1 : 1));
}
