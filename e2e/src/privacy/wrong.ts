import type { Canaries } from './canaries.js';
import { REGISTER, YEAR } from './office.js';

/** Questions with a number where none belongs. */
export function wrongQuestions(number: (where: string) => string): [string, object?][] {
  return [
    ['query ($x: ID!) { teacher(id: $x) { id } }', { x: number('id') }],
    ['query ($x: String) { teachers(after: $x) { nodes { id } } }', { x: number('cursor') }],
    ['query ($x: ID) { teachers(under: $x) { nodes { id } } }', { x: number('unit') }],
    ['query ($x: Int) { teachers(first: $x) { nodes { id } } }', { x: number('a whole number') }],
    ['query ($x: Date) { teachers(on: $x) { nodes { id } } }', { x: number('a date') }],
    ['query ($x: Stage) { teachers(stage: $x) { nodes { id } } }', { x: number('an enum') }],
    ['query ($x: ID!) { enrolment(id: $x) { id } }', { x: number('enrolment') }],
    ['query ($x: ID!) { hourEntry(id: $x) { id } }', { x: number('entry') }],
    ['query ($x: ID!) { budget(id: $x) { id } }', { x: number('budget') }],
    ['query ($x: ID!) { projectEvaluation(projectId: $x) { id } }', { x: number('project') }],
    [`query ($x: ID!) { hoursReport(unit: $x, year: ${YEAR}) { total } }`, { x: number('report') }],
    [`{ teacher(id: "${number('a text')}") { id } }`],
    [`{ teachers(first: "${number('a literal')}") { nodes { id } } }`],
    [`{ teachers(stage: X${number('an enum literal')}) { nodes { id } } }`],
    [`{ teachers(on: "${number('a date literal')}") { nodes { id } } }`],
    [`{ teacher(id: ${number('a syntax error')}) { id } `],
    [`{ f${number('a field')} }`],
    [REGISTER, { input: { rows: [{ idNumber: number('a row'), [number('a key')]: 1 }] } }],
    [REGISTER, { input: number('an input') }],
  ];
}

/** Claims of hours with a number in each of their texts. */
export function wrongClaims(teacherId: string, canaries: Canaries): object[] {
  const number = (where: string) => canaries.idNumber(`claim: ${where}`);
  const evidence = { sha256: 'a'.repeat(64), name: '证明.pdf', size: 9 };
  const claim = {
    ...{ teacherId, source: 'DEGREE', category: 'SUBJECT', modality: 'ONLINE' },
    ...{ title: '研修', relevance: '与所教一致' },
    sessions: [{ date: '2025-10-07', startTime: '19:00', minutes: 90 }],
    evidence,
  };
  return [
    { ...claim, teacherId: number('teacher') },
    { ...claim, title: `${number('title')} 研修` },
    { ...claim, relevance: canaries.phone('claim: relevance') },
    { ...claim, category: number('category') },
    { ...claim, evidence: { ...evidence, name: `${number('evidence')}.pdf` } },
    { ...claim, evidence: { ...evidence, sha256: number('hash') } },
    { ...claim, sessions: [{ date: number('date'), minutes: 90 }] },
  ];
}
