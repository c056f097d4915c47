import { Argument, InvalidArgumentError, Option, type Command } from 'commander';
import type { RebuildOptions } from '../rebuild.js';
import type { Service } from '@yanxiu/contracts/topic-access';
import type { ListOptions, RedriveOptions } from './dead-letters.js';
import type { StatusOptions } from './status.js';
import type { Around } from './verify.js';

const wholeNumber = (text: string): number => {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('it must be a whole number');
  return Number(text);
};

/** A moment, or so long ago: 30m, 12h, 7d. */
export const moment = (text: string): Date => {
  const ago = /^(\d+)([mhd])$/.exec(text);
  const unit = { m: 60_000, h: 3_600_000, d: 86_400_000 }[ago?.[2] ?? ''] ?? 0;
  const date = ago ? new Date(Date.now() - Number(ago[1]) * unit) : new Date(text);
  // Date reads "12" as a month.
  if (Number.isNaN(date.getTime()) || (!ago && !/^\d{4}-\d\d-\d\d/.test(text))) {
    throw new InvalidArgumentError('it must be a moment such as 2026-03-01T08:00Z, or 12h, or 7d');
  }
  return date;
};

const SERVICES = [
  'personnel',
  'training',
  'hours',
  'funding',
  'evaluation',
] as const satisfies readonly Service[];

const around = (): Around => {
  const { env, stdout, stderr } = process;
  return { env, stdout, stderr };
};

/** What every question to the gateway takes. */
const asked = (command: Command): Command =>
  command
    .addOption(new Option('--service <service>', 'one service alone').choices(SERVICES))
    .option('--url <url>', 'the gateway (default: the one that runs on the data folder)')
    .addOption(new Option('--token <token>', 'token of the role PLATFORM').env('YANXIU_TOKEN'))
    .addOption(new Option('--lang <lang>', 'language').choices(['zh', 'en']).default('en'))
    .option('--json', 'print the result as JSON');

const addStatus = (events: Command): void => {
  asked(events.command('outbox').description('events that wait to be published')).action(
    async (options: StatusOptions) => {
      const { showOutbox } = await import('./status.js');
      process.exitCode = await showOutbox(options, around());
    },
  );
  asked(events.command('lag').description('what each consumer has not yet taken')).action(
    async (options: StatusOptions) => {
      const { showLag } = await import('./status.js');
      process.exitCode = await showLag(options, around());
    },
  );
};

const addDeadLetters = (events: Command): void => {
  const letters = events
    .command('dead-letters')
    .description('messages that could not be handled: look at them, redrive or discard them');
  asked(letters.command('list').description('those that are not resolved'))
    .option('--all', 'resolved ones too')
    .action(async (options: ListOptions) => {
      const { listLetters } = await import('./dead-letters.js');
      process.exitCode = await listLetters(options, around());
    });
  asked(letters.command('show').description('one, with the message').argument('<id>')).action(
    async (id: string, options: StatusOptions) => {
      const { showLetter } = await import('./dead-letters.js');
      process.exitCode = await showLetter(id, options, around());
    },
  );
  asked(letters.command('redrive').description('give it to its consumer again; one effect'))
    .argument('<id>')
    .option('--value <file>', 'a corrected message in the place of the one that came')
    .option('--reason <text>', 'kept with the letter')
    .action(async (id: string, options: RedriveOptions) => {
      const { redriveLetter } = await import('./dead-letters.js');
      process.exitCode = await redriveLetter(id, options, around());
    });
  asked(letters.command('discard').description('give it up; what is held behind it goes on'))
    .argument('<id>')
    .requiredOption('--reason <text>', 'why it may be given up')
    .action(async (id: string, options: StatusOptions & { reason: string }) => {
      const { discardLetter } = await import('./dead-letters.js');
      process.exitCode = await discardLetter(id, options, around());
    });
};

/** Tools for whoever is on duty: what became of the events. */
export const addEventCommands = (program: Command): void => {
  const events = program.command('events').description('what became of the events');
  addStatus(events);
  addDeadLetters(events);
  addVerify(program);
  addRebuild(program);
};

const addRebuild = (program: Command): void => {
  program
    .command('rebuild')
    .description(
      'build a view of a service again from the log, compare the two and put the new one in ' +
        'its place, while the service goes on; exit code 0: the same, or put right, 2: with ' +
        '--check, they differ',
    )
    .addArgument(new Argument('<service>').choices(SERVICES))
    .argument('<view>', 'its name; a wrong one is answered with those that there are')
    .option('--check', 'compare, and change nothing')
    .option('--json', 'print the result as JSON')
    .action(async (service: Service, view: string, options: RebuildOptions) => {
      const { rebuildView } = await import('../rebuild.js');
      process.exitCode = await rebuildView(service, view, options, around());
    });
};

const addVerify = (program: Command): void => {
  program
    .command('verify')
    .description('compare what the parts of the platform have')
    .command('events')
    .description(
      'every event of every outbox is in the log and was taken by each consumer of its topic; ' +
        'exit code 0: all well, 2: some are missing and named, 3: some are still on their way',
    )
    .option('--since <moment>', 'only what was recorded since then: a moment, 12h, 7d', moment)
    .option('--wait <seconds>', 'how long to wait for what is on its way', wholeNumber, 10)
    .option('--json', 'print the result as JSON')
    .action(async (options: { since?: Date; wait: number; json?: boolean }) => {
      const { verifyEvents } = await import('./verify.js');
      process.exitCode = await verifyEvents(options, around());
    });
};
