import { spawn } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { classPath, java } from '../../../infra/kafka/classpath.mjs';
import type { Stage } from './stage.js';

/** Whether the topic keeps the newest snapshot of each key only, and not every event. */
export const isSnapshots = (topic: string): boolean => topic.endsWith('.state');

/** One message as an outsider reads it; `id` and `version` only where it is an envelope. */
export interface TopicMessage {
  topic: string;
  partition: number;
  key: string;
  value: string;
  id: string | undefined;
  version: number | undefined;
}

const parse = (value: string): { id?: string; aggregateversion?: number } => {
  try {
    const parsed: unknown = JSON.parse(value);
    return parsed !== null && typeof parsed === 'object' ? parsed : {};
  } catch {
    return {};
  }
};

const toMessage = (topic: string, partition: number, key: string, value: string): TopicMessage => {
  const { id, aggregateversion: version } = parse(value);
  return { topic, partition, key, value, id, version };
};

/** Everything that is in the topics, in the order of each partition. */
export async function dumpTopics(stage: Stage): Promise<TopicMessage[]> {
  if (stage.transport === 'kafka') return dumpKafka(stage);
  const rows = await stage.sql<{ topic: string; partition: number; key: string; value: string }>(
    'events',
    `SELECT topic, partition, key, value FROM (
       SELECT topic, partition, key, value, txid, seq FROM log
       UNION ALL SELECT topic, partition, key, value, txid, seq FROM log_state
     ) m ORDER BY topic, partition, txid, seq`,
  );
  return rows.map((row) => toMessage(row.topic, row.partition, row.key, row.value));
}

const PARTITION = /^((?:personnel|training|hours|funding|evaluation)\.[a-z-]+(?:\.state)?)-(\d+)$/;
const RECORD = /^\| offset: \d+ .*? key: (.*?) payload: (.*)$/;

/** Kafka's own reader of its segments, so that no client of ours vouches for itself. */
async function dumpKafka(stage: Stage): Promise<TopicMessage[]> {
  const folder = stage.broker?.logFolder ?? '';
  const partitions = (await readdir(folder)).filter((name) => PARTITION.test(name)).sort();
  const segments: string[] = [];
  for (const partition of partitions) {
    const files = (await readdir(path.join(folder, partition))).filter((f) => f.endsWith('.log'));
    segments.push(...files.sort().map((file) => path.join(folder, partition, file)));
  }
  if (segments.length === 0) return [];
  const text = await run(java(), [
    ...['-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xshare:auto'],
    '-Dorg.slf4j.simpleLogger.defaultLogLevel=error',
    ...['-cp', await classPath(), 'kafka.tools.DumpLogSegments'],
    ...['--print-data-log', '--files', segments.join(',')],
  ]);
  const messages: TopicMessage[] = [];
  let topic = '';
  let partition = 0;
  for (const line of text.split('\n')) {
    const file = /^Dumping .*\/([^/]+)\/\d+\.log$/.exec(line)?.[1];
    if (file !== undefined) {
      const [, name = '', number] = PARTITION.exec(file) ?? [];
      [topic, partition] = [name, Number(number)];
    }
    const [, key, value] = RECORD.exec(line) ?? [];
    if (key !== undefined && value !== undefined) {
      messages.push(toMessage(topic, partition, key, value));
    }
  }
  return messages;
}

function run(command: string, args: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    const parts: Buffer[] = [];
    let errors = '';
    child.stdout.on('data', (chunk: Buffer) => parts.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve(Buffer.concat(parts).toString());
      else reject(new Error(`the topics could not be read: ${errors.slice(-1_000)}`));
    });
  });
}
