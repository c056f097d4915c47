import { SERVICES, type Service } from '@yanxiu/contracts/topic-access';
import type { Stage } from '../stage.js';
import type { Findings } from './findings.js';

/** An outside copy of the ledgers: how often each row, by its digest, is there. */
export type LedgerCopy = ReadonlyMap<string, number>;

/** The audit, and what the database lets the running service only add to. */
const ledgersOf = (stage: Stage, service: Service): Promise<{ name: string }[]> =>
  stage.sql<{ name: string }>(
    service,
    `SELECT c.relname AS name FROM pg_class c
     WHERE c.relnamespace = 'public'::regnamespace
       AND c.relkind IN ('r', 'p') AND NOT c.relispartition
       AND (c.relname = 'audit' OR has_table_privilege('${service}_app', c.oid, 'INSERT')
         AND NOT has_table_privilege('${service}_app', c.oid, 'UPDATE')) ORDER BY 1`,
  );

export async function copyLedgers(stage: Stage): Promise<LedgerCopy> {
  const copy = new Map<string, number>();
  for (const service of SERVICES) {
    for (const { name } of await ledgersOf(stage, service)) {
      const rows = await stage.sql<{ digest: string; count: number }>(
        service,
        `SELECT md5(t::text) AS digest, count(*)::int AS count FROM ${name} t GROUP BY 1`,
      );
      for (const { digest, count } of rows) copy.set(`${service}.${name} ${digest}`, count);
    }
  }
  return copy;
}

/** I4: every row of the copy is still there, unchanged. */
export async function checkLedgersKept(
  stage: Stage,
  before: LedgerCopy,
  findings: Findings,
): Promise<void> {
  const now = await copyLedgers(stage);
  for (const [row, count] of before) {
    if ((now.get(row) ?? 0) < count) findings.lost.push(`I4 a row of ${row} is gone or changed`);
  }
}

/** Each statement lists what breaks a rule; nothing listed, nothing broken. */
const HOURS = [
  [
    'a cause has no live decision',
    `SELECT id FROM cause WHERE id NOT IN
    (SELECT cause_id FROM recognition_decision)`,
  ],
  [
    'a cause was decided more than once',
    `SELECT cause_id AS id FROM recognition_decision
    GROUP BY 1 HAVING count(*) > 1`,
  ],
  [
    'an accepted decision is not credited once',
    `SELECT d.id FROM recognition_decision d
    LEFT JOIN hour_entry e ON (e.teacher_id, e.cause_id, e.decision_sequence)
      = (d.teacher_id, d.cause_id, d.sequence) AND e.turn % 2 = 1
    WHERE d.rule IS NULL GROUP BY d.id HAVING count(e.id) <> 1`,
  ],
  [
    'a credit has no accepted decision',
    `SELECT e.id FROM hour_entry e
    LEFT JOIN recognition_decision d ON (e.teacher_id, e.cause_id, e.decision_sequence)
      = (d.teacher_id, d.cause_id, d.sequence) AND d.rule IS NULL
    WHERE e.turn % 2 = 1 AND d.id IS NULL`,
  ],
  [
    'a yearly balance is not the sum of its entries',
    `SELECT y.teacher_id AS id
    FROM yearly_compliance y LEFT JOIN hour_entry e USING (teacher_id, year)
    GROUP BY y.teacher_id, y.year, y.centihours
    HAVING y.centihours <> coalesce(sum(e.centihours), 0)`,
  ],
  [
    'a teacher with hours has no balance for the year',
    `SELECT e.teacher_id AS id
    FROM hour_entry e LEFT JOIN yearly_compliance y USING (teacher_id, year)
    WHERE y.teacher_id IS NULL OR y.changed_at IS NULL`,
  ],
] as const;

const FUNDING = [
  [
    'an entry does not sum to zero',
    `SELECT entry_id AS id FROM journal_line
    GROUP BY 1 HAVING sum(amount_fen) <> 0`,
  ],
  [
    'a balance is below zero',
    `SELECT budget_id AS id FROM account_balance
    WHERE available_fen < 0 OR reserved_fen < 0 OR committed_fen < 0 OR paid_fen < 0`,
  ],
  [
    'a balance is not the sum of its lines',
    `SELECT b.budget_id AS id FROM account_balance b
    LEFT JOIN (SELECT j.budget_id,
        sum(amount_fen) FILTER (WHERE account = 'APPROPRIATION') AS appropriation,
        sum(amount_fen) FILTER (WHERE account = 'AVAILABLE') AS available,
        sum(amount_fen) FILTER (WHERE account = 'RESERVED') AS reserved,
        sum(amount_fen) FILTER (WHERE account = 'COMMITTED') AS committed
      FROM journal_line l JOIN journal_entry j ON j.id = l.entry_id GROUP BY 1) s USING (budget_id)
    WHERE (b.appropriation_fen, b.available_fen, b.reserved_fen, b.committed_fen)
      <> (coalesce(s.appropriation, 0), coalesce(s.available, 0), coalesce(s.reserved, 0),
          coalesce(s.committed, 0))`,
  ],
  [
    'a project is committed more than once',
    `SELECT project_id AS id FROM commitment
    GROUP BY 1 HAVING count(*) > 1`,
  ],
  [
    'a request was reserved or committed more than once',
    `SELECT request_id AS id
    FROM journal_entry WHERE request_id IS NOT NULL GROUP BY request_id, kind HAVING count(*) > 1`,
  ],
] as const;

/** I2, I3: the ledgers of hours and of money agree with themselves and with what caused them. */
export async function checkLedgers(stage: Stage, findings: Findings): Promise<void> {
  for (const [service, rules] of [
    ['hours', HOURS],
    ['funding', FUNDING],
  ] as const) {
    for (const [what, text] of rules) {
      const rows = await stage.sql<{ id: string }>(service, text);
      const list = what.includes('more than once') ? findings.doubled : findings.wrong;
      for (const { id } of rows) list.push(`I${service === 'hours' ? 2 : 3} ${what}: ${id}`);
    }
  }
  await checkCauses(stage, findings);
}

async function checkCauses(stage: Stage, findings: Findings): Promise<void> {
  const told = await stage.sql<{ id: string; enrolment_id: string }>(
    'training',
    'SELECT id, enrolment_id FROM participation',
  );
  const causes = await stage.sql<{ id: string }>('hours', 'SELECT id FROM cause');
  const decided = new Set(causes.map(({ id }) => id));
  for (const { id } of told) {
    if (!decided.has(id)) findings.lost.push(`I2 participation ${id} was never decided`);
  }
  if (causes.length > told.length) findings.wrong.push('I2 hours has causes that nobody told');
  const credited = await stage.sql<{ id: string; sum: number }>(
    'hours',
    `SELECT c.enrolment_id AS id, coalesce(sum(e.centihours), 0)::int AS sum
     FROM cause c LEFT JOIN hour_entry e ON e.cause_id = c.id GROUP BY 1`,
  );
  const shown = await stage.sql<{ id: string; sum: number }>(
    'training',
    'SELECT id, credited_centihours AS sum FROM enrolment',
  );
  const byEnrolment = new Map(shown.map(({ id, sum }) => [id, sum]));
  for (const { id, sum } of credited) {
    const there = byEnrolment.get(id);
    if (there !== sum) findings.wrong.push(`I2 enrolment ${id} shows ${there}, credited ${sum}`);
    if (sum !== CREDITED_CENTIHOURS) findings.wrong.push(`I2 enrolment ${id} has ${sum}`);
  }
}

/** Every walk of the load is worth the same, so the balances cannot hang on the order. */
const CREDITED_CENTIHOURS = 800;
