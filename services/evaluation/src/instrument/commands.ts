import { acting } from '@yanxiu/registry/scope';
import { command, type CommandInput } from '@yanxiu/subgraph/command';
import type { Context } from '@yanxiu/subgraph/context';
import { enforce, permit } from '@yanxiu/subgraph/decision';
import { Instrument, type InstrumentItem, type InstrumentKind } from './entity.js';
import * as rules from './rules.js';

export interface PublishInstrumentInput extends CommandInput {
  id?: string;
  kind: InstrumentKind;
  title: string;
  items: readonly (Omit<InstrumentItem, 'weight'> & { weight?: number | null })[];
}

/** Publishes the next version of an instrument; evaluations already open keep theirs. */
export async function publishInstrument(
  context: Context,
  input: PublishInstrumentInput,
): Promise<{ instrumentId: string }> {
  return command(context, 'instrument.publish', input, async (tx) => {
    permit(rules.may(await acting(tx), 'publish'));
    const { kind, title } = input;
    const items = input.items.map(({ key, dimension, zh, en, weight }) => ({
      key,
      dimension,
      zh,
      en,
      weight: weight ?? 1,
    }));
    enforce(rules.publish(kind, title, items));
    // One at a time for each kind, so that versions have no gap.
    await tx.manager.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [
      `instrument ${kind}`,
    ]);
    const version = ((await tx.manager.maximum(Instrument, 'version', { kind })) ?? 0) + 1;
    const id = input.id ?? tx.newId();
    await tx.manager.insert(Instrument, { id, kind, version, title, items, publishedAt: tx.now });
    tx.subject('Instrument', id);
    return { instrumentId: id };
  });
}
