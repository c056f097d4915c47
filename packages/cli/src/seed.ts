import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SERVICES } from '@yanxiu/contracts/topic-access';
import { SIZES, type SizeName } from '@yanxiu/generator/figures';
import { tell, type Telling } from '@yanxiu/generator/plan';
import type { Directory } from '@yanxiu/generator/personas';
import type { PlanOptions } from '@yanxiu/generator/world';
import { UserError } from './data-lock.js';
import type { SeedOptions } from './platform.js';
import { stderrProgress, type Progress } from './seed-progress.js';
import { SeedRunner, type SeedServices } from './seed-runner.js';
import { SeedService } from './seed-service.js';
import { repositoryRoot } from './up-config.js';

/** The calendar date in Shanxi. */
const dateInShanxi = (): string => new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 10);

const sizeOf = (text: string): SizeName => {
  if (Object.hasOwn(SIZES, text)) return text as SizeName;
  throw new UserError(`there is no size "${text}"; sizes: ${Object.keys(SIZES).join(', ')}`);
};

/**
 * Loads the synthetic province through the services' own commands. Interrupted and run again with
 * the same options it goes on where it was: every command has its idempotency key.
 */
export async function runSeed(options: SeedOptions): Promise<void> {
  const { dataDir, signal, log } = options;
  const province = tell(await begin(options));
  const progress = options.progress ?? stderrProgress(log);
  const services = startServices(options);
  try {
    await Promise.all([...services.values()].map((service) => service.ready()));
    await runPhases(province, services, signal, progress);
    await untilOnDisk();
  } finally {
    progress.end();
    await Promise.all([...services.values()].map((service) => service.stop()));
  }
  await writePersonas(dataDir, province.directory());
}

/** What is being loaded: kept from the first attempt, so that a later one goes on with its day. */
async function begin({ dataDir, size, seed, today, bulk }: SeedOptions): Promise<PlanOptions> {
  const wanted: PlanOptions = {
    ...{ size: sizeOf(size), seed, today: today ?? dateInShanxi() },
    ...(bulk && { way: 'BULK' }),
  };
  const file = path.join(dataDir, 'seed-begun.json');
  const text = await readFile(file, 'utf8').catch(() => null);
  if (text === null) {
    await mkdir(dataDir, { recursive: true });
    await writeFile(file, `${JSON.stringify(wanted)}\n`);
    return wanted;
  }
  const begun = JSON.parse(text) as PlanOptions;
  const same = begun.size === wanted.size && begun.seed === seed && begun.way === wanted.way;
  if (same && (today === undefined || today === begun.today)) return begun;
  throw new UserError(
    `${dataDir} holds a part of another province (${text.trim()}): ` +
      'go on with the same options, or remove the folder',
  );
}

const startServices = ({ environment, dataDir }: SeedOptions): SeedServices =>
  new Map(
    SERVICES.map((name) => {
      const env = hasty(environment[name]);
      const place = { root: repositoryRoot(), env, dataDir };
      return [name, new SeedService(name, place)] as const;
    }),
  );

/**
 * Commits that do not wait for the disk: a province half loaded is loaded again, and when the last
 * event is through, {@link untilOnDisk} waits for all of it.
 */
const hasty = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(
    Object.entries(env).map(([name, value]) => {
      if (!value || !/^DATABASE_URL_/.test(name)) return [name, value];
      const separator = value.includes('?') ? '&' : '?';
      return [name, `${value}${separator}options=-c%20synchronous_commit%3Doff`];
    }),
  );

/** The server's WAL writer is at most three rounds of `wal_writer_delay` (200 ms) behind. */
const untilOnDisk = (): Promise<void> => sleep(1_000);

async function runPhases(
  province: Telling,
  services: SeedServices,
  signal: AbortSignal,
  progress: Progress,
): Promise<void> {
  let done = 0;
  const runner = new SeedRunner(services, signal, (phase) => {
    done += 1;
    progress.show(done, Math.max(done, province.steps), phase.name);
  });
  for (const phase of province.phases) await runner.run(phase);
}

/** The file appears whole, and only when the province is there. */
async function writePersonas(dataDir: string, directory: Directory): Promise<void> {
  const file = path.join(dataDir, 'personas.json');
  await writeFile(`${file}.new`, `${JSON.stringify(directory, null, 1)}\n`, { mode: 0o600 });
  await rename(`${file}.new`, file);
}
