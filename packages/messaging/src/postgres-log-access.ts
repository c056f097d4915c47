import pg from 'pg';
import { accessOf, readingOnly, type Service } from '@yanxiu/contracts/topic-access';
import { postgresLogTables } from './tables.js';

/** Some names, or every one. */
type Names = readonly string[] | 'all';

/** What someone may do in the database `events`; what is not named they may not. */
export interface LogGrant {
  /** A service, or who else it is: their former grant, whatever its role, gives way to this. */
  name: string;
  /** The role that they log in with; several may share one. */
  role: string;
  /** Topics on which it may append. */
  writes: Names;
  /** Topics that it may read; it also sees what it may write. */
  reads: Names;
  /** Consumer groups whose positions it may keep. */
  groups: Names;
}

const roleIn = (url: string): string => decodeURIComponent(new URL(url).username);

/** A service's part: it writes its own topics, reads what it acts on, keeps its own positions. */
export const grantOf = (service: Service, url: string): LogGrant => ({
  name: service,
  role: roleIn(url),
  groups: [service],
  ...accessOf(service),
});

/** Reads every topic and writes nothing; a role that is its member may do as much. */
export const readerGrant = (url: string): LogGrant => ({
  name: 'reader',
  role: roleIn(url),
  groups: [],
  ...readingOnly,
});

/** For tests: every topic, of the catalogue or not. */
export const everything = (role: string): LogGrant => ({
  name: 'everything',
  role,
  writes: 'all',
  reads: 'all',
  groups: 'all',
});

/** Brings the log's tables up to date as their owner and makes the grants, in their order. */
export async function migratePostgresLog(
  ownerUrl: string,
  grants: readonly LogGrant[],
): Promise<void> {
  const client = new pg.Client({ connectionString: ownerUrl });
  await client.connect();
  try {
    await client.query('BEGIN');
    await client.query('SELECT pg_advisory_xact_lock(7201002)');
    for (const statement of postgresLogTables) await client.query(statement);
    for (const grant of grants) {
      for (const statement of statementsOf(grant)) await client.query(statement);
    }
    await client.query('COMMIT');
  } finally {
    await client.end();
  }
}

const TABLES = ['log', 'log_state', 'log_topic', 'log_position'] as const;

/** Rights on the tables, and policies that keep them to the topics and groups that are granted. */
function statementsOf({ name, role, writes, reads, groups }: LogGrant): string[] {
  const to = pg.escapeIdentifier(role);
  const mayWrite = isOne('topic', writes);
  const maySee = isOne('topic', union(reads, writes));
  const statements = [`GRANT SELECT ON ${TABLES.join(', ')} TO ${to}`];
  if (writes.length === 0 && groups.length === 0) {
    statements.push(`REVOKE INSERT, UPDATE, DELETE ON ${TABLES.join(', ')} FROM ${to}`);
  }
  const policy = (table: string, action: string, condition: string) => {
    const label = pg.escapeIdentifier(`${name} ${action.toLowerCase()}`);
    const check = action === 'SELECT' ? `USING (${condition})` : `WITH CHECK (${condition})`;
    const both = action === 'UPDATE' || action === 'ALL' ? `USING (${condition}) ` : '';
    statements.push(
      `DROP POLICY IF EXISTS ${label} ON ${table}`,
      `CREATE POLICY ${label} ON ${table} FOR ${action} TO ${to} ${both}${check}`,
    );
  };
  policy('log', 'SELECT', maySee);
  policy('log_state', 'SELECT', maySee);
  policy('log_topic', 'SELECT', 'true');
  policy('log_position', 'ALL', isOne('consumer_group', groups));
  if (groups.length > 0) {
    statements.push(`GRANT INSERT ON log_topic TO ${to}`);
    statements.push(`GRANT INSERT, UPDATE ON log_position TO ${to}`);
    policy('log_topic', 'INSERT', maySee);
  }
  if (writes.length > 0) {
    statements.push(`GRANT INSERT ON log TO ${to}`);
    statements.push(`GRANT INSERT, UPDATE ON log_state TO ${to}`);
    policy('log', 'INSERT', mayWrite);
    policy('log_state', 'INSERT', mayWrite);
    policy('log_state', 'UPDATE', mayWrite);
  }
  return statements;
}

const union = (a: Names, b: Names): Names => (a === 'all' || b === 'all' ? 'all' : [...a, ...b]);

const isOne = (column: string, names: Names): string => {
  if (names === 'all') return 'true';
  const list = names.map((name) => pg.escapeLiteral(name)).join(', ');
  return `${column} = ANY (ARRAY[${list}]::text[])`;
};
