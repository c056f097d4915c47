import type { Client } from '../client.js';
import type { Stage } from '../stage.js';
import { checkCommands, checkSameAnswers, type AuditBaseline } from './commands.js';
import { checkCopies, checkEnds } from './copies.js';
import { checkEvents } from './events.js';
import { Findings } from './findings.js';
import { checkLedgers, checkLedgersKept, type LedgerCopy } from './ledgers.js';
import { checkRebuilds, type Rebuilds } from './rebuilds.js';

export interface Before {
  audit: AuditBaseline;
  ledgers: LedgerCopy;
}

export interface Wanted extends Before {
  rebuilds: Rebuilds;
}

/** All invariants, asked from outside once it is quiet. */
export async function checkAll(stage: Stage, client: Client, before: Wanted): Promise<Findings> {
  const findings = new Findings();
  await checkCommands(stage, client, before.audit, findings);
  await checkEvents(stage, findings);
  await checkLedgers(stage, findings);
  await checkLedgersKept(stage, before.ledgers, findings);
  await checkEnds(stage, findings);
  await checkCopies(stage, findings);
  await checkSameAnswers(client, findings);
  await checkRebuilds(stage, before.rebuilds, findings);
  return findings;
}
