import type { DataSource } from 'typeorm';
import { systemEnvironment, type Environment } from '@yanxiu/messaging/environment';
import type { Actor } from '@yanxiu/subgraph/actor';
import type { Context } from '@yanxiu/subgraph/context';
import type { Locale } from '@yanxiu/subgraph/errors';
import { createLog } from '@yanxiu/subgraph/log';
import { asSystem, scopedTo } from '@yanxiu/subgraph/scoped-database';

/** A clock that stands still until it is set. */
export interface TestClock {
  now: Date;
}

/** Random ids, time as the clock says. */
export const testEnvironment = (clock: TestClock): Environment => ({
  ...systemEnvironment(),
  now: () => clock.now,
});

export interface TestContextOptions {
  service: string;
  db: DataSource;
  actor: Actor | null;
  /** A date, or a clock that the test sets as it goes on. */
  now?: Date | TestClock;
  locale?: Locale;
}

const newId = systemEnvironment().ids('test');

/** The context of one request, as the server would make it. */
export function testContext(options: TestContextOptions): Context {
  const { service, db, actor, now = new Date(), locale = 'en' } = options;
  const clock = now instanceof Date ? { now } : now;
  return {
    service,
    actor,
    subject: actor?.subject ?? null,
    refusal: null,
    db: scopedTo(db, actor),
    environment: testEnvironment(clock),
    locale,
    requestId: newId(),
    log: createLog('test', 'silent'),
  };
}

/**
 * The same request with every row in sight: row-level security hides nothing, so that a query's
 * own filter stands alone.
 */
export const withoutRowFence = (context: Context): Context => ({
  ...context,
  db: asSystem(context.db),
});
