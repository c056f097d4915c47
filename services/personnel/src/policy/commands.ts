import { policyPublished } from '@yanxiu/contracts/personnel';
import { requireOrgUnit, requireTier } from '@yanxiu/registry/scope';
import { command, type CommandInput, type CommandTx } from '@yanxiu/subgraph/command';
import type { Context } from '@yanxiu/subgraph/context';
import { enforce } from '@yanxiu/subgraph/decision';
import { DomainError, badInput } from '@yanxiu/subgraph/errors';
import { Policy, PolicyInstrument } from './entity.js';
import { fits, wellCited } from './rules.js';
import { POLICY_SEEDS, SEED_INSTRUMENT, SEED_VALID_FROM } from './seeds.js';

export interface RegisterPolicyInstrumentInput extends CommandInput {
  citation: string;
  title: string;
  issuer: string;
  issuedOn: string;
}

/** Registers a document that parameters can cite. */
export async function registerPolicyInstrument(
  context: Context,
  input: RegisterPolicyInstrumentInput,
): Promise<{ citation: string }> {
  return command(context, 'policy.registerInstrument', input, async (tx) => {
    await requireTier(context, tx.manager, ['OFFICER'], ['PROVINCE']);
    const { citation, title, issuer, issuedOn } = input;
    if ([citation, title, issuer].some((text) => text.trim() === '')) {
      throw badInput('文号、标题和发文机关不能为空。', 'Give citation, title and issuer.');
    }
    if (await tx.manager.existsBy(PolicyInstrument, { citation })) {
      throw new DomainError('CONFLICT', {
        zh: `文件 ${citation} 已登记。`,
        en: `The document ${citation} is registered already.`,
      });
    }
    await tx.manager.insert(PolicyInstrument, { citation, title, issuer, issuedOn });
    tx.subject('PolicyInstrument', citation);
    return { citation };
  });
}

export interface PublishPolicyInput extends CommandInput {
  key: string;
  value?: unknown;
  validFrom: string;
  validTo?: string | null | undefined;
  scopeCode?: string | null | undefined;
  instrument: string;
  article: string;
  quotation: string;
}

export interface PolicyRef {
  key: string;
  version: number;
}

/** Publishes a new version of a parameter; earlier versions stay as they are. */
export async function publishPolicy(
  context: Context,
  input: PublishPolicyInput,
): Promise<PolicyRef> {
  return command(context, 'policy.publish', input, async (tx) => {
    await requireTier(context, tx.manager, ['OFFICER'], ['PROVINCE']);
    const version = await publish(tx, input);
    tx.subject('Policy', `${input.key}@${version}`);
    return { key: input.key, version };
  });
}

/**
 * Publishes the parameters of the guideline that have no version yet; how many. A second call
 * publishes nothing.
 */
export async function publishDefaultPolicies(
  context: Context,
  input: CommandInput,
): Promise<{ published: number }> {
  return command(context, 'policy.publishDefaults', input, async (tx) => {
    const { manager } = tx;
    await requireTier(context, manager, ['OFFICER'], ['PROVINCE']);
    const { citation } = SEED_INSTRUMENT;
    if (!(await manager.existsBy(PolicyInstrument, { citation }))) {
      await manager.insert(PolicyInstrument, SEED_INSTRUMENT);
    }
    let published = 0;
    for (const seed of POLICY_SEEDS) {
      if (await manager.existsBy(Policy, { key: seed.key })) continue;
      await publish(tx, { ...seed, validFrom: SEED_VALID_FROM, instrument: citation });
      published += 1;
    }
    tx.subject('PolicyInstrument', citation);
    return { published };
  });
}

/** Saves and tells the next version. */
async function publish(tx: CommandTx, input: PublishPolicyInput): Promise<number> {
  const { manager } = tx;
  const { key, validFrom, instrument, article, quotation } = input;
  const value = input.value ?? null;
  const validTo = input.validTo ?? null;
  const scopeCode = input.scopeCode ?? null;
  const { unit, rules } = enforce(fits(key, value));
  enforce(wellCited({ article, quotation, validFrom, validTo }));
  if (scopeCode) await requireOrgUnit(manager, scopeCode);
  if (!(await manager.existsBy(PolicyInstrument, { citation: instrument }))) {
    throw badInput(`文件 ${instrument} 未登记。`, `The document ${instrument} is not registered.`);
  }
  // One publication of a key at a time, so that versions have no gaps.
  await manager.query('SELECT pg_advisory_xact_lock(hashtext($1))', [`personnel.policy ${key}`]);
  const version = ((await manager.maximum(Policy, 'version', { key })) ?? 0) + 1;
  const publishedAt = tx.now;
  const cited = { instrument, article, quotation };
  const saved = { key, version, unit, validFrom, validTo, scopeCode, rules: [...rules], ...cited };
  await manager.query(
    `INSERT INTO policy (key, version, value, unit, valid_from, valid_to, scope_code, rules,
                         instrument, article, quotation, published_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
    // As text: the driver would send null as SQL NULL and a list as a Postgres array.
    [key, version, JSON.stringify(value), unit, validFrom, validTo, scopeCode, rules]
      .concat([instrument, article, quotation])
      .concat([publishedAt.toISOString()]),
  );
  await tx.emit(policyPublished, key, {
    ...saved,
    value,
    publishedAt: publishedAt.toISOString(),
  });
  return version;
}
