import { spawn } from 'node:child_process';
import { userInfo } from 'node:os';
import path from 'node:path';
import type { Service } from '@yanxiu/contracts/topic-access';
import type { RebuildMessage } from '@yanxiu/subgraph/rebuild/role';
import { UserError } from './data-lock.js';
import type { Around } from './events/verify.js';
import { table } from './events/table.js';
import { Progress } from './import/progress.js';
import { runningDatabases } from './running.js';
import { inherited, kafkaEnvironment } from './service-environment.js';
import { dataFolder, repositoryRoot, type Env } from './up-config.js';

export interface RebuildOptions {
  check?: boolean;
  json?: boolean;
}

type Result = Extract<RebuildMessage, { kind: 'result' }>['result'];

export const SAME_OR_MENDED = 0;
export const FAILED = 1;
export const DIFFERENT = 2;

/** `yanxiu rebuild SERVICE VIEW`: returns the exit code. The service's own program does it. */
export const rebuildView = async (
  service: Service,
  view: string,
  options: RebuildOptions,
  around: Around,
): Promise<number> => {
  const { env, stdout, stderr } = around;
  const progress = new Progress('events taken', stderr, () => performance.now());
  const main = path.join(repositoryRoot(), 'services', service, 'dist/main.js');
  const by = `owner:${userInfo().username}`;
  const args = ['--roles', 'rebuild', '--view', view, '--by', by];
  if (options.check) args.push('--check');
  const child = spawn(process.execPath, [main, ...args], {
    env: await environmentOf(service, env),
    // Its log is of no use to whoever waits for the answer.
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  let answer: Exclude<RebuildMessage, { kind: 'progress' }> | undefined;
  child.on('message', (message: RebuildMessage) => {
    if (message.kind === 'progress') progress.update(message.done, message.total);
    else answer = message;
  });
  await new Promise((resolve) => child.once('close', resolve));
  progress.stop();
  if (answer?.kind !== 'result') {
    throw new UserError(answer?.message ?? `${service} ended without an answer`);
  }
  const { result } = answer;
  stdout.write(options.json ? `${JSON.stringify(result)}\n` : textOf(service, result));
  return options.check && !result.same ? DIFFERENT : SAME_OR_MENDED;
};

const environmentOf = async (service: Service, env: Env): Promise<NodeJS.ProcessEnv> => {
  const databases = await runningDatabases(env);
  const database = databases.get(service);
  const events = databases.get('events');
  const name = service.toUpperCase();
  if (!database?.ownerUrl) throw new UserError(`DATABASE_OWNER_URL_${name} is not set`);
  return {
    ...inherited(env),
    YANXIU_DATA_DIR: dataFolder(env),
    [`DATABASE_URL_${name}`]: database.appUrl,
    [`DATABASE_OWNER_URL_${name}`]: database.ownerUrl,
    ...(events && { DATABASE_URL_EVENTS: events.serviceUrls?.[service] ?? events.appUrl }),
    ...kafkaEnvironment(env, service),
  };
};

/** What the comparison found, and what was done about it. */
const textOf = (service: string, { view, events, same, swapped, tables }: Result): string => {
  const found = table(
    ['table', 'rows', 'digest', 'rebuilt rows', 'rebuilt digest', 'added', 'changed', 'removed'],
    tables.map(({ table: name, live, shadow, change }) => [
      name,
      String(live.rows),
      live.digest,
      String(shadow.rows),
      shadow.digest,
      ...[change?.added, change?.changed, change?.removed].map((count) => String(count ?? '')),
    ]),
  );
  const verdict = same ? 'the same' : swapped ? 'different; put right' : 'different; left as it is';
  return `${found}${service} ${view}: ${events} events of the log make it ${verdict}\n`;
};
