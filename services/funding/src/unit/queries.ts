import { within } from '@yanxiu/registry/org-unit';
import type { Role } from '@yanxiu/subgraph/actor';
import { inOrder, load, requireActor, type Batch, type Context } from '@yanxiu/subgraph/context';
import { badInput, notFound } from '@yanxiu/subgraph/errors';

/** A unit as other subgraphs refer to it. */
export interface UnitRef {
  code: string;
}

/** Who may see the money of a jurisdiction. */
export const READERS: readonly Role[] = ['OFFICER', 'COORDINATOR', 'FINANCE', 'AUDITOR', 'ANALYST'];

const visibleUnits: Batch<string, string> = async ({ actor, db }, codes) => {
  if (!actor || !READERS.includes(actor.role)) return codes.map(() => null);
  const rows: { code: string }[] = await db.query(
    `SELECT code FROM org_unit WHERE code = ANY($2::text[]) AND ${within('path', '$1')}`,
    [actor.unit, codes],
  );
  return inOrder(
    codes,
    rows.map(({ code }) => code),
    (code) => code,
  );
};

/** True when the actor reads the money of this unit: it lies in her jurisdiction. */
export const canSee = async (context: Context, unitCode: string): Promise<boolean> =>
  (await load(context, visibleUnits, unitCode)) !== null;

/** The row, when the actor may see its unit. */
export async function visible<R extends { unitCode: string }>(
  context: Context,
  row: R | null,
): Promise<R | null> {
  return row && (await canSee(context, row.unitCode)) ? row : null;
}

/** The row, or NOT_FOUND when there is none in the actor's jurisdiction. */
export async function required<R extends { unitCode: string }>(
  context: Context,
  row: R | null,
  what: { zh: string; en: string },
  id: string,
): Promise<R> {
  requireActor(context);
  const seen = await visible(context, row);
  if (seen) return seen;
  throw notFound(what, id);
}

/** Checks that a unit that is asked about lies in the actor's jurisdiction; NOT_FOUND otherwise. */
export async function overseen(context: Context, code: string, roles = READERS): Promise<void> {
  requireActor(context, ...roles);
  if (!(await canSee(context, code))) throw notFound({ zh: '单位', en: 'unit' }, code);
}

export const isUuid = (text: string): boolean =>
  /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);

/** An id to filter by; BAD_USER_INPUT in another form. */
export function checkedId(text: string | null | undefined): string | null {
  if (text === null || text === undefined) return null;
  if (isUuid(text)) return text;
  throw badInput(`编号无效：${text}`, `This is no id: ${text}`);
}
