import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { GraphQLSchema } from 'graphql';
import type { DataClass } from '@yanxiu/subgraph/access';
import { RESERVED_AREA } from '@yanxiu/generator/id-number';
import { startSeeded } from '@yanxiu/testkit/seeded';
import type { System } from '@yanxiu/testkit/system';
import { classesByHand } from './access/classes.js';
import { EXPECTED, type Meets, type Persona } from './access/expected.js';
import type { Facts } from './access/facts.js';
import { prepare } from './access/prepare.js';
import {
  literals,
  stageOf,
  strangerOf,
  takeRowFenceAway,
  tokenOf,
  unitOf,
  type Stage,
} from './access/stage.js';
import { WITHOUT_VALUE } from './access/without-value.js';
import { schemaOf, Walker, type Literals, type Outcome } from './access/walker.js';

const personas = Object.keys(EXPECTED) as Persona[];
/** Walks at a time. */
const WALKERS = 4;

/** Root fields that answer with what is the asker's own, and can be asked for nothing else. */
const HERS = [
  ...[
    'me',
    'myAssignments',
    'myHours',
    'projectEvaluations',
    'institutionRatings',
    'policyDrafts',
    'policyRecomputations',
    'simulationRuns',
  ],
  ...['personnel', 'training', 'hours', 'funding', 'evaluation'].map((s) => `${s}MyDataAccesses`),
].map((name) => `Query.${name}`);
/** These list what a party takes part in, wherever it is. */
const PARTY: Partial<Record<Persona, readonly string[]>> = {
  'institution-staff': ['trainingInstitutions', 'trainingProjects', 'waitingProjects'],
  evaluator: ['trainingProjects', 'waitingProjects'],
};
/** An id alone, of what is not shown: a rating says by which project it came about. */
const BY_ID_ALONE = ['InstitutionRating.project'];
/** A school's own projects are not evaluated (A28): there is nothing of the class to see. */
const NONE_THERE: Partial<Record<Persona, readonly DataClass[]>> = {
  'school-coordinator': ['EVALUATION'],
};
/** Through these one may come home from another's object: looked at, not walked into. */
const HOME = ['OrgUnit', 'OrgUnitConnection', 'GoverningUnit', 'TrainingInstitution'];
/** A person's copy of her data, for herself. */
const COPY = 'personnelPersonalData';

let system: System;
let schema: GraphQLSchema;
let stage: Stage;
let classes: Map<string, readonly DataClass[]>;

/** What came of one walk. */
interface Walked {
  outcomes: Map<string, Outcome>;
  /** Names that were shown in full. */
  fullNames: string[];
  /** Ids of what is another's, and ID numbers, with the question that brought them. */
  leaks: string[];
}

const walks = new Map<string, Walked>();

beforeAll(async () => {
  system = await startSeeded({ today: '2026-09-10' });
  schema = await schemaOf(system);
  classes = classesByHand(schema);
  stage = await stageOf(system);
  await prepare(system, stage);
  const begun = performance.now();
  // A teacher sees who has looked at her, the latest first: before all others do.
  const [first, ...others] = [
    'teacher' as const,
    ...personas.filter((p) => p !== 'teacher'),
  ].flatMap((persona) => walksOf(persona));
  await first?.();
  await together(others);
  await takeRowFenceAway(system);
  await together(
    personas.flatMap((persona) => walksOf(persona, ' without the row fence').slice(1)),
  );
  process.stdout.write(`walked in ${((performance.now() - begun) / 1000).toFixed(0)} s\n`);
});
afterAll(() => system?.stop());

async function together(pending: (() => Promise<void>)[]): Promise<void> {
  await Promise.all(
    Array.from({ length: WALKERS }, async () => {
      for (let next = pending.shift(); next; next = pending.shift()) await next();
    }),
  );
}

/** The walks of a persona: over what is her own, and over what is another's. */
function walksOf(persona: Persona, how = ''): (() => Promise<void>)[] {
  const { own, sibling, foreign } = stage;
  const unit = unitOf(persona, own);
  const walk = async (name: string, asked: Literals, hers: boolean, token?: string) => {
    const given = token ?? (await tokenOf(system, persona, own));
    walks.set(`${persona} ${name}${how}`, await walked(persona, given, asked, hers));
  };
  const list = [() => walk('own', literals(own, unit, stage.deadLetter), true)];
  if (persona === 'province-officer') return list;
  if (persona === 'evaluator') {
    const stranger = async () =>
      walk('foreign', literals(own, unit), false, await strangerOf(system));
    return [...list, stranger];
  }
  list.push(() => walk('foreign', literals(foreign, foreign.city), false));
  // Down to the county: what is the city's, and the neighbour's, is none of its business.
  if (['county-officer', 'school-coordinator', 'teacher'].includes(persona)) {
    const next = { ...sibling, project: foreign.project, class: foreign.class };
    const other = persona === 'county-officer' ? sibling.county : sibling.school;
    list.push(() => walk('sibling', literals(next, other), false));
  }
  return list;
}

