import assert from 'node:assert/strict';
import { answered, hidden, type Attack } from './attack.js';
import type { Field, Sending } from './field.js';

const YEAR = new Date().getFullYear();

/** Questions about a unit, a teacher or a project, each with what it asks for. */
const QUESTIONS: readonly (readonly [string, 'unit' | 'teacher' | 'project'])[] = [
  ['query($x: ID!) { teacher(id: $x) { id name idNumberMasked unit { code } } }', 'teacher'],
  [`query($x: ID!) { teacher(id: $x) { id hours(year: ${YEAR}) { total } } }`, 'teacher'],
  ['query($x: ID!) { trainingProject(id: $x) { id budget status } }', 'project'],
  ['query($x: ID!) { trainingProject(id: $x) { id enrolments { nodes { id } } } }', 'project'],
  [
    `query($x: ID!) { compliances(under: $x, year: ${YEAR}) { nodes { hours { total } } } }`,
    'unit',
  ],
  [
    `query($x: ID!) { complianceSummary(under: $x, tier: SCHOOL, year: ${YEAR}) {
      nodes { unit { code } } } }`,
    'unit',
  ],
  [`query($x: ID!) { notOnTarget(under: $x, year: ${YEAR}) { nodes { teacher { id } } } }`, 'unit'],
  [
    'query($x: ID!) { dueTraining(under: $x, kind: INDUCTION) { nodes { teacher { id } } } }',
    'unit',
  ],
  [`query($x: ID!) { hoursReport(unit: $x, year: ${YEAR}) { teachers } }`, 'unit'],
  [`query($x: ID!) { journal(unit: $x, fiscalYear: ${YEAR}) { nodes { id } } }`, 'unit'],
  ['query($x: ID!) { teachers(under: $x) { nodes { id name } } }', 'unit'],
  ['query($x: ID!) { trainingProjects(under: $x) { nodes { id } } }', 'unit'],
  [
    `query($x: ID!) { fundingShortfalls(fiscalYear: ${YEAR}, under: $x) { nodes { spent } } }`,
    'unit',
  ],
  [
    `query($x: ID!) { orgUnitsWithoutPlan(year: ${YEAR}, under: $x) { nodes { planFiled } } }`,
    'unit',
  ],
];

const valueFor = ({ places }: Field, what: 'unit' | 'teacher' | 'project', index: 0 | 1): string =>
  ({ unit: places.counties, teacher: places.teachers, project: places.projects })[what][index];

/** Nothing of the other county stands in an answer. */
function tellsNothing(text: string, field: Field): void {
  const { teachers, projects } = field.places;
  for (const other of [teachers[1], projects[1]]) {
    assert.ok(!text.includes(other), `the answer has ${other}: ${text.slice(0, 300)}`);
  }
}

const byId: Attack = {
  name: 'objects of another county by id or code',
  async run(field) {
    for (const [query, what] of QUESTIONS) {
      const x = valueFor(field, what, 1);
      for (const by of [field.county(0), field.teacher(0), {}]) {
        hidden(await field.ask(query, { ...by, variables: { x } }));
      }
      answered(await field.ask(query, { ...field.county(1), variables: { x } }));
    }
  },
};

const MONEY = `fundingBase(fiscalYear: ${YEAR}) { payroll } budget(fiscalYear: ${YEAR}) { approved }`;

const byPath: Attack = {
  name: 'objects of another county by a path from one’s own',
  async run(field) {
    const { counties, city } = field.places;
    await field.act(
      'declareFundingBase',
      'DeclareFundingBaseInput',
      { unit: counties[1], fiscalYear: YEAR, payroll: '4242424.00', source: 'attack' },
      'fundingBase { id }',
      field.county(1),
    );
    const climbing = `query($x: ID!) { orgUnit(code: $x) { parent { code ${MONEY}
      children(first: 200) { nodes { code ${MONEY} } } } } }`;
    const showing = (by: Sending) => field.ask(climbing, { ...by, variables: { x: counties[0] } });
    for (const by of [field.county(0), field.teacher(0)]) {
      assert.doesNotMatch((await showing(by)).text, /4242424/);
    }
    const asCity = await showing({ persona: 'city-officer', options: { org: city } });
    assert.match(JSON.stringify(answered(asCity)), /4242424/);
    const down = `query($x: ID!) { trainingProject(id: $x) { organiser { parent {
      children(first: 200) { nodes { ${MONEY} children(first: 50) { nodes { code } } } } } }
      deliverers { id projects: id } } }`;
    const got = await field.ask(down, {
      ...field.county(0),
      variables: { x: field.places.projects[0] },
    });
    assert.doesNotMatch(got.text, /4242424/);
  },
};

const bySort: Attack = {
  name: 'what a list, a count or a cursor tells of another county',
  async run(field) {
    const { counties, city } = field.places;
    const lists = [
      'query($u: ID) { teachers(under: $u, first: 200) { nodes { id name } pageInfo { endCursor } } }',
      'query($u: ID) { trainingProjects(under: $u, first: 200) { nodes { id name } } }',
      `query($u: ID) { payments(unit: $u, fiscalYear: ${YEAR}, first: 200) { nodes { id } } }`,
    ];
    for (const query of lists) {
      for (const u of [null, city, '140000', counties[1], field.places.schools[1]]) {
        const got = await field.ask(query, { ...field.county(0), variables: { u } });
        tellsNothing(got.text, field);
      }
      answered(await field.ask(query, { ...field.county(0), variables: { u: counties[0] } }));
    }
    const foreign = await field.ask(
      'query($u: ID) { teachers(under: $u, first: 1) { pageInfo { endCursor } } }',
      { ...field.county(1), variables: { u: counties[1] } },
    );
    const { teachers } = answered(foreign) as { teachers: { pageInfo: { endCursor: string } } };
    const after = teachers.pageInfo.endCursor;
    const resumed = await field.ask(
      'query($after: String) { teachers(first: 200, after: $after) { nodes { id } } }',
      { ...field.county(0), variables: { after } },
    );
    tellsNothing(resumed.text, field);
  },
};

export const objects: readonly Attack[] = [byId, byPath, bySort];
