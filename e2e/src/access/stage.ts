import pg from 'pg';
import { mintToken, personaClaims } from '@yanxiu/subgraph/local-issuer';
import type { System } from '@yanxiu/testkit/system';
import type { Persona } from './expected.js';
import { factsOf, type Facts } from './facts.js';
import type { Literals } from './walker.js';

const SERVICES = ['personnel', 'training', 'hours', 'funding', 'evaluation'] as const;
const OWN_CITY = '140400';
const OTHER_CITIES = ['140100', '140200', '140300', '140500', '140600', '140700', '140800'];

/** What a persona is asked about, and what is none of her business. */
export interface Stage {
  own: Facts;
  /** The same project's participant from another county of the city. */
  sibling: Facts;
  /** A project of another city, by another institution. */
  foreign: Facts;
  /** A dead letter of funding; made for the walk. */
  deadLetter?: string;
}

export async function stageOf(system: System): Promise<Stage> {
  const here = await factsOf(system, OWN_CITY);
  const own = here.find(({ project, county }) =>
    here.some((other) => other.project === project && other.county !== county),
  );
  if (!own) throw new Error(`no finished project of ${OWN_CITY} with teachers of two counties`);
  const sibling = here.find(
    ({ project, county }) => project === own.project && county !== own.county,
  );
  for (const city of OTHER_CITIES) {
    const facts = await factsOf(system, city);
    const foreign = facts.find(({ institution }) => institution !== own.institution);
    if (sibling && foreign) return { own, sibling, foreign };
  }
  throw new Error('no finished project of another city by another institution');
}

/** The unit that a persona acts for, where it is not the one that she is made with. */
const UNIT: Partial<Record<Persona, keyof Facts>> = {
  'city-officer': 'city',
  'county-officer': 'county',
  'school-coordinator': 'school',
  teacher: 'school',
  'finance-officer': 'city',
  auditor: 'city',
  analyst: 'city',
};

export const unitOf = (persona: Persona, facts: Facts): string =>
  String(facts[UNIT[persona] ?? 'city']);

/** A token of the persona; nobody's has none. */
export async function tokenOf(
  system: System,
  persona: Persona,
  facts: Facts,
): Promise<string | undefined> {
  if (persona === 'anyone') return undefined;
  const org = UNIT[persona] && unitOf(persona, facts);
  if (persona === 'teacher') return system.token(persona, { org, teacher: facts.teacher });
  if (persona === 'institution-staff') return system.token(persona, { org: facts.institutionCode });
  return system.token(persona, org === undefined ? {} : { org });
}

/**
 * Takes row-level security away, so that the queries' own filters stand alone: what a walk meets
 * now, only the second fence had kept from it.
 */
export async function takeRowFenceAway(system: System): Promise<void> {
  for (const service of SERVICES) {
    const client = new pg.Client({ connectionString: await system.databaseUrl(service) });
    await client.connect();
    try {
      const { rows } = await client.query<{ name: string }>(
        `SELECT oid::regclass::text AS name FROM pg_class
         WHERE relnamespace = 'public'::regnamespace AND relrowsecurity`,
      );
      if (rows.length === 0) throw new Error(`${service} has no row-level security`);
      for (const { name } of rows) {
        await client.query(`ALTER TABLE ${name} DISABLE ROW LEVEL SECURITY`);
      }
    } finally {
      await client.end();
    }
  }
}

/** An evaluator of an agency that has assessed nothing. */
export async function strangerOf(system: System): Promise<string> {
  const claims = await personaClaims(system.dataDir, 'evaluator');
  return mintToken(system.dataDir, { ...claims, sub: 'stranger', institution: 'AGENCY-OTHER' });
}

const text = (value: string): string => JSON.stringify(value);

/** What root fields are asked with. */
export function literals(facts: Facts, unit: string, deadLetter = ''): Literals {
  const { project, year } = facts;
  return {
    id: text(project),
    unit: text(unit),
    unitCode: text(unit),
    code: text(unit),
    under: text(unit),
    year: String(year),
    fiscalYear: String(year),
    projectId: text(project),
    teacherId: text(facts.teacher),
    entryId: text(facts.entry),
    step: 'SCHOOL_CHECK',
    key: text('hours.basic.annual'),
    date: text('2026-09-10'),
    tier: 'SCHOOL',
    kind: 'INDUCTION',
    asOf: text('2026-09-10'),
    knownAt: text('2026-06-30'),
    scope: text(unit),
    changes: '[{ key: "hours.basic.annual", value: 8000, validFrom: "2026-01-01" }]',
    olderThanDays: '0',
    // While there is time to reach it, and what was recorded since.
    'Query.notOnTarget.year': '2026',
    'Query.hoursReportDifference.year': '2026',
    'Query.simulatePolicy.year': '2026',
    'Teacher.hoursAsOf.year': '2026',
    'Query.teacher.id': text(facts.teacher),
    'Query.teachers.under': text(unit),
    'Query.trainingProjects.under': text(unit),
    'Query.waitingProjects.under': text(unit),
    'Query.annualPlans.under': text(unit),
    'Query.orgUnitsWithoutPlan.under': text(unit),
    'Query.roleAssignments.under': text(unit),
    'Query.fundingShortfalls.under': text(unit),
    'Query.orgUnits.under': text(unit),
    'Query.payments.unit': text(unit),
    'Query.trainingClass.id': text(facts.class),
    'Query.enrolment.id': text(facts.enrolment),
    'Query.trainingInstitution.id': text(facts.institution),
    'Query.hourEntry.id': text(facts.entry),
    'Query.recognitionDecision.id': text(facts.decision),
    'Query.budget.id': text(facts.budget),
    'Query.claim.id': text(facts.claim ?? ''),
    'Query.policyDraft.id': text(facts.draft ?? ''),
    'Query.simulationRun.id': text(facts.simulation ?? ''),
    'ServiceEvents.deadLetter.id': text(deadLetter),
    ...Object.fromEntries(
      SERVICES.flatMap((service) => [
        [`Query.${service}PersonalData.teacherId`, text(facts.teacher)],
        [`Query.${service}PersonalData.purpose`, text('access walk')],
        [`Query.${service}AuditEntries.filter`, `{ under: ${text(unit)} }`],
      ]),
    ),
    'Query.personnelAuditEntries.filter': `{ under: ${text(unit)}, action: "teacher.revealIdNumber" }`,
  };
}
