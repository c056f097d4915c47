import assert from 'node:assert/strict';
import type { DataSource } from 'typeorm';
import type { Actor } from '@yanxiu/subgraph/actor';
import { localDate, localYear } from '@yanxiu/subgraph/calendar';
import { asSystem, scopedTo } from '@yanxiu/subgraph/scoped-database';
import { ask as askHours } from '../ask.js';
import { quantile } from '../figures.js';
import { NOW } from './posting.js';
import { PROVINCE, teacherId } from './rows.js';

const analyst: Actor = { subject: 'analyst', role: 'ANALYST', unit: PROVINCE };
const herself = (id: string): Actor => ({
  ...{ subject: 'teacher', role: 'TEACHER', unit: PROVINCE, teacher: id },
});

const YEAR = 2024;
const SUMMARY = `{ complianceSummary(under: "${PROVINCE}", tier: COUNTY, year: ${YEAR}, first: 200) {
  nodes { unit { code } counts { value teachers met short notRegulated exempt total } } } }`;
const STATEMENT = `query ($id: ID!) { explainVerdict(teacherId: $id, year: ${YEAR}) { text
  monthsInService hours { total required verdict basis { key article } }
  entries { text entry { id hours } steps { step text minutesBefore minutesAfter } } } }`;

const OF_TEACHER = `query ($r: [_Any!]!) { _entities(representations: $r) { ... on Teacher {
  hours(year: ${YEAR}) { total required verdict } } } }`;
const OF_TEACHER_AS_OF = `query ($r: [_Any!]!) { _entities(representations: $r) { ... on Teacher {
  hoursAsOf(year: ${YEAR}, validAt: "${YEAR}-12-31", knownAt: "${YEAR + 1}-01-15") {
    total required verdict } } } }`;
const REPORT = `query ($year: Int!, $asOf: Date!, $knownAt: Date!) {
  hoursReport(unit: "${PROVINCE}", year: $year, asOf: $asOf, knownAt: $knownAt) {
    teachers met short notRegulated exempt total } }`;
/** A year that is over, as known soon after. */
const PAST = { year: YEAR, asOf: `${YEAR}-12-31`, knownAt: `${YEAR + 1}-01-15` };
const TODAY = localDate(NOW);
/** Today, with all that was recorded today. */
const PRESENT = { year: localYear(NOW), asOf: TODAY, knownAt: TODAY };

/** What hours answers an actor within her scope. */
const ask = (
  db: DataSource,
  actor: Actor,
  source: string,
  variables: Record<string, unknown> = {},
): Promise<Record<string, unknown>> =>
  askHours({ db: scopedTo(db, actor), actor, now: NOW, source, variables }) as Promise<
    Record<string, unknown>
  >;

interface Cell {
  county: string;
  sector: string;
  verdict: string;
  teachers: number;
  hours: string;
}

/** One aggregate over the rows of verdicts: what a report without kept counts asks. */
const aggregate = (year: number): string => `
  SELECT s.parent_code AS county, y.sector, y.verdict, count(*)::int AS teachers,
    sum(y.centihours)::float8 AS centihours
  FROM yearly_compliance y JOIN org_unit s ON s.code = y.unit_code
  WHERE y.year = ${year} GROUP BY 1, 2, 3`;

const VERDICTS = ['met', 'short', 'notRegulated', 'exempt'] as const;

/** Counts of both, brought to one form: teachers by county, sector and verdict. */
function cellsOfSummary(answer: Record<string, unknown>): string[] {
  const { nodes } = answer['complianceSummary'] as {
    nodes: { unit: { code: string }; counts: (Record<string, number> & { value: string })[] }[];
  };
  return nodes
    .flatMap(({ unit, counts }) =>
      counts.flatMap((count) =>
        VERDICTS.filter((verdict) => count[verdict]).map(
          (verdict) =>
            `${unit.code} ${count.value} ${verdict.replace(/[A-Z]/g, '_$&').toUpperCase()} ${count[verdict]}`,
        ),
      ),
    )
    .sort();
}

const cellsOfRows = (rows: readonly Cell[]): string[] =>
  rows
    .map(({ county, sector, verdict, teachers }) => `${county} ${sector} ${verdict} ${teachers}`)
    .sort();

