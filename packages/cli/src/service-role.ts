import { spawn } from 'node:child_process';
import { userInfo } from 'node:os';
import path from 'node:path';
import type { Service } from '@yanxiu/contracts/topic-access';
import type { RoleMessage } from '@yanxiu/subgraph/process-role';
import { UserError } from './data-lock.js';
import type { Around } from './events/verify.js';
import { Progress } from './import/progress.js';
import { runningDatabases } from './running.js';
import { inherited, kafkaEnvironment } from './service-environment.js';
import { dataFolder, repositoryRoot, type Env } from './up-config.js';

export interface ServiceRole {
  service: Service;
  /** Arguments of the service's own program, e.g. `--roles rebuild`. */
  args: readonly string[];
  /** What is counted, for the progress. */
  label: string;
  /** Variables that the task needs beside the databases'. */
  more?: Readonly<Record<string, string>>;
}

/** Lets a service's own program do one task, and gives its answer. */
export const runServiceRole = async <R>(
  { service, args, label, more = {} }: ServiceRole,
  { env, stderr }: Pick<Around, 'env' | 'stderr'>,
): Promise<R> => {
  const progress = new Progress(label, stderr, () => performance.now());
  const main = path.join(repositoryRoot(), 'services', service, 'dist/main.js');
  const by = ['--by', `owner:${userInfo().username}`];
  const child = spawn(process.execPath, [main, ...args, ...by], {
    env: { ...(await environmentOf(service, env)), ...more },
    // Its log is of no use to whoever waits for the answer.
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  let answer: Exclude<RoleMessage<R>, { kind: 'progress' }> | undefined;
  child.on('message', (message: RoleMessage<R>) => {
    if (message.kind === 'progress') progress.update(message.done, message.total);
    else answer = message;
  });
  await new Promise((resolve) => child.once('close', resolve));
  progress.stop();
  if (answer?.kind !== 'result') {
    throw new UserError(answer?.message ?? `${service} ended without an answer`);
  }
  return answer.result;
};

const environmentOf = async (service: Service, env: Env): Promise<NodeJS.ProcessEnv> => {
  const databases = await runningDatabases(env);
  const database = databases.get(service);
  const events = databases.get('events');
  const name = service.toUpperCase();
  if (!database) throw new UserError(`DATABASE_URL_${name} is not set`);
  return {
    ...inherited(env),
    YANXIU_DATA_DIR: dataFolder(env),
    [`DATABASE_URL_${name}`]: database.appUrl,
    ...(database.ownerUrl && { [`DATABASE_OWNER_URL_${name}`]: database.ownerUrl }),
    ...(events && { DATABASE_URL_EVENTS: events.serviceUrls?.[service] ?? events.appUrl }),
    ...kafkaEnvironment(env, service),
  };
};
