import { SERVICES, type Service } from '@yanxiu/contracts/topic-access';
import { DutyClient, textOfError, type GatewayOptions } from './gateway.js';
import { table } from './table.js';
import type { Around } from './verify.js';

export interface StatusOptions extends GatewayOptions {
  json?: boolean;
  service?: Service;
}

interface Outbox {
  outbox: { pending: number; oldestAt: string | null };
}
interface Lag {
  lag: { topic: string; partition: number; lag: number }[];
  held: { count: number; oldestAt: string | null };
}

/** The same fields of each service, in one request. */
export const ofServices = (
  fields: string,
  services: readonly string[] = SERVICES,
  variables = '',
): string =>
  `query Duty${variables} { ${services.map((name) => `${name}Events { ${fields} }`).join(' ')} }`;

/** Services that answered, in their order; what the others said goes to stderr. */
export const answersOf = async <T>(
  client: DutyClient,
  query: string,
  around: Around,
  variables: Record<string, unknown> = {},
): Promise<{ answers: [string, T][]; complete: boolean }> => {
  const { data, errors } = await client.ask(query, variables);
  for (const error of errors) around.stderr.write(`yanxiu: ${textOfError(error)}\n`);
  const answers = SERVICES.flatMap((name): [string, T][] => {
    const answer = data?.[`${name}Events`];
    return answer ? [[name, answer as T]] : [];
  });
  return { answers, complete: errors.length === 0 };
};

const servicesOf = ({ service }: StatusOptions): readonly string[] =>
  service ? [service] : SERVICES;

/** `yanxiu events outbox`: events that wait to be published, per service. */
export const showOutbox = async (options: StatusOptions, around: Around): Promise<number> => {
  const client = await DutyClient.connect(options, around.env);
  const query = ofServices('outbox { pending oldestAt }', servicesOf(options));
  const { answers, complete } = await answersOf<Outbox>(client, query, around);
  const rows = answers.map(([service, { outbox }]) => ({ service, ...outbox }));
  const text = table(
    ['service', 'pending', 'oldest'],
    rows.map(({ service, pending, oldestAt }) => [service, String(pending), ageOf(oldestAt)]),
  );
  around.stdout.write(options.json ? `${JSON.stringify(rows)}\n` : text);
  return complete ? 0 : 1;
};

/** `yanxiu events lag`: what each consumer has not yet taken, and what it holds aside. */
export const showLag = async (options: StatusOptions, around: Around): Promise<number> => {
  const client = await DutyClient.connect(options, around.env);
  const fields = 'lag { topic partition lag } held { count oldestAt }';
  const query = ofServices(fields, servicesOf(options));
  const { answers, complete } = await answersOf<Lag>(client, query, around);
  if (options.json) {
    const rows = answers.map(([consumer, answer]) => ({ consumer, ...answer }));
    around.stdout.write(`${JSON.stringify(rows)}\n`);
    return complete ? 0 : 1;
  }
  const rows = answers.flatMap(([consumer, { lag }]) =>
    lag.map((each) => [consumer, each.topic, String(each.partition), String(each.lag)]),
  );
  around.stdout.write(table(['consumer', 'topic', 'partition', 'lag'], rows));
  for (const [consumer, { held }] of answers) {
    if (held.count === 0) continue;
    const text = `${consumer} holds ${held.count} aside, the oldest for ${ageOf(held.oldestAt)}\n`;
    around.stdout.write(text);
  }
  return complete ? 0 : 1;
};

/** How long ago, in words that a person takes in at a glance. */
export const ageOf = (instant: string | null, now = Date.now()): string => {
  if (instant === null) return '';
  const seconds = Math.max(0, Math.round((now - Date.parse(instant)) / 1_000));
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.round(seconds / 3_600)} h`;
  return `${Math.round(seconds / 86_400)} d`;
};
