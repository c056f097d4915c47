import type { DataSource } from 'typeorm';
import { systemEnvironment } from '@yanxiu/messaging/environment';
import { asSystem } from '@yanxiu/subgraph/scoped-database';
import { sealAll } from '../../services/hours/src/report/seal.js';
import { spread } from '../figures.js';
import { NOW } from './posting.js';
import { report } from './questions.js';

/** Makes the cells of all reports up to the day before the run, as the service does at night. */
export async function keepReports(app: DataSource, teachers: number): Promise<string[]> {
  const started = performance.now();
  await sealAll(asSystem(app), { ...systemEnvironment(), now: () => NOW });
  const seconds = (performance.now() - started) / 1_000;
  const rows: { count: number }[] = await asSystem(app).query(
    'SELECT count(*)::int AS count FROM report_cell',
  );
  return [
    `cells of all reports made (${rows[0]?.count} cells)`,
    `**${Math.round(teachers / seconds)}** teachers/s, ${seconds.toFixed(0)} s`,
    '–',
  ];
}

/** The province's report and one aggregate over verdict rows by turns, which count the same. */
export async function reportRounds(
  app: DataSource,
  bare: DataSource,
  of: 'past' | 'present',
  rounds: number,
): Promise<string[][]> {
  const [own, sql]: [number[], number[]] = [[], []];
  for (let round = -1; round < rounds; round += 1) {
    const { service, sql: bySql } = await report(app, bare, of);
    if (round < 0) continue;
    own.push(service);
    sql.push(bySql);
  }
  const what = of === 'past' ? 'as of then' : 'as of today, after the postings of today';
  return [
    [`the province's report ${what}`, `${spread(own, 0)} ms`, '–'],
    ['one SQL aggregate over verdict rows', `${spread(sql, 0)} ms`, '–'],
    ['ratio of the two', spread(own.map((ms, i) => ms / (sql[i] ?? Number.NaN))), '2'],
  ];
}
