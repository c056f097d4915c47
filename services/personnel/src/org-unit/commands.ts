import type { EntityManager } from 'typeorm';
import { orgUnitMoved, orgUnitRegistered } from '@yanxiu/contracts/personnel';
import { policiesOn } from '@yanxiu/registry/policy';
import { acting, governed, requireOrgUnit } from '@yanxiu/registry/scope';
import { localDate } from '@yanxiu/subgraph/calendar';
import { command, type CommandInput, type CommandTx } from '@yanxiu/subgraph/command';
import type { Context } from '@yanxiu/subgraph/context';
import { enforce, permit } from '@yanxiu/subgraph/decision';
import { DomainError, badInput, notFound } from '@yanxiu/subgraph/errors';
import { OrgUnit, OrgUnitParent } from './entity.js';
import { may, mayHangUnder, mayMove, mayPlant, wellFormed, type NewUnit } from './rules.js';

export interface RegisterOrgUnitInput extends CommandInput {
  /** Only the generator gives one. */
  id?: string;
  code: string;
  name: string;
  tier: NewUnit['tier'];
  sector?: NewUnit['sector'] | undefined;
  stage?: NewUnit['stage'] | undefined;
  parentCode?: string | null | undefined;
  validFrom?: string | null | undefined;
}

/** Registers a unit below the officer's own; a first unit of all is the root. */
export async function registerOrgUnit(
  context: Context,
  input: RegisterOrgUnitInput,
): Promise<{ code: string }> {
  return command(context, 'orgUnit.register', input, async (tx) => {
    const { manager } = tx;
    await lockTree(manager);
    const today = localDate(tx.now);
    const unit: NewUnit = {
      code: input.code,
      name: input.name.trim(),
      tier: input.tier,
      sector: input.sector ?? null,
      stage: input.stage ?? null,
      validFrom: input.validFrom ?? today,
    };
    const parent = await permittedParent(tx, input.parentCode ?? null, unit);
    enforce(wellFormed(unit));
    const policies = await policiesOn(manager, today, parent?.code ?? null);
    enforce(mayHangUnder(unit, parent, unit.validFrom, policies));
    if (unit.validFrom > today) {
      throw badInput('起始日期不能晚于今天。', 'validFrom cannot be in the future.');
    }
    if (await manager.existsBy(OrgUnit, { code: unit.code })) {
      throw new DomainError('CONFLICT', {
        zh: `单位代码 ${unit.code} 已登记。`,
        en: `The code ${unit.code} is registered already.`,
      });
    }
    await saveUnit(tx, input.id ?? tx.newId(), unit, parent);
    tx.subject('OrgUnit', unit.code);
    return { code: unit.code };
  });
}

/** The parent, when the actor may register below it. */
async function permittedParent(
  tx: CommandTx,
  parentCode: string | null,
  unit: NewUnit,
): Promise<OrgUnit | null> {
  const { manager } = tx;
  if (parentCode === null) {
    const first = (await manager.count(OrgUnit)) === 0;
    permit(mayPlant(tx.actor, { code: unit.code, first }));
    return null;
  }
  await requireOrgUnit(manager, parentCode);
  const by = await acting(tx);
  permit(may(by, 'register', await governed(by, tx, parentCode)));
  return manager.findOneByOrFail(OrgUnit, { code: parentCode });
}

async function saveUnit(
  tx: CommandTx,
  id: string,
  unit: NewUnit,
  parent: OrgUnit | null,
): Promise<void> {
  const parentCode = parent?.code ?? null;
  const path = parent ? `${parent.path}.${unit.code}` : unit.code;
  await tx.manager.insert(OrgUnit, { ...unit, id, parentCode, path });
  if (parentCode) {
    const { code, validFrom } = unit;
    await tx.manager.insert(OrgUnitParent, { code, parentCode, validFrom });
  }
  await tx.emit(orgUnitRegistered, unit.code, { ...unit, parentCode });
}

export interface MoveOrgUnitInput extends CommandInput {
  code: string;
  parentCode: string;
  validFrom: string;
}

/** Gives a unit another parent from a date; the officer's subtree holds both parents. */
export async function moveOrgUnit(
  context: Context,
  input: MoveOrgUnitInput,
): Promise<{ code: string }> {
  return command(context, 'orgUnit.move', input, async (tx) => {
    const { manager } = tx;
    await lockTree(manager);
    const unit = await manager.findOneBy(OrgUnit, { code: input.code });
    if (!unit?.parentCode) throw notFound({ zh: '可调整的单位', en: 'movable unit' }, input.code);
    await requireOrgUnit(manager, input.parentCode);
    const by = await acting(tx);
    permit(may(by, 'move', await governed(by, tx, unit.parentCode)));
    permit(may(by, 'move', await governed(by, tx, input.parentCode)));
    const parent = await manager.findOneByOrFail(OrgUnit, { code: input.parentCode });
    const today = localDate(tx.now);
    const latest = await manager.findOneOrFail(OrgUnitParent, {
      where: { code: unit.code },
      order: { validFrom: 'DESC' },
    });
    const from = input.validFrom;
    enforce(mayMove({ unit, parent, since: latest.validFrom, from, today }));
    const policies = await policiesOn(manager, today, parent.code);
    enforce(mayHangUnder(unit, parent, from, policies));
    await saveMove(tx, unit, parent, from);
    tx.subject('OrgUnit', unit.code);
    return { code: unit.code };
  });
}

async function saveMove(
  tx: CommandTx,
  unit: OrgUnit,
  parent: OrgUnit,
  validFrom: string,
): Promise<void> {
  const { code } = unit;
  const parentCode = parent.code;
  await tx.manager.insert(OrgUnitParent, { code, parentCode, validFrom });
  await tx.manager.query(
    `UPDATE org_unit SET path = $2 || substr(path, $3) WHERE path >= $1 AND path < $1 || '/'`,
    [unit.path, `${parent.path}.${code}`, unit.path.length + 1],
  );
  await tx.manager.update(OrgUnit, { code }, { parentCode });
  await tx.emit(orgUnitMoved, code, { code, parentCode, validFrom });
}

/** One change of the tree at a time: paths of whole subtrees hang together. */
const lockTree = (manager: EntityManager): Promise<unknown> =>
  manager.query("SELECT pg_advisory_xact_lock(hashtext('personnel.org-unit'))");
