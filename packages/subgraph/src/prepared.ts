import { createHash } from 'node:crypto';
import type pg from 'pg';
import { isStalePlan } from '@yanxiu/messaging/handlers';

/** A statement is given a name when it comes for this many times. */
const OFTEN = 3;
/** Names on one connection: what it keeps of each costs the server memory. */
const MAX_NAMES = 400;
/** Texts that are counted on one connection before counting starts afresh. */
const MAX_COUNTED = 2_000;

interface Connection {
  /** Raised when all names are given up, so that a name never stands for two plans. */
  generation: number;
  uses: Map<string, number>;
  names: Map<string, string>;
}

const connections = new WeakMap<pg.ClientBase, Connection>();

const connectionOf = (client: pg.ClientBase): Connection => {
  let connection = connections.get(client);
  if (!connection) {
    connection = { generation: 0, uses: new Map(), names: new Map() };
    connections.set(client, connection);
  }
  return connection;
};

/**
 * The statement as it is sent: one that comes often on this connection under a name, so that
 * PostgreSQL keeps its plan instead of parsing and planning it each time. The plan is one for this
 * role: `planned_role` of row-security.ts is part of it.
 */
export function prepared(
  client: pg.ClientBase,
  role: string,
  text: string,
  values: unknown[] | undefined,
): pg.QueryConfig {
  const plain = { text, ...(values && { values }) };
  // Without parameters it may be several statements, or one whose text is different each time.
  if (!values || values.length === 0) return plain;
  const connection = connectionOf(client);
  const key = `${role} ${text}`;
  let name = connection.names.get(key);
  if (name === undefined) {
    const uses = (connection.uses.get(key) ?? 0) + 1;
    if (connection.uses.size >= MAX_COUNTED) connection.uses.clear();
    connection.uses.set(key, uses);
    if (uses < OFTEN || connection.names.size >= MAX_NAMES) return plain;
    const hash = createHash('sha256').update(key).digest('hex').slice(0, 32);
    name = `s${connection.generation}_${hash}`;
    connection.names.set(key, name);
    connection.uses.delete(key);
  }
  return { ...plain, name };
}

/** Gives up all names of the connection when a statement was stale. */
export function noteFailure(client: pg.ClientBase, error: unknown): void {
  if (!isStalePlan(error)) return;
  const connection = connectionOf(client);
  connection.generation += 1;
  connection.names.clear();
}
