import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { GraphQLSchema } from 'graphql';
import type { DataClass } from '@yanxiu/subgraph/access';
import { startSeeded } from '@yanxiu/testkit/seeded';
import type { System } from '@yanxiu/testkit/system';
import { nameFinanceOfficer, subjectOf } from './access/assignments.js';
import { classesOfFields } from './access/classes.js';
import { EXPECTED, type Meets, type Persona } from './access/expected.js';
import { factsOf, type Facts } from './access/facts.js';
import { schemaOf, Walker, type Literals, type Outcome } from './access/walker.js';

const OWN_CITY = '140400';

const personas = Object.keys(EXPECTED) as Persona[];
/** These speak of the asker, whatever they are asked with. */
const HERS = ['Query.me', 'Query.myAssignments'];

let system: System;
let schema: GraphQLSchema;
let own: Facts;
let foreign: Facts;
const classes = classesOfFields();

beforeAll(async () => {
  system = await startSeeded({ today: '2026-09-10' });
  schema = await schemaOf(system);
  const found = await factsOf(system, OWN_CITY);
  if (!found) throw new Error(`no finished project of ${OWN_CITY}`);
  own = found;
  for (const city of ['140100', '140200', '140300', '140500', '140600', '140700', '140800']) {
    const other = await factsOf(system, city, own.institutionCode);
    if (other) foreign = other;
    if (other) break;
  }
  for (const persona of personas) {
    const token = await tokenOf(persona);
    if (!token) continue;
    await nameFinanceOfficer(system, subjectOf(token), unitOf[persona]?.(own) ?? own.city);
  }
  await nameFinanceOfficer(system, 'another', foreign.city);
});
afterAll(() => system?.stop());

/** The unit that a persona acts for. */
const unitOf: Partial<Record<Persona, (facts: Facts) => string>> = {
  'city-officer': ({ city }) => city,
  'county-officer': ({ county }) => county,
  'school-coordinator': ({ school }) => school,
  'finance-officer': ({ city }) => city,
  auditor: ({ city }) => city,
  analyst: ({ city }) => city,
};

async function tokenOf(persona: Persona): Promise<string | undefined> {
  if (persona === 'anyone') return undefined;
  if (persona === 'teacher')
    return system.token(persona, { org: own.school, teacher: own.teacher });
  if (persona === 'institution-staff') return system.token(persona, { org: own.institutionCode });
  const org = unitOf[persona]?.(own);
  return system.token(persona, org === undefined ? {} : { org });
}

/** What root fields are asked with. */
function literals(facts: Facts, unit: string): Literals {
  const text = (value: string) => JSON.stringify(value);
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
    key: text('hours.basic.annual'),
    date: text('2026-09-10'),
    olderThanDays: '0',
    'Query.teacher.id': text(facts.teacher),
    'Query.teachers.under': text(unit),
    'Query.trainingProjects.under': text(unit),
    'Query.waitingProjects.under': text(unit),
    'Query.annualPlans.under': text(unit),
    'Query.orgUnitsWithoutPlan.under': text(unit),
    'Query.fundingShortfalls.under': text(unit),
    'Query.payments.unit': text(unit),
    'Query.trainingClass.id': text(facts.class),
    'Query.enrolment.id': text(facts.enrolment),
    'Query.trainingInstitution.id': text(facts.institution),
    'Query.hourEntry.id': text(facts.entry),
    'Query.recognitionDecision.id': text(facts.decision),
    'Query.budget.id': text(facts.budget),
    'ServiceEvents.deadLetter.id': text(facts.project),
  };
}

const STRENGTH: readonly Meets[] = ['NOTHING', 'OWN', 'ALL'];

/** What a persona may expect of a field: the least of what its classes give her. */
function expectation(persona: Persona, name: string): Meets {
  const asked = classes.get(name) ?? [];
  const meets = asked.map((data: DataClass) => STRENGTH.indexOf(EXPECTED[persona][data]));
  return STRENGTH[Math.min(...meets)] ?? 'NOTHING';
}

const walk = async (persona: Persona, given: Literals, enter = (_: string): boolean => true) =>
  new Walker(system, schema, await tokenOf(persona), given, enter).walk();

const shown = (outcomes: Map<string, Outcome>): string[] =>
  [...outcomes].flatMap(([name, outcome]) => (outcome === 'SHOWN' ? [name] : []));

const reached = new Set<string>();
let checked = 0;

describe.each(personas)('%s', (persona) => {
  it('sees of her own what the table gives her, and nothing of the other classes', async () => {
    const outcomes = await walk(persona, literals(own, unitOf[persona]?.(own) ?? own.city));
    const seen = shown(outcomes);
    seen.forEach((name) => reached.add(name));
    checked += outcomes.size;
    expect(seen.filter((name) => expectation(persona, name) === 'NOTHING')).toEqual([]);
    const classesSeen = new Set(seen.flatMap((name) => classes.get(name) ?? []));
    const given = Object.entries(EXPECTED[persona]).filter(([, meets]) => meets !== 'NOTHING');
    expect([...classesSeen].sort()).toEqual(given.map(([data]) => data).sort());
    const refused = [...outcomes].filter(([, outcome]) => outcome.startsWith('REFUSED'));
    const wrongly = refused.filter(
      ([name]) => expectation(persona, name) !== 'NOTHING' && !name.startsWith('Query.'),
    );
    expect(wrongly).toEqual([]);
  });

  it('sees nothing of another city but what is open to all', async () => {
    if (['province-officer', 'evaluator'].includes(persona)) return;
    const start = literals(foreign, foreign.city);
    // Through what is public one may come home again: it is looked at, not walked into.
    const enter = (name: string) => {
      const target = expectation(persona, name);
      return !HERS.includes(name) && (target !== 'ALL' || name.startsWith('Query.'));
    };
    const seen = shown(await walk(persona, start, enter));
    const wrongly = seen.filter((name) => expectation(persona, name) !== 'ALL');
    expect(wrongly.filter((name) => !HERS.includes(name))).toEqual([]);
  });
});

describe('the walks together', () => {
  it('have come to every field that anyone may see', () => {
    process.stdout.write(
      `${checked} answers: ${reached.size} fields × ${personas.length} personas\n`,
    );
    const missed = [...classes.keys()].filter((name) => !reached.has(name));
    expect(missed).toEqual([]);
  });
});