async function walked(
  persona: Persona,
  token: string | undefined,
  asked: Literals,
  hers: boolean,
): Promise<Walked> {
  const fullNames: string[] = [];
  const leaks: string[] = [];
  const others = forbiddenTo(persona);
  const walker = new Walker(system, schema, token, asked, {
    settled: (name, outcome) =>
      outcome === 'SHOWN' || (outcome !== 'EMPTY' && expectation(persona, name) === 'NOTHING'),
    ask: (name) => hers || !answersAnyway(persona, name),
    enter: (name, target) => hers || name.startsWith('Query.') || !HOME.includes(target),
    shown: (name, values) => {
      if (!classes.get(name)?.includes('NAME')) return;
      fullNames.push(...values.map(String).filter((value) => !/^.\*$/u.test(value)));
    },
    answered: (text, query) => {
      const own = persona === 'teacher' && query.includes(COPY);
      if (ID_NUMBER.test(text) && !own) leaks.push(`ID number: ${query}`);
      leaks.push(
        ...others
          .filter((id) => text.includes(id) && !query.includes(id))
          .map((id) => `${id}: ${query}`),
      );
    },
  });
  return { outcomes: await walker.walk(), fullNames, leaks };
}

/** Whether a root field answers with her own whatever it is asked with. */
const answersAnyway = (persona: Persona, name: string): boolean =>
  HERS.includes(name) || (PARTY[persona]?.some((each) => name === `Query.${each}`) ?? false);

const ID_NUMBER = new RegExp(`${RESERVED_AREA}\\d{11}[\\dX]`);

/** Ids that no answer to a persona may hold, whatever she asks for. */
function forbiddenTo(persona: Persona): string[] {
  if (persona === 'province-officer') return [];
  const { foreign, sibling } = stage;
  const person = ({ teacher, enrolment, decision, entry, ...made }: Facts) => [
    ...[teacher, enrolment, decision, entry, made.claim ?? '', made.leave ?? ''],
  ];
  const ofCity = [foreign.draft, foreign.simulation].filter((id) => id !== undefined);
  const ids = [...person(foreign), foreign.budget, ...ofCity];
  if (['county-officer', 'school-coordinator', 'teacher'].includes(persona)) {
    ids.push(...person(sibling), sibling.budget);
  }
  return EXPECTED[persona].PROJECT === 'ALL' || persona === 'evaluator'
    ? ids
    : [...ids, foreign.project, foreign.class];
}

const STRENGTH: readonly Meets[] = ['NOTHING', 'MASKED', 'OWN', 'ALL'];

/** What a persona may expect of a field: the least of what its classes give her. */
function expectation(persona: Persona, name: string): Meets {
  const asked = classes.get(name) ?? [];
  const meets = asked.map((data: DataClass) => STRENGTH.indexOf(EXPECTED[persona][data]));
  return STRENGTH[Math.min(...meets)] ?? 'NOTHING';
}

const shown = (outcomes: Map<string, Outcome>): string[] =>
  [...outcomes].flatMap(([name, outcome]) => (outcome === 'SHOWN' ? [name] : []));

const walkOf = (persona: Persona, name: string): Walked => {
  const found = walks.get(`${persona} ${name}`);
  if (!found) throw new Error(`${persona} has not walked ${name}`);
  return found;
};

describe.each(personas)('%s', (persona) => {
  it('is shown nothing of the classes that the table does not give her', () => {
    const seen = shown(walkOf(persona, 'own').outcomes);
    expect(seen.filter((name) => expectation(persona, name) === 'NOTHING')).toEqual([]);
  });

  it('is shown something of each class that the table gives her, and refused none of it', () => {
    const { outcomes } = walkOf(persona, 'own');
    const classesSeen = new Set(shown(outcomes).flatMap((name) => classes.get(name) ?? []));
    const given = Object.entries(EXPECTED[persona])
      .filter(([, meets]) => meets !== 'NOTHING')
      .map(([data]) => data as DataClass);
    const there = given.filter((data) => !NONE_THERE[persona]?.includes(data));
    expect([...classesSeen].sort()).toEqual(there.sort());
    const refused = [...outcomes].filter(
      ([name, outcome]) =>
        outcome.startsWith('REFUSED') &&
        expectation(persona, name) !== 'NOTHING' &&
        !name.startsWith('Query.'),
    );
    expect(refused).toEqual([]);
  });

  it('is shown nothing of another’s but what is open to all', () => {
    for (const [key, { outcomes }] of walks) {
      if (!key.startsWith(`${persona} `) || key.endsWith(' own')) continue;
      const wrongly = shown(outcomes).filter(
        (name) => expectation(persona, name) !== 'ALL' && !BY_ID_ALONE.includes(name),
      );
      expect([key, wrongly]).toEqual([key, []]);
    }
  });

  it('meets no id of another’s, no ID number, and names in full only where they are hers', () => {
    for (const [key, { leaks, fullNames }] of walks) {
      if (!key.startsWith(`${persona} `)) continue;
      expect([key, leaks.slice(0, 5)]).toEqual([key, []]);
      if (EXPECTED[persona].NAME !== 'OWN') expect([key, fullNames]).toEqual([key, []]);
      else if (key.endsWith(' own')) expect(fullNames.length).toBeGreaterThan(0);
    }
  });
});

describe('the walks together', () => {
  it('have come to every field that anyone may see', () => {
    const reached = new Set([...walks.values()].flatMap(({ outcomes }) => shown(outcomes)));
    const fields = [...classes.keys()];
    const asked = [...walks.values()].reduce((sum, { outcomes }) => sum + outcomes.size, 0);
    process.stdout.write(
      `${fields.length} fields × ${personas.length} personas = ` +
        `${fields.length * personas.length} checked, in ${walks.size} walks with ${asked} outcomes\n`,
    );
    const missed = fields.filter((name) => !reached.has(name));
    expect(missed.filter((name) => !WITHOUT_VALUE.includes(name))).toEqual([]);
    // What has come to have one stays so: it is taken off the list.
    expect(WITHOUT_VALUE.filter((name) => reached.has(name))).toEqual([]);
  });
});
