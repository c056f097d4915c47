import pg from 'pg';
import type { DataSource, QueryRunner } from 'typeorm';
import { isStalePlan } from '@yanxiu/messaging/handlers';
import type { Actor } from './actor.js';
import { noteFailure, prepared } from './prepared.js';

/**
 * Whose rows a statement finds in fenced tables: those that an actor reaches, those open to anyone
 * without login (null), or all of them (SYSTEM: commands, consumers, what runs by itself).
 */
export type Scope = Actor | null | 'SYSTEM';

/** The database that a scoped one was made of. */
const bases = new WeakMap<DataSource, DataSource>();
const systems = new WeakMap<DataSource, DataSource>();
const keyedSystems = new WeakMap<DataSource, DataSource>();

/** Marks at the head of a statement, and how the server is told to plan it. */
const MARKS = {
  '/* by key */ ': 'force_generic_plan',
  '/* by range */ ': 'force_custom_plan',
} as const;
type Mark = keyof typeof MARKS;

const planning = (mark: Mark): string => `SET LOCAL plan_cache_mode = ${MARKS[mark]}`;

/**
 * A statement that finds few rows by key, whatever its parameters are: it is planned once. Left to
 * itself PostgreSQL plans a statement over a partitioned table each time, to look into one part
 * only; that took longer than to run it, for the ledger and for every reference of an entry.
 */
export const keyed = (sql: string): string => mark('/* by key */ ', sql);

/**
 * A statement whose parameters say how much of the province it is about, such as the path of a
 * unit: it is planned each time. Left to itself PostgreSQL soon keeps the plan of a small part,
 * by which a province's page takes many times as long.
 */
export const ranged = (sql: string): string => mark('/* by range */ ', sql);

const mark = (head: Mark, sql: string): string => head + sql;

/**
 * The same database within a scope, whatever scope `db` had. The scope is set inside the
 * transaction, so that it ends with it: of {@link DataSource.transaction} with its first statement;
 * a statement without a transaction is given one of its own, sent together with it.
 */
export function scopedTo(db: DataSource, scope: Scope): DataSource {
  return scopedWith(db, roleOf(scope), settingsOf(scope));
}

function scopedWith(db: DataSource, role: string, settings: string): DataSource {
  const base = bases.get(db) ?? db;
  const scoped = Object.create(base, {
    createQueryRunner: {
      value(this: DataSource, mode?: 'master' | 'slave') {
        return within(base.createQueryRunner.call(this, mode), role, settings);
      },
    },
  }) as DataSource;
  Object.defineProperty(scoped, 'manager', { value: base.createEntityManager.call(scoped) });
  bases.set(scoped, base);
  return scoped;
}

/** The database with all its rows, the same object for the same database. */
export const asSystem = (db: DataSource): DataSource =>
  once(systems, db, (base) => scopedTo(base, 'SYSTEM'));

/** As {@link asSystem} for commands and consumers, each of whose statements is {@link keyed}. */
export const asWriter = (db: DataSource): DataSource =>
  once(keyedSystems, db, (base) =>
    scopedWith(base, roleOf('SYSTEM'), `${settingsOf('SYSTEM')}; ${planning('/* by key */ ')}`),
  );

function once(
  known: WeakMap<DataSource, DataSource>,
  db: DataSource,
  make: (base: DataSource) => DataSource,
): DataSource {
  const base = bases.get(db) ?? db;
  const scoped = known.get(base) ?? make(base);
  known.set(base, scoped);
  return scoped;
}

/** Start-up option of a session that sees all rows: that of the owner, who is fenced as well. */
export const SYSTEM_SESSION = '-c yanxiu.role=SYSTEM';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** What `planned_role` of row-security.ts answers within the scope. */
const roleOf = (scope: Scope): string =>
  scope === 'SYSTEM' ? 'SYSTEM' : scope === null ? 'ANYONE' : scope.role;

/** Statements that set the scope until the end of the transaction; `scopeFunctions` read it. */
function settingsOf(scope: Scope): string {
  const role = roleOf(scope);
  if (scope === 'SYSTEM' || scope === null) return `SET LOCAL yanxiu.role = '${role}'`;
  const { unit, institution, teacher } = scope;
  const settings = { role, unit, institution, teacher: UUID.test(teacher ?? '') ? teacher : '' };
  return Object.entries(settings)
    .filter(([, value]) => value)
    .map(([name, value]) => `SET LOCAL yanxiu.${name} = ${pg.escapeLiteral(value ?? '')}`)
    .join('; ');
}

/** A runner whose statements run within the scope. */
function within(runner: QueryRunner, role: string, settings: string): QueryRunner {
  const connect = runner.connect.bind(runner);
  let scoped: pg.ClientBase | undefined;
  runner.connect = async () => {
    if (scoped) return scoped;
    const client = (await connect()) as pg.ClientBase;
    const send = async (text: string, values?: unknown[]): Promise<unknown> => {
      try {
        return await client.query(prepared(client, role, text, values));
      } catch (error) {
        noteFailure(client, error);
        throw error;
      }
    };
    const query = async (text: string, values?: unknown[]): Promise<unknown> => {
      if (text === 'START TRANSACTION') return client.query(`${text}; ${settings}`);
      if (runner.isTransactionActive) return send(text, values);
      const marked = (Object.keys(MARKS) as Mark[]).find((head) => text.startsWith(head));
      const set = marked ? `${settings}; ${planning(marked)}` : settings;
      const once = (): Promise<unknown> => alone(client, set, () => send(text, values));
      // It has changed nothing, and its name is given up: the second time it is planned anew.
      return once().catch((error: unknown) =>
        isStalePlan(error) ? once() : Promise.reject(error),
      );
    };
    return (scoped = Object.create(client, { query: { value: query } }) as pg.ClientBase);
  };
  return runner;
}

/** One statement in a transaction of its own: on a pipelined connection one wait for all three. */
async function alone(
  client: pg.ClientBase,
  settings: string,
  send: () => Promise<unknown>,
): Promise<unknown> {
  const [begun, answer, ended] = await Promise.allSettled([
    client.query(`BEGIN; ${settings}`),
    send(),
    // After a failed statement this is a rollback.
    client.query('COMMIT'),
  ]);
  for (const each of [answer, begun, ended]) {
    if (each.status === 'rejected') throw each.reason;
  }
  return answer.status === 'fulfilled' ? answer.value : undefined;
}
