// npm run bench:province -- [--size tenth] [--today 2026-12-31]
// The generator alone: how long it takes, what it holds, and what its figures come out as.
import '../production.js';
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import type { ParticipationCompleted } from '@yanxiu/contracts/training';
import { SECTOR_OF, type SizeName, type Stage } from '@yanxiu/generator/figures';
import { tell } from '@yanxiu/generator/plan';
import type { Step } from '@yanxiu/generator/step';
import { table } from '../figures.js';

const { values } = parseArgs({
  options: {
    size: { type: 'string', default: 'tenth' },
    seed: { type: 'string', default: '1' },
    today: { type: 'string', default: '2026-12-31' },
  },
});

/** Mean and standard deviation of what is added, without keeping it. */
class Spread {
  count = 0;
  #sum = 0;
  #squares = 0;

  add(value: number): void {
    this.count += 1;
    this.#sum += value;
    this.#squares += value * value;
  }

  toString(): string {
    const mean = this.#sum / this.count;
    const deviation = Math.sqrt(this.#squares / this.count - mean * mean);
    return `${mean.toFixed(1)} ± ${deviation.toFixed(1)}`;
  }
}

/** What a province comes out as, added up step by step. */
class Tally {
  teachers = 0;
  steps = 0;
  participations = 0;
  entries = 0;
  bytes = 0;
  readonly units = new Map<string, number>();
  readonly cities = new Map<string, number>();
  readonly projects = new Set<string>();
  readonly classes = new Map<string, string>();
  readonly levels = new Map<string, number>();
  readonly #sectors = new Map<string, string>();
  readonly #years = new Map<string, Float32Array>();

  constructor(private readonly firstYear: number) {}

  add({ command, input }: Step): void {
    this.steps += 1;
    if (command === 'orgUnit.register') more(this.units, String(input['tier']));
    else if (command === 'teacher.registerMany') this.#register(input['rows'] as Row[]);
    else if (command === 'ledger.load') {
      this.bytes += JSON.stringify(input).length;
      for (const each of input['participations'] as ParticipationCompleted[]) this.#attend(each);
    }
  }

  #register(rows: readonly Row[]): void {
    for (const { id, stage, unitCode } of rows) {
      this.teachers += 1;
      this.#sectors.set(id, SECTOR_OF[stage]);
      more(this.cities, unitCode.slice(0, 4));
    }
  }

  #attend({ teacherId, projectId, classId, level, sessions }: ParticipationCompleted): void {
    this.participations += 1;
    const known = this.classes.get(classId);
    if (known !== undefined && known !== projectId) throw new Error(`two classes ${classId}`);
    this.classes.set(classId, projectId);
    this.projects.add(projectId);
    const planned = sessions.reduce((sum, each) => sum + each.plannedMinutes, 0);
    const attended = sessions.reduce((sum, each) => sum + each.attendedMinutes, 0);
    if (attended === 0 || (planned - attended) * 5 > planned) return;
    this.entries += 1;
    more(this.levels, level, attended / 45);
    const year = Number(sessions[0]?.startsAt.slice(0, 4)) - this.firstYear;
    const hours = this.#years.get(teacherId) ?? new Float32Array(6);
    hours[year] = (hours[year] ?? 0) + attended / 45;
    this.#years.set(teacherId, hours);
  }

  /** Hours of a teacher and year in which there are any, by sector. */
  hours(): [string, Spread][] {
    const spreads = new Map<string, Spread>();
    for (const [id, years] of this.#years) {
      const sector = this.#sectors.get(id) ?? '';
      const spread = spreads.get(sector) ?? new Spread();
      spreads.set(sector, spread);
      for (const value of years) if (value > 0) spread.add(value);
    }
    return [...spreads];
  }
}

interface Row {
  id: string;
  stage: Stage;
  unitCode: string;
}

const more = (counts: Map<string, number>, key: string, by = 1): void => {
  counts.set(key, (counts.get(key) ?? 0) + by);
};

const shares = (counts: ReadonlyMap<string, number>): string => {
  const all = [...counts.values()].reduce((sum, each) => sum + each, 0);
  return [...counts].map(([key, n]) => `${key} ${((100 * n) / all).toFixed(1)}`).join(', ');
};

const { size, today } = values;
const years = 5;
const started = performance.now();
const telling = tell({ size: size as SizeName, seed: Number(values.seed), today });
const tally = new Tally(Number(today.slice(0, 4)) - years + 1);
let peak = 0;
for (const { steps, name } of telling.phases) {
  for (const step of steps) tally.add(step);
  peak = Math.max(peak, process.memoryUsage.rss());
  if (/人事/.test(name)) console.error(`${new Date().toISOString()} ${name}`);
}
const seconds = (performance.now() - started) / 1_000;
const tiers = [...tally.units].map(([tier, n]) => `${tier} ${n}`).join(', ');
const day = new Date().toISOString().slice(0, 10);
console.log(
  `${day}, Node ${process.versions.node}, ${cpus().length} cores (${cpus()[0]?.model}), ` +
    `load average ${loadavg()[0]?.toFixed(1)}\n`,
);
console.log(
  table(
    [`size ${size}, today ${today}`, ''],
    [
      ['time', `${seconds.toFixed(1)} s`],
      ['peak memory (RSS, the tally included)', `${Math.round(peak / 2 ** 20)} MiB`],
      ['units', tiers],
      ['teachers, joiners included', String(tally.teachers)],
      ['teachers by city, percent', shares(tally.cities)],
      ['commands (foreseen)', `${tally.steps} (${telling.steps})`],
      ['projects, classes', `${tally.projects.size}, ${tally.classes.size}`],
      ['participations', String(tally.participations)],
      ['entries', String(tally.entries)],
      ['hours by level, percent', shares(tally.levels)],
      ['JSON of the participations', `${Math.round(tally.bytes / 2 ** 20)} MiB`],
      ...tally
        .hours()
        .map(([sector, spread]) => [
          `hours of a teacher and year, ${sector} (${spread.count})`,
          String(spread),
        ]),
    ],
  ),
);
