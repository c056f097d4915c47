import { acting, actingUnit, requireOrgUnit } from '@yanxiu/registry/scope';
import { fits } from '@yanxiu/registry/policy-value';
import { command, type CommandInput, type CommandTx } from '@yanxiu/subgraph/command';
import type { Context } from '@yanxiu/subgraph/context';
import { enforce, permit } from '@yanxiu/subgraph/decision';
import { badInput, notFound } from '@yanxiu/subgraph/errors';
import { isTeacherId as isUuid } from '../teacher/queries.js';
import { PolicyInstrument } from './entity.js';
import { findDraft, highestVersion, lockKey, versionsOf, type DraftRow } from './queries.js';
import { isFresh, isOpen, isOwn, may, noLess, wellCited } from './rules.js';
import { saveVersion } from './publish.js';

export interface DraftPolicyInput extends CommandInput {
  key: string;
  value?: unknown;
  validFrom: string;
  validTo?: string | null | undefined;
  scopeCode?: string | null | undefined;
  instrument: string;
  article: string;
  quotation: string;
}

export interface DraftRef {
  draftId: string;
}

/** Drafts a version of a parameter (政策参数拟定); nothing holds by it until another publishes it. */
export async function draftPolicy(context: Context, input: DraftPolicyInput): Promise<DraftRef> {
  return command(context, 'policy.draft', input, async (tx) => {
    const { manager, actor, now } = tx;
    const { key, validFrom, instrument, article, quotation } = input;
    const value = input.value ?? null;
    const validTo = input.validTo ?? null;
    const scopeCode = input.scopeCode ?? null;
    const content = { key, value, validFrom, validTo, scopeCode, article, quotation };
    const by = await acting(tx);
    permit(may(by, 'draft', parameterOf(content)));
    const unitCode = by.unit;
    if (!(await manager.existsBy(PolicyInstrument, { citation: instrument }))) {
      throw badInput(
        `文件 ${instrument} 未登记。`,
        `The document ${instrument} is not registered.`,
      );
    }
    await lockKey(manager, key);
    await requireFit(tx, unitCode, content);
    const draftId = tx.newId();
    await manager.query(
      `INSERT INTO policy_draft (id, key, value, valid_from, valid_to, scope_code, instrument,
         article, quotation, based_on, drafted_by, unit_code, drafted_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
      // As text: the driver would send null as SQL NULL and a list as a Postgres array.
      [draftId, key, JSON.stringify(value), validFrom, validTo, scopeCode, instrument]
        .concat([article, quotation])
        .concat([String(await highestVersion(manager, key)), actor.subject, unitCode])
        .concat([now.toISOString()]),
    );
    tx.subject('PolicyDraft', draftId);
    return { draftId };
  });
}

export interface PublishPolicyInput extends CommandInput {
  draftId: string;
}

export interface PolicyRef {
  key: string;
  version: number;
}

/** Publishes what another person has drafted (政策参数发布); earlier versions stay as they are. */
export async function publishPolicy(
  context: Context,
  input: PublishPolicyInput,
): Promise<PolicyRef> {
  return command(context, 'policy.publish', input, async (tx) => {
    const draft = await openDraft(tx, input.draftId);
    const { draftedBy } = draft;
    permit(may(await acting(tx), 'publish', { ...parameterOf(draft), draftedBy }));
    const unitCode = tx.actor.unit;
    enforce(isOpen(draft.status));
    enforce(isFresh(draft, draft.basedOn, await versionsOf(tx.manager, draft.key)));
    await requireFit(tx, unitCode, draft);
    const { key } = draft;
    const version = await saveVersion(tx, draft);
    await end(tx, draft, { outcome: 'PUBLISHED', unitCode, reason: null, key, version });
    tx.subject('Policy', `${key}@${version}`);
    return { key, version };
  });
}

export interface WithdrawPolicyDraftInput extends CommandInput {
  draftId: string;
  reason: string;
}

/** Withdraws a draft (撤回草案), with a reason: its author, or whoever might publish it. */
export async function withdrawPolicyDraft(
  context: Context,
  input: WithdrawPolicyDraftInput,
): Promise<DraftRef> {
  return command(context, 'policy.withdrawDraft', input, async (tx) => {
    const draft = await openDraft(tx, input.draftId);
    permit(may(await acting(tx), 'withdraw', parameterOf(draft)));
    const unitCode = tx.actor.unit;
    enforce(isOpen(draft.status));
    const reason = input.reason.trim();
    if (reason === '') throw badInput('请说明撤回理由。', 'Say why it is withdrawn.');
    await end(tx, draft, { outcome: 'WITHDRAWN', unitCode, reason, key: null, version: null });
    tx.subject('PolicyDraft', draft.id);
    return { draftId: draft.id };
  });
}

type Content = Pick<
  DraftRow,
  'key' | 'value' | 'validFrom' | 'validTo' | 'scopeCode' | 'article' | 'quotation'
>;

/** What a draft sets and where; refused when it is no parameter, or no value of it. */
const parameterOf = ({ key, value, scopeCode }: Pick<Content, 'key' | 'value' | 'scopeCode'>) => ({
  key,
  definition: enforce(fits(key, value)),
  scopeCode,
});

/** That it is cited, lies in a place that exists, and is no less than the unit may set. */
async function requireFit(
  { manager }: CommandTx,
  unitCode: string,
  { key, value, validFrom, validTo, scopeCode, ...words }: Content,
): Promise<void> {
  enforce(wellCited({ ...words, validFrom, validTo }));
  const scope = scopeCode ? await requireOrgUnit(manager, scopeCode) : null;
  const own = await requireOrgUnit(manager, unitCode);
  if (!isOwn(own, { scopeCode })) return;
  const placed = { key, version: 0, value, validFrom, validTo, scopeCode };
  const definition = enforce(fits(key, value));
  enforce(
    noLess(definition, { ...placed, path: scope?.path ?? null }, await versionsOf(manager, key)),
  );
}

/** The draft, while no one else publishes or withdraws one of its key. */
async function openDraft({ manager, actor }: CommandTx, id: string): Promise<DraftRow> {
  const found = isUuid(id) ? await findDraft(manager, id) : null;
  // One end of a draft, and one publication of a key, at a time.
  if (found) await lockKey(manager, found.key);
  const draft = found && (await findDraft(manager, id));
  if (!draft) throw notFound({ zh: '政策参数草案', en: 'policy draft' }, id);
  const unit = await actingUnit(manager, actor);
  const within = unit.tier === 'PROVINCE' || draft.scopeCode === unit.code;
  if (!within) throw notFound({ zh: '政策参数草案', en: 'policy draft' }, id);
  return draft;
}

const end = (
  { manager, actor, now }: CommandTx,
  { id, draftedBy }: DraftRow,
  ended: {
    outcome: 'PUBLISHED' | 'WITHDRAWN';
    unitCode: string;
    reason: string | null;
    key: string | null;
    version: number | null;
  },
): Promise<unknown> =>
  manager.query(
    `INSERT INTO policy_draft_end (draft_id, drafted_by, outcome, ended_by, unit_code, ended_at,
       reason, key, version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [
      id,
      draftedBy,
      ended.outcome,
      actor.subject,
      ended.unitCode,
      now,
      ended.reason,
      ended.key,
      ended.version,
    ],
  );
