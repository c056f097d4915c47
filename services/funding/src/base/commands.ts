import { requireOrgUnit } from '@yanxiu/registry/scope';
import { command, type CommandInput } from '@yanxiu/subgraph/command';
import type { Context } from '@yanxiu/subgraph/context';
import { enforce, permit } from '@yanxiu/subgraph/decision';
import { badInput } from '@yanxiu/subgraph/errors';
import { assess, lockYear } from '../requirement/queries.js';
import { latestBase } from './queries.js';
import { may, mayDeclare } from './rules.js';

export interface DeclareFundingBaseInput extends CommandInput {
  /** Only the generator gives one. */
  id?: string;
  unit?: string | null | undefined;
  fiscalYear: number;
  payroll?: number | null | undefined;
  teacherPayroll?: number | null | undefined;
  publicFunds?: number | null | undefined;
  source: string;
}

/** Adds a version of the declaration of the actor's unit, and computes its minimum anew. */
export async function declareFundingBase(
  context: Context,
  input: DeclareFundingBaseInput,
): Promise<{ fundingBaseId: string }> {
  return command(context, 'base.declare', input, async (tx) => {
    const { manager, actor } = tx;
    const unitCode = input.unit ?? actor.unit;
    permit(may(actor, 'declare', { unitCode }));
    const unit = await requireOrgUnit(manager, unitCode);
    const { fiscalYear } = input;
    const source = input.source.trim();
    if (source === '') throw badInput('请注明数据来源。', 'Name the source of the numbers.');
    if (fiscalYear < 2000 || fiscalYear > 2100) {
      throw badInput('预算年度须在 2000 与 2100 之间。', 'fiscalYear must be from 2000 to 2100.');
    }
    const amounts = {
      payrollFen: input.payroll ?? null,
      teacherPayrollFen: input.teacherPayroll ?? null,
      publicFundsFen: input.publicFunds ?? null,
    };
    enforce(mayDeclare(unit, amounts));
    await lockYear(manager, unit.code, fiscalYear);
    const id = input.id ?? tx.newId();
    const version = ((await latestBase(manager, unit.code, fiscalYear))?.version ?? 0) + 1;
    await manager.query(
      `INSERT INTO funding_base (id, unit_code, fiscal_year, version, payroll_fen,
         teacher_payroll_fen, public_funds_fen, source, declared_by_code, declared_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
      [
        id,
        unit.code,
        fiscalYear,
        version,
        amounts.payrollFen,
        amounts.teacherPayrollFen,
        amounts.publicFundsFen,
        source,
        actor.unit,
        tx.now,
      ],
    );
    await assess(tx, unit, fiscalYear);
    tx.subject('FundingBase', id);
    return { fundingBaseId: id };
  });
}
