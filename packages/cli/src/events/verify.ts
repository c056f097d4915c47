import pg from 'pg';
import {
  reconcile,
  type MissingEvent,
  type Reconciliation,
  type TopicReport,
} from '@yanxiu/messaging/reconcile';
import { SERVICES } from '@yanxiu/contracts/topic-access';
import { Progress, type Screen } from '../import/progress.js';
import { runningDatabases, runningTransport } from '../running.js';
import type { Env } from '../up-config.js';
import { table } from './table.js';

export interface VerifyOptions {
  since?: Date;
  /** Seconds to wait for what is on its way. */
  wait: number;
  json?: boolean;
}

export interface Around {
  env: Env;
  stdout: { write(text: string): unknown };
  stderr: Screen;
}

export const ALL_WELL = 0;
export const SOME_MISSING = 2;
export const STILL_ON_THE_WAY = 3;

const NAMED = 1_000;

/** `yanxiu verify events`: returns the exit code. */
export const verifyEvents = async (options: VerifyOptions, around: Around): Promise<number> => {
  const { env, stdout, stderr } = around;
  const databases = await runningDatabases(env);
  const progress = new Progress('topics compared', stderr, () => performance.now());
  const clients: pg.Client[] = [];
  const transport = await runningTransport(env, databases);
  try {
    const services = [];
    for (const service of SERVICES) {
      const client = new pg.Client({ connectionString: databases.get(service)?.appUrl });
      clients.push(client);
      await client.connect();
      services.push({ service, client });
    }
    const result = await reconcile({
      services,
      transport,
      since: options.since ?? null,
      waitMs: options.wait * 1_000,
      onTopic: (done, total) => progress.update(done, total),
    });
    progress.stop();
    stdout.write(options.json ? `${JSON.stringify(result)}\n` : textOf(result));
    return exitCodeOf(result);
  } finally {
    progress.stop();
    await transport.close();
    for (const client of clients) await client.end();
  }
};

export const exitCodeOf = ({ missing, waiting }: Reconciliation): number => {
  if (missing.length > 0) return SOME_MISSING;
  return waiting > 0 ? STILL_ON_THE_WAY : ALL_WELL;
};

const SEEN: Readonly<Record<MissingEvent['lastSeen'], string>> = {
  relay: 'marked as published, but not in the log',
  log: 'in the log; the consumer stands behind it and did not take it',
  'passed over': 'in the log; another event took its number on this key',
};

/** The comparison as a person reads it. */
export const textOf = (result: Reconciliation): string => {
  const lines = [table(HEADINGS, result.topics.flatMap(rowsOf))];
  for (const { topic, unknown, unreadable } of result.topics) {
    if (unknown > 0) lines.push(`${topic}: ${unknown} events of the log are in no outbox\n`);
    if (unreadable > 0) lines.push(`${topic}: ${unreadable} messages of the log are no events\n`);
  }
  for (const event of result.missing.slice(0, NAMED)) {
    const { eventId, topic, key, version, consumer, lastSeen } = event;
    const who = consumer ?? 'the log';
    lines.push(`missing in ${who}: ${eventId} ${topic} ${key} ${version}: ${SEEN[lastSeen]}\n`);
  }
  if (result.missing.length > NAMED) lines.push(`… and ${result.missing.length - NAMED} more\n`);
  const waiting = result.waiting > 0 ? `, ${result.waiting} still on their way` : '';
  lines.push(`missing ${result.missing.length}${waiting}\n`);
  return lines.join('');
};

const HEADINGS = [
  'topic',
  'outbox',
  'pending',
  'log',
  'consumer',
  'taken',
  'held',
  'parked',
  'discarded',
  'waiting',
  'missing',
];

const rowsOf = (report: TopicReport): string[][] => {
  const { topic, outbox, pending, log, consumers } = report;
  const first = [topic, outbox, pending, log].map(String);
  if (consumers.length === 0) return [first];
  return consumers.map(({ consumer, taken, held, parked, discarded, waiting, missing }, row) => [
    ...(row === 0 ? first : ['', '', '', '']),
    consumer,
    ...[taken, held, parked, discarded, waiting, missing].map(String),
  ]);
};
