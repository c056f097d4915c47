import { In, type EntityManager } from 'typeorm';
import { inForceOn } from '@yanxiu/registry/policy';
import { POLICY_KEYS } from '@yanxiu/registry/policy-keys';
import { localDate } from '@yanxiu/subgraph/calendar';
import {
  inOrder,
  load,
  nowOf,
  requireActor,
  type Batch,
  type Context,
} from '@yanxiu/subgraph/context';
import { notFound } from '@yanxiu/subgraph/errors';
import { connectionOf, type Connection, type Page } from '@yanxiu/subgraph/pagination';
import { isTeacherId as isUuid } from '../teacher/queries.js';
import { Policy, PolicyInstrument } from './entity.js';
import {
  cameSince,
  changesOf,
  keptBelow,
  lastDay,
  type DraftStatus,
  type Placed,
  type PolicyChange,
} from './rules.js';

/**
 * Versions in force on a date for a unit, by key; read by anyone (R138). Precedence is that of
 * `policiesOn` of the registry: nearest scope, latest `validFrom`, highest version.
 */
export async function policiesInForce(
  context: Context,
  asked: { on?: string | null | undefined; scope?: string | null | undefined },
  key: string | null = null,
): Promise<Policy[]> {
  const { manager } = context.db;
  const date = asked.on ?? localDate(nowOf(context));
  const rows: { key: string; version: number }[] = await manager.query(
    `SELECT DISTINCT ON (p.key) p.key, p.version
     FROM policy p LEFT JOIN org_unit scope ON scope.code = p.scope_code
     WHERE ($3::text IS NULL OR p.key = $3)
       AND p.valid_from <= $1 AND (p.valid_to IS NULL OR p.valid_to >= $1)
       AND (p.scope_code IS NULL OR EXISTS (
         SELECT 1 FROM org_unit u
         WHERE u.code = $2 AND u.path >= scope.path AND u.path < scope.path || '/'))
     ORDER BY p.key, length(coalesce(scope.path, '')) DESC, p.valid_from DESC, p.version DESC`,
    [date, asked.scope ?? null, key],
  );
  if (rows.length === 0) return [];
  const found = await manager.find(Policy, {
    where: rows.map((row) => ({ key: row.key, version: row.version })),
    order: { key: 'ASC' },
  });
  return found;
}

/** Every version of a key, the newest first. */
export const policyVersions = (context: Context, key: string): Promise<Policy[]> =>
  context.db.manager.find(Policy, { where: { key }, order: { version: 'DESC' } });

export const policyVersion = (context: Context, key: string, version: number): Promise<Policy> =>
  context.db.manager.findOneByOrFail(Policy, { key, version });

/** Every document, the newest first. */
export const policyInstruments = (context: Context): Promise<PolicyInstrument[]> =>
  context.db.manager.find(PolicyInstrument, { order: { issuedOn: 'DESC', citation: 'ASC' } });

const instrumentsByCitation: Batch<string, PolicyInstrument> = async ({ db }, citations) =>
  inOrder(
    citations,
    await db.manager.findBy(PolicyInstrument, { citation: In([...citations]) }),
    (instrument) => instrument.citation,
  );

/** The document that a version rests on; the database makes sure that there is one. */
export async function instrumentOf(context: Context, citation: string): Promise<PolicyInstrument> {
  const instrument = await load(context, instrumentsByCitation, citation);
  if (!instrument) throw new Error(`no instrument ${citation}`);
  return instrument;
}

/** One who publishes, drafts or withdraws a version of this key waits for the other. */
export const lockKey = (manager: EntityManager, key: string): Promise<unknown> =>
  manager.query('SELECT pg_advisory_xact_lock(hashtext($1))', [`personnel.policy ${key}`]);

export const highestVersion = async (manager: EntityManager, key: string): Promise<number> =>
  (await manager.maximum(Policy, 'version', { key })) ?? 0;

/** A published version with its words and its place in the tree. */
export type PlacedVersion = Policy & Placed;

/** Every version of a key with its place in the tree. */
export async function versionsOf(manager: EntityManager, key: string): Promise<PlacedVersion[]> {
  return manager.query(
    `SELECT p.key, p.version, p.value, p.unit, p.valid_from::text AS "validFrom",
       p.valid_to::text AS "validTo", p.scope_code AS "scopeCode", p.rules, p.instrument,
       p.article, p.quotation, p.published_at AS "publishedAt", u.path
     FROM policy p LEFT JOIN org_unit u ON u.code = p.scope_code
     WHERE p.key = $1 ORDER BY p.version`,
    [key],
  );
}

