import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { UserError } from '../data-lock.js';
import { DutyClient } from './gateway.js';
import { ageOf, answersOf, ofServices, type StatusOptions } from './status.js';
import { table } from './table.js';
import type { Around } from './verify.js';

export interface ListOptions extends StatusOptions {
  /** Resolved ones too. */
  all?: boolean;
}

export interface RedriveOptions extends StatusOptions {
  /** A file with the corrected message. */
  value?: string;
  reason?: string;
}

interface Letter {
  id: string;
  topic: string;
  partition: number;
  position: string;
  key: string | null;
  version: number | null;
  fault: string;
  detail: string;
  value: string;
  parkedAt: string;
  resolvedAt: string | null;
  resolution: string | null;
  resolvedBy: string | null;
  reason: string | null;
  correctedValue: string | null;
}

const FIELDS = `id topic partition position key version fault detail value parkedAt resolvedAt
  resolution resolvedBy reason correctedValue`;
const PAGE = 200;

/** `yanxiu events dead-letters list`: the newest of each service. */
export const listLetters = async (options: ListOptions, around: Around): Promise<number> => {
  const client = await DutyClient.connect(options, around.env);
  const fields = `deadLetters(open: ${!options.all}, first: ${PAGE}) {
    nodes { ${FIELDS} } pageInfo { hasNextPage } }`;
  const query = ofServices(fields, options.service ? [options.service] : undefined);
  const { answers, complete } = await answersOf<{
    deadLetters: { nodes: Letter[]; pageInfo: { hasNextPage: boolean } };
  }>(client, query, around);
  const rows = answers.flatMap(([service, { deadLetters }]) =>
    deadLetters.nodes.map((letter) => ({ service, ...letter })),
  );
  if (options.json) around.stdout.write(`${JSON.stringify(rows)}\n`);
  else {
    around.stdout.write(
      table(
        ['id', 'consumer', 'topic', 'key', 'version', 'fault', 'parked', 'resolution'],
        rows.map((letter) => [
          letter.id,
          letter.service,
          letter.topic,
          letter.key ?? '',
          String(letter.version ?? ''),
          letter.fault,
          `${ageOf(letter.parkedAt)} ago`,
          letter.resolution ?? '',
        ]),
      ),
    );
  }
  for (const [service, { deadLetters }] of answers) {
    if (deadLetters.pageInfo.hasNextPage) {
      around.stderr.write(`${service} has more than ${PAGE}; these are the newest\n`);
    }
  }
  return complete ? 0 : 1;
};

/** `yanxiu events dead-letters show ID`: one with all that is known of it. */
export const showLetter = async (
  id: string,
  options: StatusOptions,
  around: Around,
): Promise<number> => {
  const client = await DutyClient.connect(options, around.env);
  const { service, letter } = await find(client, id, options, around);
  if (options.json) around.stdout.write(`${JSON.stringify({ service, ...letter })}\n`);
  else around.stdout.write(describe(service, letter));
  return 0;
};

/** `yanxiu events dead-letters redrive ID`. */
export const redriveLetter = async (
  id: string,
  options: RedriveOptions,
  around: Around,
): Promise<number> => {
  const value = options.value === undefined ? undefined : await correction(options.value);
  const { reason } = options;
  return resolve(
    'Redrive',
    id,
    { ...(value && { value }), ...(reason && { reason }) },
    options,
    around,
  );
};

/** `yanxiu events dead-letters discard ID --reason TEXT`. */
export const discardLetter = (
  id: string,
  options: StatusOptions & { reason: string },
  around: Around,
): Promise<number> => resolve('Discard', id, { reason: options.reason }, options, around);

const resolve = async (
  verb: 'Redrive' | 'Discard',
  id: string,
  more: object,
  options: StatusOptions,
  around: Around,
): Promise<number> => {
  const client = await DutyClient.connect(options, around.env);
  const { service } = await find(client, id, options, around);
  const data = await client.insist(
    `mutation Resolve($input: ${verb}DeadLetterInput!) {
      resolved: ${service}${verb}DeadLetter(input: $input) { deadLetter { ${FIELDS} } }
    }`,
    { input: { id, ...more, idempotencyKey: randomUUID() } },
  );
  const { deadLetter } = data['resolved'] as { deadLetter: Letter };
  const json = JSON.stringify({ service, ...deadLetter });
  const text = `${id} of ${service}: ${deadLetter.resolution}`;
  around.stdout.write(`${options.json ? json : text}\n`);
  return 0;
};

const correction = (file: string): Promise<string> =>
  readFile(file, 'utf8').catch((error: Error) => {
    throw new UserError(`--value ${file} cannot be read (${error.message})`);
  });

/** Which service has it; a letter's id tells nothing of that. */
const find = async (
  client: DutyClient,
  id: string,
  options: StatusOptions,
  around: Around,
): Promise<{ service: string; letter: Letter }> => {
  const query = ofServices(
    `deadLetter(id: $id) { ${FIELDS} }`,
    options.service ? [options.service] : undefined,
    '($id: ID!)',
  );
  const { answers } = await answersOf<{ deadLetter: Letter | null }>(client, query, around, { id });
  for (const [service, { deadLetter }] of answers) {
    if (deadLetter) return { service, letter: deadLetter };
  }
  throw new UserError(`no dead letter ${id} is known; "events dead-letters list --all" has them`);
};

const describe = (service: string, letter: Letter): string => {
  const { topic, partition, position, key, version, fault, detail } = letter;
  const lines = [
    ['id', letter.id],
    ['consumer', service],
    ['from', `${topic} partition ${partition} position ${position}`],
    ['key', key ?? '—'],
    ['version', String(version ?? '—')],
    ['fault', fault],
    ['detail', detail],
    ['parked', letter.parkedAt],
  ];
  if (letter.resolution) {
    lines.push([
      'resolved',
      `${letter.resolution} by ${letter.resolvedBy} at ${letter.resolvedAt}`,
    ]);
    lines.push(['reason', letter.reason ?? '—']);
  }
  const known = lines
    .map(([name = '', text = '']) => `${name.padEnd(10)}${plain(text)}\n`)
    .join('');
  const corrected = letter.correctedValue ? `\ncorrected:\n${pretty(letter.correctedValue)}\n` : '';
  return `${known}\n${pretty(letter.value)}\n${corrected}`;
};

/** Without what could act on the terminal. */
const plain = (text: string): string => text.replace(/\p{Cc}+/gu, ' ');

const pretty = (value: string): string => {
  try {
    return JSON.stringify(JSON.parse(value), null, 2);
  } catch {
    return plain(value);
  }
};
