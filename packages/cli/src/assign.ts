import { fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { userInfo } from 'node:os';
import path from 'node:path';
import { clockOffset } from '@yanxiu/subgraph/clock-file';
import type { SeedRequest, SeedResponse } from '@yanxiu/subgraph/seed-role';
import { UserError } from './data-lock.js';
import { runningDatabases } from './running.js';
import { inherited, logUrlOf } from './service-environment.js';
import { dataFolder, repositoryRoot, type Env } from './up-config.js';

export interface AssignOptions {
  /** `sub` of the identity provider. */
  subject: string;
  role: string;
  /** Code of the province; for the first officer of an empty tree, that which she will register. */
  org: string;
}

const ANSWER_MS = 60_000;

/**
 * `yanxiu assign`: the first officer of an installation, and its operator. Personnel's own program
 * does it, with the database that is named here: who cannot reach that cannot assign.
 */
export const assign = async ({ subject, role, org }: AssignOptions, env: Env): Promise<string> => {
  const child = fork(
    path.join(repositoryRoot(), 'services/personnel/dist/main.js'),
    ['--roles', 'seed'],
    { env: await environmentOf(env), execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] },
  );
  const question: SeedRequest = {
    ...{ id: 1, kind: 'command', command: 'authority.bootstrap' },
    at: new Date(Date.now() + clockOffset(env['YANXIU_CLOCK_FILE'])()).toISOString(),
    actor: { subject: `owner:${userInfo().username}`, role: 'PLATFORM', unit: org },
    input: { idempotencyKey: randomUUID(), subject, role, unit: org },
  };
  try {
    const answer = await new Promise<SeedResponse>((resolve, reject) => {
      const ended = () => reject(new UserError('personnel ended without an answer'));
      child.once('error', reject).once('exit', ended);
      setTimeout(ended, ANSWER_MS).unref();
      child.on('message', (message: SeedResponse) => {
        if ('kind' in message) child.send(question);
        else resolve(message);
      });
    });
    if ('kind' in answer || !answer.ok) throw new UserError(reasonOf(answer));
    return (answer.result as { assignmentId: string }).assignmentId;
  } finally {
    child.removeAllListeners('exit');
    child.kill();
  }
};

const reasonOf = (answer: SeedResponse): string => ('error' in answer ? answer.error : 'no answer');

/** What is given, or else that of the platform which runs on the data folder. */
const environmentOf = async (env: Env): Promise<NodeJS.ProcessEnv> => {
  if (env['DATABASE_URL_PERSONNEL']) return { ...env };
  const databases = await runningDatabases(env);
  const dataDir = dataFolder(env);
  const database = databases.get('personnel');
  const events = databases.get('events');
  if (!database) throw new UserError('DATABASE_URL_PERSONNEL is not set');
  return {
    ...inherited(env),
    YANXIU_DATA_DIR: dataDir,
    KEYRING_FILE: env['KEYRING_FILE'] || path.join(dataDir, 'keys/personnel.json'),
    DATABASE_URL_PERSONNEL: database.appUrl,
    // Personnel's own login: no other may write its topics.
    ...(events && { DATABASE_URL_EVENTS: logUrlOf(events, 'personnel') }),
  };
};
