import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { processIdentity } from './process-identity.js';

/** Something that the person who started the command can put right; shown without a stack. */
export class UserError extends Error {
  override readonly name = 'UserError';
}

interface Holder {
  pid: number;
  identity: string;
}

const readHolder = async (file: string): Promise<Holder | undefined> => {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Holder;
  } catch {
    return undefined;
  }
};

/**
 * Takes the data folder for this process; refuses while another one that is still alive has it.
 * Returns how to give it back.
 */
export const lockDataFolder = async (dataDir: string): Promise<() => Promise<void>> => {
  const file = path.join(dataDir, 'up.lock');
  const identity = (await processIdentity(process.pid)) ?? 'alive';
  const mine = JSON.stringify({ pid: process.pid, identity } satisfies Holder);
  for (let attempt = 0; attempt < 3; attempt += 1) {
    try {
      await writeFile(file, mine, { flag: 'wx', mode: 0o600 });
      return () => rm(file, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const holder = await readHolder(file);
    if (holder && (await processIdentity(holder.pid)) === holder.identity) {
      throw new UserError(
        `another yanxiu (pid ${holder.pid}) is running on ${dataDir}: stop it first, or set ` +
          'YANXIU_DATA_DIR (and PORT) to run a second one beside it',
      );
    }
    await rm(file, { force: true });
  }
  throw new UserError(`${file} cannot be taken: another yanxiu is starting on the same data`);
};
