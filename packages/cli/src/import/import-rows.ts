import { randomUUID } from 'node:crypto';
import { realpath, writeFile } from 'node:fs/promises';
import type { Env } from '../up-config.js';
import { connect, type ConnectOptions } from './connect.js';
import { csvLines } from './csv.js';
import type { Clock } from './gateway-client.js';
import { ImportError } from './import-error.js';
import type { Kind } from './kind.js';
import { Progress, type Screen } from './progress.js';
import { registerRoster, type Outcome } from './register.js';
import { jsonReport, problemTable, summaryLine, writeReport } from './report.js';
import { readRoster, type Roster } from './roster.js';
import { readSource, type Source } from './source.js';
import type { Lang, Text } from './text.js';

export interface ImportOptions extends ConnectOptions {
  dryRun?: boolean;
  json?: boolean;
  report?: string;
}

/** What the command speaks to; a test has its own. */
export interface Surroundings {
  env: Env;
  stdout: { write(text: string): unknown };
  stderr: Screen;
  clock: Clock;
}

export const OK = 0;
export const STOPPED = 1;
export const SOME_REJECTED = 2;

const LABELS: Readonly<Record<'reading' | 'sending', Text>> = {
  reading: { zh: '读取行数', en: 'rows read' },
  sending: { zh: '已处理行数', en: 'rows registered' },
};

/** `yanxiu import teachers FILE`, `yanxiu import claims FILE`: returns the exit code. */
export const importRows = async <F extends string, R>(
  kind: Kind<F, R>,
  file: string,
  options: ImportOptions,
  around: Surroundings,
): Promise<number> => {
  const lang = options.lang ?? 'en';
  try {
    const source = await readSource(file);
    if (options.report) await prepareReport(options.report, file);
    const roster = await read(kind, source, lang, around);
    for (const note of roster.notes) around.stderr.write(`${note[lang]}\n`);
    const outcome = await send(kind, source, roster, options, around);
    if (options.report) await writeReport(options.report, outcome.problems);
    return conclude(outcome, source, options, around);
  } catch (error) {
    if (!(error instanceof ImportError)) throw error;
    around.stderr.write(`yanxiu: ${error.in(lang)}\n`);
    return STOPPED;
  }
};

/** Finds out before anything is sent whether the report can be written. */
const prepareReport = async (report: string, file: string): Promise<void> => {
  const same = await realpath(report).catch(() => null);
  if (same === (await realpath(file))) {
    throw new ImportError('--report 不能是导入的文件。', '--report would overwrite the roster');
  }
  await writeFile(report, '', { mode: 0o600 }).catch(() => {
    throw new ImportError(`无法写入 ${report}。`, `cannot write ${report}`);
  });
};

const read = async <F extends string, R>(
  kind: Kind<F, R>,
  source: Source,
  lang: Lang,
  around: Surroundings,
): Promise<Roster<F, R>> => {
  const progress = new Progress(LABELS.reading[lang], around.stderr, around.clock.now);
  const lines =
    source.kind === 'csv'
      ? csvLines(source.bytes, source.name)
      : (await import('./xlsx.js')).xlsxLines(source.bytes);
  try {
    return await readRoster(kind, lines, (count) => progress.update(count, null));
  } finally {
    progress.stop();
  }
};

const send = async <F extends string, R>(
  kind: Kind<F, R>,
  source: Source,
  roster: Roster<F, R>,
  options: ImportOptions,
  around: Surroundings,
): Promise<Outcome> => {
  const { stderr, clock } = around;
  const lang = options.lang ?? 'en';
  const progress = new Progress(LABELS.sending[lang], stderr, clock.now);
  // Without a row to send, the faults found are told without asking who is there.
  const client = roster.rows.length > 0 ? await connect(options, around) : null;
  try {
    return await registerRoster(roster, {
      kind,
      fileHash: source.hash,
      run: randomUUID(),
      dryRun: options.dryRun ?? false,
      send: async (batch) => (await client?.register(kind.mutation, batch)) ?? [],
      onProgress: (answered, toSend) => progress.update(answered, toSend),
    });
  } finally {
    progress.stop();
    await client?.close();
  }
};

const conclude = (
  outcome: Outcome,
  source: Source,
  options: ImportOptions,
  { stdout, stderr }: Surroundings,
): number => {
  const lang = options.lang ?? 'en';
  const dryRun = options.dryRun ?? false;
  if (options.json) stdout.write(`${jsonReport(outcome, source.name, dryRun)}\n`);
  else {
    stdout.write(problemTable(outcome.problems, lang));
    stdout.write(`${summaryLine(outcome, dryRun, lang)}\n`);
  }
  if (outcome.stopped) {
    stderr.write(`yanxiu: ${stopText(outcome, outcome.stopped, lang)}\n`);
    return STOPPED;
  }
  return outcome.rejected > 0 ? SOME_REJECTED : OK;
};

const stopText = ({ answered, toSend }: Outcome, why: Error, lang: Lang): string => {
  const reason = why instanceof ImportError ? why.in(lang) : why.message;
  if (lang === 'zh') {
    return `${reason}。已停止：${toSend} 行中已处理 ${answered} 行。可以放心重新运行，不会重复登记。`;
  }
  return (
    `${reason}. Stopped after ${answered} of ${toSend} rows. ` +
    'Running it again is safe: nothing is registered twice.'
  );
};
