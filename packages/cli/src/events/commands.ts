import { InvalidArgumentError, type Command } from 'commander';

const wholeNumber = (text: string): number => {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('it must be a whole number');
  return Number(text);
};

/** A moment, or so long ago: 30m, 12h, 7d. */
export const moment = (text: string): Date => {
  const ago = /^(\d+)([mhd])$/.exec(text);
  const unit = { m: 60_000, h: 3_600_000, d: 86_400_000 }[ago?.[2] ?? ''] ?? 0;
  const date = ago ? new Date(Date.now() - Number(ago[1]) * unit) : new Date(text);
  if (Number.isNaN(date.getTime())) {
    throw new InvalidArgumentError('it must be a moment such as 2026-03-01T08:00Z, or 12h, or 7d');
  }
  return date;
};

/** Tools for whoever is on duty: what became of the events. */
export const addEventCommands = (program: Command): void => {
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
      const { env, stdout, stderr } = process;
      process.exitCode = await verifyEvents(options, { env, stdout, stderr });
    });
};
