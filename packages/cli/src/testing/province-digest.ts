import { createHash } from 'node:crypto';
import pg from 'pg';
import { SYSTEM_SESSION } from '@yanxiu/subgraph/scoped-database';

/** Tables of the machinery: what is in them depends on the moment, not on the province. */
const MACHINERY = /^(outbox|inbox|dead_letter|idempotency|audit|migrations)/;
/** Sealed values and keys are new each time; sequences follow the order of arrival. */
const VOLATILE =
  /(_sealed|(^|_)hash|_pem|_key|^key|key_id|^seq|staff_number|signature|token|nonce|message)$/;
const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;

/** Ids that the plan itself gives; others are made on the way and stand for nothing. */
export const idsOf = (plan: unknown): ReadonlySet<string> =>
  new Set(JSON.stringify(plan).match(UUID) ?? []);

/** One line for each table: its rows, and a hash over their business columns in sorted order. */
export async function digestOf(url: string, known: ReadonlySet<string>): Promise<string[]> {
  const client = new pg.Client({ connectionString: url, options: SYSTEM_SESSION });
  await client.connect();
  try {
    const { rows: tables } = await client.query<{ name: string }>(
      `SELECT table_name AS name FROM information_schema.tables
       WHERE table_schema = 'public' AND table_type = 'BASE TABLE' ORDER BY 1`,
    );
    const lines: string[] = [];
    for (const { name } of tables) {
      if (MACHINERY.test(name)) continue;
      const table = pg.escapeIdentifier(name);
      const { rows } = await client.query<{ row: Record<string, unknown> }>(
        `SELECT to_jsonb(t) AS row FROM ${table} t`,
      );
      const texts = rows.map(({ row }) => businessText(row, known)).sort();
      const hash = createHash('sha256').update(texts.join('\n')).digest('hex').slice(0, 16);
      lines.push(`${name} ${rows.length} ${hash}`);
    }
    return lines;
  } finally {
    await client.end();
  }
}

function businessText(row: Readonly<Record<string, unknown>>, known: ReadonlySet<string>): string {
  const columns = Object.entries(row)
    .filter(([column]) => !VOLATILE.test(column))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify(columns).replace(UUID, (id) => (known.has(id) ? id : 'made'));
}
