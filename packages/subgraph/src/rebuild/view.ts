import type { EventHandler } from '@yanxiu/messaging/handlers';

/**
 * Tables that events alone build, so that they can be thrown away and built again from the log.
 * Its handlers emit nothing and store no time but that of their event. Ledgers are no views.
 */
export interface View {
  name: string;
  /** Tables that its handlers write; each has a primary key. */
  tables: readonly string[];
  /** Tables that its handlers only look into; they are taken as they are. */
  reads?: readonly string[];
  handlers: readonly EventHandler[];
}
