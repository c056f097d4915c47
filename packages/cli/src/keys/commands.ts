import type { Service } from '@yanxiu/contracts/topic-access';
import { Argument, type Command } from 'commander';
import type { Around } from '../events/verify.js';
import type { KeyOptions } from './keys.js';

const around = (): Around => {
  const { env, stdout, stderr } = process;
  return { env, stdout, stderr };
};

const service = (): Argument => new Argument('<service>').choices(['personnel', 'evaluation']);

/** The keys of personal data and of sealed signing keys, while the services run. */
export const addKeyCommands = (program: Command): void => {
  const keys = program
    .command('keys')
    .description('the keys of a service: who is stored under which, a new one, an old one out');
  keys
    .command('status')
    .description('what is stored under which key')
    .addArgument(service())
    .option('--json', 'print the result as JSON')
    .action(async (name: Service, options: KeyOptions) => {
      const { showKeys } = await import('./keys.js');
      process.exitCode = await showKeys(name, options, around());
    });
  keys
    .command('rotate')
    .description('make a new active key and bring every row under it, while the service goes on')
    .addArgument(service())
    .option('--hash', 'the key by which ID numbers are found, not the one that seals')
    .option('--json', 'print the result as JSON')
    .action(async (name: Service, options: KeyOptions & { hash?: boolean }) => {
      const { rotateKey } = await import('./keys.js');
      process.exitCode = await rotateKey(name, options, around());
    });
  keys
    .command('reseal')
    .description('bring every row under the active keys; goes on where a run was ended')
    .addArgument(service())
    .option('--json', 'print the result as JSON')
    .action(async (name: Service, options: KeyOptions) => {
      const { resealRows } = await import('./keys.js');
      process.exitCode = await resealRows(name, options, around());
    });
  keys
    .command('retire')
    .description('take a former key out of the keyring; refused while anything needs it')
    .addArgument(service())
    .argument('<key>', 'its id')
    .action(async (name: Service, key: string) => {
      const { retireKey } = await import('./keys.js');
      process.exitCode = await retireKey(name, key, around());
    });
};
