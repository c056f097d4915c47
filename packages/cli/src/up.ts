import { Listr, ListrLogger, ProcessOutput, type ListrTask } from 'listr2';
import { readPersonas } from '@yanxiu/subgraph/local-issuer';
import { checkComponents } from './component-checks.js';
import { UserError } from './data-lock.js';
import { Platform, type SeedRequest } from './platform.js';
import { portProblem } from './ports.js';
import { titleProgress } from './seed-progress.js';
import { readUpConfig, type UpConfig } from './up-config.js';

export interface UpOptions {
  /** The province to load when the data folder has none. */
  seed: SeedRequest | undefined;
  /** Where the built services are; this repository when not given. */
  root?: string;
}

/** A second Ctrl-C counts as impatience only after this; npm passes the first one on twice. */
const FORCE_AFTER_MS = 1_000;

const show = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

const checkPort = async ({ port, host }: UpConfig): Promise<void> => {
  const problem = await portProblem(port, host);
  if (problem === 'EADDRINUSE') {
    throw new UserError(`PORT ${port} is in use by another program: set PORT to a free one`);
  }
  if (problem) throw new UserError(`PORT ${port} on ${host} cannot be used (${problem})`);
};

/** Progress goes to stderr: stdout has the `ready` block and nothing else. */
const listr = (tasks: ListrTask[]): Listr => {
  const logger = new ListrLogger({
    processOutput: new ProcessOutput(process.stderr, process.stdout),
  });
  return new Listr(tasks, {
    renderer: 'default',
    fallbackRenderer: 'simple',
    fallbackRendererCondition: () => !process.stderr.isTTY,
    rendererOptions: { logger },
    fallbackRendererOptions: { logger },
    registerSignalListeners: false,
  });
};

const startUp = async (platform: Platform, options: UpOptions): Promise<void> => {
  const { config, signal } = platform;
  const step = (title: string, task: () => Promise<void>, enabled = true): ListrTask => ({
    title,
    enabled,
    task: async () => {
      signal.throwIfAborted();
      await task();
      signal.throwIfAborted();
    },
  });
  const { seed } = options;
  const given = config.given.size > 0 || config.kafka || config.redisUrl || config.oidcIssuer;
  await listr([
    step('Check the components that are given', () => checkComponents(config), Boolean(given)),
    step(config.embedded.length > 0 ? 'Start PostgreSQL' : 'Prepare the databases', async () => {
      await Promise.all([platform.startDatabases(), platform.makeKeys()]);
    }),
    {
      title: 'Load the province',
      enabled: seed !== undefined,
      task: async (_context, task) => {
        signal.throwIfAborted();
        if (seed)
          await platform.seed(
            seed,
            titleProgress((title) => (task.title = title)),
          );
        signal.throwIfAborted();
      },
    },
    {
      title: 'Start the services and the gateway',
      task: async (_context, task) => {
        signal.throwIfAborted();
        const children = await platform.startServing();
        const subtasks = children.map(({ name, ready }) => ({ title: name, task: () => ready }));
        return task.newListr(subtasks, { concurrent: true, exitOnError: true });
      },
    },
  ]).run();
};

const printReady = async (config: UpConfig): Promise<void> => {
  const url = `http://127.0.0.1:${config.port}`;
  const lines = [`ready: ${url}`, `  explorer: ${url}/explorer`];
  const personas = config.oidcIssuer ? null : await readPersonas(config.dataDir);
  if (personas) {
    const names = personas.personas.map(({ persona, zh }) => `${persona} (${zh})`);
    lines.push(`  personas: ${names.join(', ')}`);
    lines.push('  a token:  npm run --silent token -- <persona> [--org CODE] [--n 2]');
  } else if (config.oidcIssuer) {
    lines.push(`  identity: tokens of ${config.oidcIssuer}`);
  } else {
    lines.push('  personas: none yet; "npm run yanxiu -- up --seed" loads a province with them');
  }
  process.stdout.write(`${lines.join('\n')}\n`);
};

/** Fires `stop` on the first signal, or when the program that started us is gone. */
const listen = (stop: AbortController, force: () => void): (() => void) => {
  let first: number | undefined;
  const onSignal = (): void => {
    if (first === undefined) {
      first = Date.now();
      show('stopping …');
      stop.abort(new UserError('stopped while starting'));
    } else if (Date.now() - first > FORCE_AFTER_MS) {
      show('stopping at once');
      force();
      process.exit(130);
    }
  };
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP', 'disconnect'];
  for (const name of names) process.on(name, onSignal);
  return () => names.forEach((name) => process.off(name, onSignal));
};

const untilStopped = (...signals: AbortSignal[]): Promise<void> =>
  new Promise((resolve) => {
    for (const signal of signals) {
      if (signal.aborted) resolve();
      else signal.addEventListener('abort', () => resolve(), { once: true });
    }
  });

/** Runs the platform until it is told to stop; returns the exit code. */
export const up = async (options: UpOptions): Promise<number> => {
  const config = readUpConfig(process.env, options.root);
  const stop = new AbortController();
  const platform = new Platform(config, process.env, stop.signal, show);
  const silence = listen(stop, () => platform.kill());
  try {
    await platform.takeDataFolder();
    await checkPort(config);
    await startUp(platform, options);
    await printReady(config);
    await untilStopped(stop.signal, platform.lost.signal);
    return platform.lost.signal.aborted ? 1 : 0;
  } catch (error) {
    if (stop.signal.aborted) return 0;
    throw error;
  } finally {
    await platform.stop();
    silence();
  }
};
