#!/usr/bin/env node
import { Command, InvalidArgumentError, Option } from 'commander';
import { addEventCommands } from './events/commands.js';
import type { ExportOptions } from './export/export.js';
import type { ImportOptions } from './import/import-rows.js';
import { addKeyCommands } from './keys/commands.js';

const wholeNumber = (text: string): number => {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value)) {
    throw new InvalidArgumentError('it must be a whole number');
  }
  return value;
};

const calendarDate = (text: string): string => {
  const date = new Date(`${text}T00:00:00Z`);
  if (!/^\d{4}-\d\d-\d\d$/.test(text) || Number.isNaN(date.getTime())) {
    throw new InvalidArgumentError('it must be a date such as 2026-03-01');
  }
  return text;
};

const SIZE = 'size of the province: bare, tiny, tenth or full';

const program = new Command('yanxiu').description(
  'Yanxiu (研修): the platform for the training of the teachers of a province',
);

program
  .command('up')
  .description('start the whole platform and keep it running until Ctrl-C')
  .option('--seed', 'load a synthetic province when the data folder has none', false)
  .option('--no-seed', 'load nothing')
  .option('--size <size>', SIZE, process.env['YANXIU_SEED_SIZE'] || 'tiny')
  .option('--seed-number <n>', 'the same number gives the same province', wholeNumber, 1)
  .option('--today <date>', 'the day on which the province stands', calendarDate)
  .action(async (options: { seed: boolean; size: string; seedNumber: number; today?: string }) => {
    const { up } = await import('./up.js');
    const { size, seedNumber: seed, today } = options;
    process.exitCode = await up({ seed: options.seed ? { size, seed, today } : undefined });
  });

program
  .command('seed')
  .description('load a synthetic province, unless the data folder has one')
  .option('--size <size>', SIZE, process.env['YANXIU_SEED_SIZE'] || 'tiny')
  .option('--seed-number <n>', 'the same number gives the same province', wholeNumber, 1)
  .option('--today <date>', 'the day on which the province stands', calendarDate)
  .option(
    '--bulk',
    'enter what is over into the ledger of hours, as sizes tenth and full do',
    false,
  )
  .action(async (options: { size: string; seedNumber: number; today?: string; bulk: boolean }) => {
    const { seed } = await import('./seed-command.js');
    const { size, seedNumber, today, bulk } = options;
    process.exitCode = await seed({ size, seed: seedNumber, today, bulk });
  });

program
  .command('token')
  .description('print a token of a persona, and nothing else')
  .argument('<persona>', 'for instance county-officer')
  .option('--org <code>', 'another unit, or another institution')
  .option('--n <n>', 'another person, from 1', wholeNumber)
  .option('--ttl <seconds>', 'how long it lasts, at most 12 hours', wholeNumber)
  .option('--teacher <id>', 'a teacher by id')
  .action(
    async (
      persona: string,
      options: { org?: string; n?: number; ttl?: number; teacher?: string },
    ) => {
      const { personaToken } = await import('./token.js');
      process.stdout.write(`${await personaToken(persona, options, process.env)}\n`);
    },
  );

program
  .command('assign')
  .description(
    'give the first officer of an installation, or its operator, her role; she assigns the others',
  )
  .requiredOption('--subject <sub>', 'the account, as the OIDC issuer names it')
  .addOption(
    new Option('--role <role>', 'role').choices(['OFFICER', 'PLATFORM']).makeOptionMandatory(),
  )
  .requiredOption('--org <code>', 'code of the province')
  .action(async (options: { subject: string; role: string; org: string }) => {
    const { assign } = await import('./assign.js');
    process.stdout.write(`${await assign(options, process.env)}\n`);
  });

/** Whom a command asks, and as whom. */
const asAnOfficer = (command: Command): Command =>
  command
    .option('--url <url>', 'the gateway (default: the one that runs on the data folder)')
    .addOption(new Option('--token <token>', 'token of an officer').env('YANXIU_TOKEN'))
    .addOption(
      new Option('--persona <persona>', 'a persona of the local issuer (default: county-officer)')
        // A token speaks for one officer, a persona for another.
        .conflicts('token'),
    )
    .addOption(new Option('--org <code>', 'another unit for the persona').conflicts('token'))
    .addOption(new Option('--lang <lang>', 'language').choices(['zh', 'en']).default('en'));

const surroundings = async () => {
  const { stdout, stderr, env } = process;
  const { setTimeout: wait } = await import('node:timers/promises');
  const clock = { now: () => performance.now(), wait: (ms: number) => wait(ms) };
  return { env, stdout, stderr, clock };
};

const imports = program
  .command('import')
  .description('bring in what an office keeps in a spreadsheet');

/** A command that imports rows of one kind. */
const addImport = (name: string, description: string): Command =>
  asAnOfficer(
    imports
      .command(name)
      .description(
        `${description}; exit code 0: all are in, 2: some rows were rejected, 1: it failed. ` +
          'Importing the same file again changes nothing',
      )
      .argument('<file>', '.xlsx, or .csv in UTF-8 or GB18030'),
  )
    .option('--dry-run', 'check everything, write nothing')
    .option('--json', 'print the result as JSON')
    .option('--report <file>', 'write the rejected rows to a CSV file too');

addImport('teachers', 'register the teachers of a roster (花名册)').action(
  async (file: string, options: ImportOptions) => {
    const { importRows } = await import('./import/import-rows.js');
    const { TEACHERS } = await import('./import/teacher-kind.js');
    process.exitCode = await importRows(TEACHERS, file, options, await surroundings());
  },
);
addImport(
  'claims',
  'claim hours (学时申报), one a row, as the registrar, an institution or a school',
).action(async (file: string, options: ImportOptions) => {
  const { importRows } = await import('./import/import-rows.js');
  const { CLAIMS } = await import('./import/claim-kind.js');
  process.exitCode = await importRows(CLAIMS, file, options, await surroundings());
});

const exporting = program
  .command('export')
  .description('write a list to a spreadsheet, as far as the officer may see it');
const addExport = (what: 'teachers' | 'hours', description: string): Command =>
  asAnOfficer(exporting.command(what).description(description))
    .argument('<file>', '.xlsx or .csv')
    .option('--under <code>', 'a unit of the jurisdiction (default: the officer’s own)')
    .option('--force', 'replace a file that is there')
    .action(async (file: string, options: ExportOptions) => {
      const { exportTable } = await import('./export/export.js');
      process.exitCode = await exportTable(what, file, options, await surroundings());
    });
addExport('teachers', 'the teachers with a post today (教师名册)');
addExport('hours', 'hours of a calendar year and their verdict (学时达标情况)').requiredOption(
  '--year <year>',
  'calendar year',
  wholeNumber,
);

addEventCommands(program);
addKeyCommands(program);

/** What the person can put right is told in a line; anything else with its stack. */
const explain = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  const plain = ['UserError', 'PersonaError'].includes(error.name);
  return plain || !process.env['DEBUG'] ? error.message : (error.stack ?? error.message);
};

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`yanxiu: ${explain(error)}\n`);
  process.exitCode = 1;
}
// The channel to the program that started us would keep us waiting for it.
if (process.connected) process.disconnect();
