import { In, type EntityManager } from 'typeorm';
import { inOrder, type Batch, type Context } from '@yanxiu/subgraph/context';
import { Instrument, type InstrumentItem, type InstrumentKind } from './entity.js';

export type { Instrument, InstrumentItem } from './entity.js';

/** Instruments, the latest version of each kind first. */
export async function instruments(
  context: Context,
  kind: InstrumentKind | null | undefined,
): Promise<Instrument[]> {
  return context.db.manager.find(Instrument, {
    ...(kind && { where: { kind } }),
    order: { kind: 'ASC', version: 'DESC' },
  });
}

/** Instruments by id. */
export const instrumentById: Batch<string, Instrument> = async ({ db }, keys) =>
  inOrder(keys, await db.manager.findBy(Instrument, { id: In([...keys]) }), (row) => row.id);

/** The version that holds now, for an evaluation that opens. */
export async function latestInstrument(
  manager: EntityManager,
  kind: InstrumentKind,
): Promise<Instrument> {
  return manager.findOneOrFail(Instrument, { where: { kind }, order: { version: 'DESC' } });
}

/** Items of the version that an evaluation opened with. */
export async function itemsOf(
  manager: EntityManager,
  instrumentId: string | null,
): Promise<InstrumentItem[]> {
  if (instrumentId === null) return [];
  return (await manager.findOneByOrFail(Instrument, { id: instrumentId })).items;
}