const timed = async <T>(work: () => Promise<T>): Promise<[T, number]> => {
  const started = performance.now();
  const answer = await work();
  return [answer, performance.now() - started];
};

export interface Beside {
  service: number;
  sql: number;
}

/** Percentiles in ms of the province's verdicts by county and sector, both ways by turns. */
export async function summaries(
  db: DataSource,
  bare: DataSource,
  { service: many, sql: few }: Beside,
): Promise<{ p50: Beside; p95: Beside }> {
  const times: Record<keyof Beside, number[]> = { service: [], sql: [] };
  for (let turn = 0; turn < many; turn += 1) {
    const [answer, took] = await timed(() => ask(db, analyst, SUMMARY));
    times.service.push(took);
    if (turn % Math.ceil(many / few)) continue;
    const [rows, tookSql] = await timed(() => bare.query<Cell[]>(aggregate(YEAR)));
    times.sql.push(tookSql);
    assert.deepEqual(cellsOfSummary(answer), cellsOfRows(rows), 'the two count differently');
  }
  const of = (share: number) => ({
    service: quantile(times.service, share),
    sql: quantile(times.sql, share),
  });
  return { p50: of(0.5), p95: of(0.95) };
}

/** 95th percentile in ms of a statement that does nothing, sent as all others are. */
export async function nothing(db: DataSource, count: number): Promise<number> {
  const times: number[] = [];
  for (let turn = 0; turn < count; turn += 1) {
    const [, took] = await timed(() => asSystem(db).query('SELECT 1'));
    times.push(took);
  }
  return quantile(times, 0.95);
}

/** 95th percentile in ms of a year's verdict with every entry and step explained. */
export async function statements(
  db: DataSource,
  among: number,
  count: number,
): Promise<{ p50: number; p95: number }> {
  const times: number[] = [];
  for (let turn = 0; turn < count; turn += 1) {
    const id = teacherId((turn * 15_485_863 + 11) % among);
    const [, took] = await timed(() => ask(db, herself(id), STATEMENT, { id }));
    times.push(took);
  }
  return { p50: quantile(times, 0.5), p95: quantile(times, 0.95) };
}

/** Medians in ms of a teacher's year as of then and as of now, which are the same here. */
export async function teacherAsOf(
  db: DataSource,
  among: number,
  count: number,
): Promise<{ asOf: number; now: number }> {
  const [asOf, now]: [number[], number[]] = [[], []];
  for (let turn = 0; turn < count; turn += 1) {
    const id = teacherId((turn * 15_485_863 + 17) % among);
    const variables = { r: [{ __typename: 'Teacher', id }] };
    const [then, tookThen] = await timed(() => ask(db, herself(id), OF_TEACHER_AS_OF, variables));
    const [today, took] = await timed(() => ask(db, herself(id), OF_TEACHER, variables));
    const first = (answer: Record<string, unknown>, field: string) =>
      (answer['_entities'] as Record<string, unknown>[])[0]?.[field];
    assert.deepEqual(first(then, 'hoursAsOf'), first(today, 'hours'), 'nothing was back-dated');
    asOf.push(tookThen);
    now.push(took);
  }
  return { asOf: quantile(asOf, 0.5), now: quantile(now, 0.5) };
}

/** Milliseconds of the province's report, and of one aggregate over kept verdicts. */
export async function report(
  db: DataSource,
  bare: DataSource,
  of: 'past' | 'present',
): Promise<Beside> {
  const times = of === 'past' ? PAST : PRESENT;
  const [answer, took] = await timed(() => ask(db, analyst, REPORT, times));
  const [rows, tookSql] = await timed(() => bare.query<Cell[]>(aggregate(times.year)));
  const counted = answer['hoursReport'] as Record<string, number>;
  const sum = (verdict: string) =>
    rows
      .filter((row) => row.verdict === verdict)
      .reduce((total, { teachers }) => total + teachers, 0);
  const kept = { met: sum('MET'), short: sum('SHORT'), notRegulated: sum('NOT_REGULATED') };
  const { met, short, notRegulated } = counted;
  assert.deepEqual({ met, short, notRegulated }, kept, 'report and kept verdicts differ');
  // Of the year that has begun few have met all that it asks.
  assert.ok(kept.short > 0 && (of === 'present' || kept.met > 0));
  return { service: took, sql: tookSql };
}
