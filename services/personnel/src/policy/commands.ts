import { acting } from '@yanxiu/registry/scope';
import { command, type CommandInput } from '@yanxiu/subgraph/command';
import type { Context } from '@yanxiu/subgraph/context';
import { permit } from '@yanxiu/subgraph/decision';
import { DomainError, badInput } from '@yanxiu/subgraph/errors';
import { Policy, PolicyInstrument } from './entity.js';
import { saveVersion } from './publish.js';
import { may } from './rules.js';
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
    permit(may(await acting(tx), 'registerInstrument'));
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

/**
 * Publishes the parameters of the guideline that have no version yet; how many. A second call
 * publishes nothing. It takes one person: what it publishes came with the installation.
 */
export async function publishDefaultPolicies(
  context: Context,
  input: CommandInput,
): Promise<{ published: number }> {
  return command(context, 'policy.publishDefaults', input, async (tx) => {
    const { manager } = tx;
    permit(may(await acting(tx), 'publishDefaults'));
    const { citation } = SEED_INSTRUMENT;
    if (!(await manager.existsBy(PolicyInstrument, { citation }))) {
      await manager.insert(PolicyInstrument, SEED_INSTRUMENT);
    }
    let published = 0;
    for (const seed of POLICY_SEEDS) {
      if (await manager.existsBy(Policy, { key: seed.key })) continue;
      const everywhere = { validFrom: SEED_VALID_FROM, validTo: null, scopeCode: null };
      await saveVersion(tx, { ...seed, ...everywhere, instrument: citation });
      published += 1;
    }
    tx.subject('PolicyInstrument', citation);
    return { published };
  });
}
