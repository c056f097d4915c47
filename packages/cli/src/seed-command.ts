import { UserError } from './data-lock.js';
import { Platform, type SeedRequest } from './platform.js';
import { readUpConfig } from './up-config.js';

const show = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

/** `yanxiu seed`: databases, keys and the province, and nothing left running. */
export const seed = async (request: SeedRequest): Promise<number> => {
  const stop = new AbortController();
  const onSignal = (): void => {
    show('stopping …; run it again to go on');
    stop.abort(new UserError('stopped before the province was loaded'));
  };
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP', 'disconnect'];
  for (const name of names) process.once(name, onSignal);
  const platform = new Platform(readUpConfig(process.env), process.env, stop.signal, show);
  try {
    await platform.takeDataFolder();
    await Promise.all([platform.startDatabases(), platform.makeKeys()]);
    stop.signal.throwIfAborted();
    await platform.seed(request);
    return 0;
  } catch (error) {
    if (stop.signal.aborted) return 130;
    throw error;
  } finally {
    await platform.stop();
    for (const name of names) process.off(name, onSignal);
  }
};