/** A draft with what became of it. */
export interface DraftRow {
  id: string;
  key: string;
  value: unknown;
  validFrom: string;
  validTo: string | null;
  scopeCode: string | null;
  /** Place of its unit in the tree; null: the whole province. */
  path: string | null;
  instrument: string;
  article: string;
  quotation: string;
  /** The newest version of the key when it was drafted. */
  basedOn: number;
  draftedBy: string;
  unitCode: string;
  draftedAt: Date;
  status: DraftStatus;
  endedBy: string | null;
  endedAt: Date | null;
  reason: string | null;
  /** Of the version that it was published as. */
  version: number | null;
}

const DRAFT = `SELECT d.id, d.key, d.value, d.valid_from::text AS "validFrom",
    d.valid_to::text AS "validTo", d.scope_code AS "scopeCode", u.path, d.instrument, d.article,
    d.quotation, d.based_on AS "basedOn", d.drafted_by AS "draftedBy", d.unit_code AS "unitCode",
    d.drafted_at AS "draftedAt", coalesce(e.outcome, 'OPEN') AS status, e.ended_by AS "endedBy",
    e.ended_at AS "endedAt", e.reason, e.version
  FROM policy_draft d
  LEFT JOIN policy_draft_end e ON e.draft_id = d.id
  LEFT JOIN org_unit u ON u.code = d.scope_code`;

export async function findDraft(manager: EntityManager, id: string): Promise<DraftRow | null> {
  const rows: DraftRow[] = await manager.query(`${DRAFT} WHERE d.id = $1`, [id]);
  return rows[0] ?? null;
}

const READERS = ['OFFICER', 'COORDINATOR', 'AUDITOR'] as const;

/**
 * SQL that holds when the actor's unit oversees the unit of a draft; of one for the whole province
 * that is the root alone.
 */
const OVERSEEN = `EXISTS (
    SELECT FROM org_unit own WHERE own.code = $1
      AND CASE WHEN d.scope_code IS NULL THEN own.parent_code IS NULL
               ELSE u.path >= own.path AND u.path < own.path || '/' END)`;

/** A draft within the actor's jurisdiction. */
export async function draftById(context: Context, id: string): Promise<DraftRow> {
  const actor = requireActor(context, ...READERS);
  const rows: DraftRow[] = isUuid(id)
    ? await context.db.query(`${DRAFT} WHERE ${OVERSEEN} AND d.id = $2`, [actor.unit, id])
    : [];
  const [row] = rows;
  if (row) return row;
  throw notFound({ zh: '政策参数草案', en: 'policy draft' }, id);
}

/** Drafts within the actor's jurisdiction, the newest first. */
export async function policyDrafts(
  context: Context,
  filter: { status: DraftStatus | null; key: string | null },
  page: Page,
): Promise<Connection<DraftRow>> {
  const actor = requireActor(context, ...READERS);
  const rows: DraftRow[] = await context.db.query(
    `${DRAFT} WHERE ${OVERSEEN}
       AND ($2::text IS NULL OR coalesce(e.outcome, 'OPEN') = $2)
       AND ($3::text IS NULL OR d.key = $3) AND ($4::uuid IS NULL OR d.id < $4)
     ORDER BY d.id DESC LIMIT $5`,
    [actor.unit, filter.status, filter.key, page.after?.[0] ?? null, page.limit + 1],
  );
  return connectionOf(rows, page, ({ id }) => [id]);
}

/** A draft beside what is in force. */
export interface Comparison {
  inForce: Policy | null;
  changes: PolicyChange[];
  holdsUntil: string | null;
  rules: string[];
  keptBelow: Policy[];
  since: Policy[];
}

/** What a draft would change; of one that is published, what it did. */
export async function comparisonOf(context: Context, draft: DraftRow): Promise<Comparison> {
  const all = await versionsOf(context.db.manager, draft.key);
  const versions = all.filter(({ version }) => draft.version === null || version < draft.version);
  const placed = { ...draft, version: draft.version ?? 0 };
  const inForce = inForceOn(versions, draft.validFrom, draft.path)[0] ?? null;
  const holdsUntil = lastDay(placed, versions);
  return {
    inForce,
    changes: changesOf(placed, inForce),
    holdsUntil,
    rules: [...(POLICY_KEYS[draft.key]?.rules ?? [])],
    keptBelow: keptBelow(placed, holdsUntil, versions),
    since: cameSince(draft, draft.basedOn, versions),
  };
}
