import { IsNull } from 'typeorm';
import {
  institutionAccredited,
  institutionRegistered,
  institutionReinstated,
  institutionSuspended,
  type InstitutionAccredited,
} from '@yanxiu/contracts/training';
import { acting } from '@yanxiu/registry/scope';
import { localDate } from '@yanxiu/subgraph/calendar';
import { command, type CommandTx } from '@yanxiu/subgraph/command';
import type { Context } from '@yanxiu/subgraph/context';
import { permit } from '@yanxiu/subgraph/decision';
import { DomainError, badInput, notFound } from '@yanxiu/subgraph/errors';
import type {
  AccreditInstitutionInput,
  RegisterInstitutionInput,
  ReinstateInstitutionInput,
  SuspendInstitutionInput,
} from '../generated/graphql.js';
import { isUuid } from '../columns.js';
import { REASON, requireText } from '../text.js';
import {
  Accreditation,
  InstitutionRating,
  InstitutionSuspension,
  TrainingInstitution,
} from './entity.js';
import { findInstitutionByCode } from './queries.js';
import { may } from './rules.js';

type Sector = InstitutionAccredited['sectors'][number];

const SECTORS: readonly string[] = ['BASIC', 'VOCATIONAL', 'HIGHER'] satisfies Sector[];

/** Registers an institution. */
export async function registerInstitution(
  context: Context,
  input: RegisterInstitutionInput & { id?: string },
): Promise<{ institutionId: string }> {
  return command(context, 'institution.register', input, async (tx) => {
    const by = await acting(tx);
    permit(may(by, 'register'));
    if (await findInstitutionByCode(tx.manager, input.code)) {
      throw new DomainError('CONFLICT', {
        zh: `机构代码 ${input.code} 已登记。`,
        en: `The code ${input.code} is registered already.`,
      });
    }
    const { code, name, kind } = input;
    const id = input.id ?? tx.newId();
    await tx.manager.insert(TrainingInstitution, {
      id,
      code,
      name,
      kind,
      unitCode: by.unit,
      registeredAt: tx.now,
    });
    const at = tx.now.toISOString();
    await tx.emit(institutionRegistered, id, { institutionId: id, code, name, kind, at });
    tx.subject('TrainingInstitution', id);
    return { institutionId: id };
  });
}

/** Accredits an institution for sectors and categories. */
export async function accreditInstitution(
  context: Context,
  input: AccreditInstitutionInput & { id?: string },
): Promise<{ institutionId: string; accreditationId: string }> {
  return command(context, 'institution.accredit', input, async (tx) => {
    const by = await acting(tx);
    permit(may(by, 'accredit'));
    const { id: institutionId } = await lockInstitution(tx, input.institutionId);
    const sectors = input.sectors.map(toSector);
    const { categories, validFrom, validTo } = input;
    if (sectors.length === 0 || categories.length === 0 || validTo < validFrom) {
      throw badInput(
        '资质须至少包含一个领域和一个类别，且截止日不早于起始日。',
        'An accreditation names at least one sector and one category, and ends after it begins.',
      );
    }
    const id = input.id ?? tx.newId();
    const terms = { sectors, categories, validFrom, validTo, byUnitCode: by.unit };
    await tx.manager.insert(Accreditation, { id, institutionId, ...terms, at: tx.now });
    await tx.emit(institutionAccredited, institutionId, {
      institutionId,
      accreditationId: id,
      ...terms,
    });
    return { institutionId, accreditationId: id };
  });
}

/** Suspends an institution for the projects of the officer's unit and those below it. */
export async function suspendInstitution(
  context: Context,
  input: SuspendInstitutionInput,
): Promise<{ institutionId: string }> {
  return command(context, 'institution.suspend', input, async (tx) => {
    const by = await acting(tx);
    permit(may(by, 'suspend'));
    const { id: institutionId } = await lockInstitution(tx, input.institutionId);
    const citedRatingId = await citedRating(tx, institutionId, input.citedRatingId ?? null);
    if (await openSuspension(tx, institutionId, by.unit)) {
      throw new DomainError('CONFLICT', {
        zh: '贵单位已暂停该机构的资格。',
        en: 'Your unit has suspended this institution already.',
      });
    }
    const from = localDate(tx.now);
    requireText(input.reason, REASON);
    const terms = { byUnitCode: by.unit, reason: input.reason, citedRatingId, from };
    await tx.manager.insert(InstitutionSuspension, { id: tx.newId(), institutionId, ...terms });
    await tx.emit(institutionSuspended, institutionId, { institutionId, ...terms });
    return { institutionId };
  });
}

/** Ends the suspension that the officer's unit has set. */
export async function reinstateInstitution(
  context: Context,
  input: ReinstateInstitutionInput,
): Promise<{ institutionId: string }> {
  return command(context, 'institution.reinstate', input, async (tx) => {
    const by = await acting(tx);
    permit(may(by, 'reinstate'));
    const { id: institutionId } = await lockInstitution(tx, input.institutionId);
    const suspension = await openSuspension(tx, institutionId, by.unit);
    if (!suspension) {
      throw new DomainError('CONFLICT', {
        zh: '贵单位未暂停该机构的资格。',
        en: 'Your unit has no suspension of this institution to end.',
      });
    }
    const { reason } = input;
    requireText(reason, REASON);
    suspension.reinstatedOn = localDate(tx.now);
    suspension.reinstatedReason = reason;
    await tx.manager.save(suspension);
    const terms = { byUnitCode: by.unit, reason, from: suspension.reinstatedOn };
    await tx.emit(institutionReinstated, institutionId, { institutionId, ...terms });
    return { institutionId };
  });
}

async function lockInstitution(tx: CommandTx, id: string): Promise<TrainingInstitution> {
  const institution = isUuid(id)
    ? await tx.manager.findOne(TrainingInstitution, {
        where: { id },
        lock: { mode: 'pessimistic_write' },
      })
    : null;
  if (!institution) throw notFound({ zh: '承训机构', en: 'training institution' }, id);
  tx.subject('TrainingInstitution', id);
  return institution;
}

const openSuspension = (tx: CommandTx, institutionId: string, byUnitCode: string) =>
  tx.manager.findOneBy(InstitutionSuspension, {
    institutionId,
    byUnitCode,
    reinstatedOn: IsNull(),
  });

/** EVAL-USED: a cited rating must be one that evaluation published of this institution. */
async function citedRating(
  tx: CommandTx,
  institutionId: string,
  id: string | null,
): Promise<string | null> {
  if (id === null) return null;
  const known = isUuid(id) && (await tx.manager.existsBy(InstitutionRating, { id, institutionId }));
  if (known) return id;
  throw badInput(
    `该机构没有编号为 ${id} 的评估等级，请引用已公布的评估结果。`,
    `This institution has no rating ${id}: cite one of its published ratings (EVAL-USED).`,
  );
}

function toSector(text: string): Sector {
  if (SECTORS.includes(text)) return text as Sector;
  throw badInput(
    `领域须为 ${SECTORS.join('、')} 之一：${text}。`,
    `A sector is one of ${SECTORS.join(', ')}: ${text}.`,
  );
}
