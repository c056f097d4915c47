import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { SERVICES } from '@yanxiu/contracts/topic-access';
import { BOTH, isAlive, type Case, type Trial } from '../case.js';

const seconds = (n: number): Promise<void> => delay(n * 1_000);

async function killBroker(trial: Trial, forSeconds: number): Promise<void> {
  const { broker } = trial.stage;
  if (!broker) throw new Error('there is no broker');
  const { pid } = broker;
  await broker.signal('SIGKILL');
  await trial.expectHit(() => !isAlive(pid));
  await seconds(forSeconds);
  await broker.start();
}

const state = async (pid: number): Promise<string | undefined> => {
  const line = await readFile(`/proc/${pid}/stat`, 'utf8');
  return line.slice(line.lastIndexOf(')') + 2).split(' ')[0];
};

async function freezeBroker(trial: Trial): Promise<void> {
  const { broker } = trial.stage;
  if (!broker) throw new Error('there is no broker');
  const sent = trial.client.acknowledged.length;
  await broker.signal('SIGSTOP');
  try {
    await trial.expectHit(async () => (await state(broker.pid)) === 'T');
    await seconds(20);
  } finally {
    await broker.signal('SIGCONT');
  }
  const during = trial.client.acknowledged.length - sent;
  trial.notes.push(`${during} commands acknowledged meanwhile`);
}

async function endPostgres(trial: Trial, signal: 'SIGQUIT' | 'SIGKILL'): Promise<void> {
  const { postgres } = trial.stage;
  const { pid } = postgres;
  await postgres.signal(signal);
  await trial.expectHit(() => !isAlive(pid));
  await seconds(2);
  await postgres.start();
}

/** B-trees and heaps of every database, as pg_amcheck would look at them. */
async function amcheck(trial: Trial): Promise<void> {
  const { postgres, databases } = trial.stage;
  for (const name of databases) {
    const url = new URL(postgres.url);
    url.pathname = `/${name}`;
    const client = new pg.Client({ connectionString: url.href });
    await client.connect();
    try {
      await client.query('CREATE EXTENSION IF NOT EXISTS amcheck');
      await client.query(
        `SELECT bt_index_check(c.oid, true) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
         JOIN pg_am a ON a.oid = c.relam WHERE a.amname = 'btree' AND c.relpersistence = 'p'
           AND i.indisvalid AND c.relkind = 'i'`,
      );
      const { rows } = await client.query<{ relname: string; msg: string }>(
        `SELECT c.relname, v.msg FROM pg_class c, verify_heapam(c.oid) v
         WHERE c.relkind IN ('r', 't') AND c.relpersistence = 'p'`,
      );
      for (const { relname, msg } of rows) trial.wrong.push(`F16 ${name}.${relname}: ${msg}`);
    } catch (error) {
      trial.wrong.push(`F16 ${name}: ${String(error)}`);
    } finally {
      await client.end();
    }
  }
  trial.notes.push('amcheck of every index and table');
}

/** Holds a lock that every command of personnel needs, so that its pool runs dry. */
async function exhaustPool(trial: Trial): Promise<void> {
  const { stage, client } = trial;
  const blocker = new pg.Client({
    connectionString: stage.pools.get('personnel')?.options.connectionString,
  });
  await blocker.connect();
  try {
    await blocker.query('BEGIN');
    await blocker.query('LOCK TABLE idempotency IN ACCESS EXCLUSIVE MODE');
    const waiting = async (): Promise<number> => {
      const [row] = await stage.sessions<{ count: number }>(
        `SELECT count(*)::int AS count FROM pg_stat_activity
         WHERE datname = 'personnel' AND usename = 'personnel_app' AND wait_event_type = 'Lock'`,
      );
      return row?.count ?? 0;
    };
    const crowd = Array.from({ length: 14 }, () => trial.load.probe().catch(() => ''));
    await trial.expectHit(async () => (await waiting()) >= 10);
    await seconds(15);
    trial.notes.push(`${await waiting()} connections waiting, ${client.inFlight} requests`);
    await blocker.query('ROLLBACK');
    await Promise.all(crowd);
  } finally {
    await blocker.end();
  }
}

/** A transaction that has written and stays open, as a forgotten session does. */
async function openTransaction(trial: Trial): Promise<void> {
  const sessions: pg.Client[] = [];
  try {
    for (const name of SERVICES) {
      const session = new pg.Client({
        connectionString: trial.stage.pools.get(name)?.options.connectionString,
      });
      session.on('error', () => undefined);
      await session.connect();
      sessions.push(session);
      await session.query('BEGIN');
      await session.query('SELECT pg_current_xact_id()');
    }
    await trial.expectHit(async () => {
      const rows = await trial.stage.sessions(
        `SELECT 1 FROM pg_stat_activity WHERE state = 'idle in transaction'
           AND backend_xid IS NOT NULL`,
      );
      return rows.length > 0;
    });
    const before = trial.client.acknowledged.length;
    await seconds(300);
    trial.notes.push(`${trial.client.acknowledged.length - before} commands in five minutes`);
  } finally {
    for (const session of sessions) await session.end().catch(() => undefined);
  }
}

/** Broker and database themselves. */
export const serverCases: readonly Case[] = [
  {
    id: 'F13',
    fault: 'broker killed for 12 s',
    transports: ['kafka'],
    seeds: 3,
    run: (trial) => killBroker(trial, 12),
  },
  {
    id: 'F13b',
    fault: 'broker killed for 60 s',
    transports: ['kafka'],
    seeds: 3,
    run: (trial) => killBroker(trial, 60),
  },
  {
    id: 'F14',
    fault: 'broker frozen for 20 s under 8 senders',
    transports: ['kafka'],
    seeds: 3,
    short: true,
    run: freezeBroker,
  },
  {
    id: 'F16',
    fault: 'PostgreSQL stopped at once, then killed',
    transports: BOTH,
    seeds: 1,
    short: true,
    run: async (trial) => {
      await endPostgres(trial, 'SIGQUIT');
      await seconds(3);
      await endPostgres(trial, 'SIGKILL');
      await amcheck(trial);
    },
  },
  {
    id: 'F17',
    fault: "a service's pool of connections exhausted for 15 s",
    transports: BOTH,
    seeds: 1,
    run: exhaustPool,
  },
  {
    id: 'F17b',
    fault: 'a writing transaction left open for five minutes',
    transports: BOTH,
    seeds: 1,
    run: openTransaction,
  },
];
