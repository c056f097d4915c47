import type { OrgUnit } from '@yanxiu/registry/org-unit';
import { ofTier, type Acting } from '@yanxiu/registry/permission';
import { inForceOn } from '@yanxiu/registry/policy';
import type { PolicyKey } from '@yanxiu/registry/policy-keys';
import { addDays } from '@yanxiu/subgraph/calendar';
import { accepted, refused, type Decision, type Permission } from '@yanxiu/subgraph/decision';
import { all, inRole, rights } from '@yanxiu/subgraph/permission';

/** A version needs words to rest on, and ends no earlier than it begins. */
export function wellCited(input: {
  article: string;
  quotation: string;
  validFrom: string;
  validTo: string | null;
}): Decision {
  if (input.article.trim() === '' || input.quotation.trim() === '') {
    return refused(
      'POLICY-CITED',
      '每个参数须注明条款和原文。',
      'Every version cites its article and quotes the text.',
    );
  }
  if (input.validTo !== null && input.validTo < input.validFrom) {
    return refused(
      'POLICY-DATES',
      '失效日期不能早于施行日期。',
      'validTo cannot be before validFrom.',
    );
  }
  return accepted();
}

type Unit = Pick<OrgUnit, 'code' | 'tier' | 'sector'>;

/** A parameter that is drafted, published or withdrawn, and for which unit. */
export interface Parameter {
  key: string;
  definition: PolicyKey;
  /** The unit whose subtree the value holds for; null: the whole province. */
  scopeCode: string | null;
}

/** Whether the unit sets this for itself alone, not for all as the province does. */
export const isOwn = (unit: Unit, { scopeCode }: Pick<Parameter, 'scopeCode'>): boolean =>
  unit.tier !== 'PROVINCE' && scopeCode === unit.code;

/**
 * POLICY-SCOPE: the province sets every parameter for every unit; a unit sets for itself what the
 * text leaves to it (§3.1.1 “不少于”, A7), a department by its officer, a university by its
 * coordinator.
 */
function sets(actor: Acting, { key, definition, scopeCode }: Parameter): Decision {
  const unit = actor.place;
  if (unit.tier === 'PROVINCE' && actor.role === 'OFFICER') return accepted();
  const own = definition.own;
  const acts = actor.role === (unit.tier === 'SCHOOL' ? 'COORDINATOR' : 'OFFICER');
  if (
    acts &&
    isOwn(unit, { scopeCode }) &&
    own?.tiers.includes(unit.tier) &&
    (own.sector === null || own.sector === unit.sector)
  ) {
    return accepted();
  }
  const who = own
    ? {
        zh: `${own.tiers.join('、')} 层级的单位可为本单位范围自定`,
        en: `a unit of tier ${own.tiers.join(', ')} may set its own for itself`,
      }
    : { zh: '下级单位不得自定', en: 'no unit below sets its own' };
  return refused(
    'POLICY-SCOPE',
    `参数 ${key} 由省级管理人员拟定和发布，${who.zh}。`,
    `The parameter ${key} is drafted and published by officers of the province; ${who.en}.`,
  );
}

/** POLICY-TWO-PERSONS: who has drafted it does not publish it. */
const bySecond = (draftedBy: string, subject: string): Decision =>
  draftedBy === subject
    ? refused(
        'POLICY-TWO-PERSONS',
        '拟定人不能发布自己拟定的参数，请由另一账号核对后发布。',
        'Whoever drafted it cannot publish it: another account compares and publishes.',
      )
    : accepted();

const decides = (actor: Acting, parameter: Parameter): Permission =>
  all(inRole(actor, 'OFFICER', 'COORDINATOR'), sets(actor, parameter));

const ofProvince = (actor: Acting): Permission =>
  all(inRole(actor, 'OFFICER'), ofTier(actor, ['PROVINCE']));

/** Who may do what with the parameters and the documents that they rest on. */
export const may = rights({
  registerInstrument: ofProvince,
  publishDefaults: ofProvince,
  draft: decides,
  publish: (actor: Acting, draft: Parameter & { draftedBy: string }) =>
    all(decides(actor, draft), bySecond(draft.draftedBy, actor.subject)),
  withdraw: decides,
});

export type DraftStatus = 'OPEN' | 'PUBLISHED' | 'WITHDRAWN';

/** POLICY-ENDED: a draft ends once. */
export const isOpen = (status: DraftStatus): Decision =>
  status === 'OPEN'
    ? accepted()
    : refused(
        'POLICY-ENDED',
        `该草案已${status === 'PUBLISHED' ? '发布' : '撤回'}，请另行拟定。`,
        `The draft has been ${status === 'PUBLISHED' ? 'published' : 'withdrawn'}: draft anew.`,
      );

/** A version, published or drafted, with the place of its unit in the tree. */
export interface Placed {
  key: string;
  version: number;
  value: unknown;
  validFrom: string;
  validTo: string | null;
  scopeCode: string | null;
  /** Path of its unit; null: the whole province. */
  path: string | null;
}

const holds = (above: string | null, below: string | null): boolean =>
  above === null || below === above || (below?.startsWith(`${above}.`) ?? false);

/** Versions published since the draft was compared, for a unit above it, its own or one below. */
export const cameSince = <V extends Placed>(
  draft: Pick<Placed, 'path'>,
  basedOn: number,
  versions: readonly V[],
): V[] =>
  versions.filter(
    ({ version, path }) =>
      version > basedOn && (holds(path, draft.path) || holds(draft.path, path)),
  );

/** POLICY-STALE: what is published is what was compared. */
export function isFresh(
  draft: Pick<Placed, 'path'>,
  basedOn: number,
  versions: readonly Placed[],
): Decision {
  const since = cameSince(draft, basedOn, versions).map(({ version }) => version);
  if (since.length === 0) return accepted();
  return refused(
    'POLICY-STALE',
    `拟定之后已发布第 ${since.join('、')} 版，请对照新版重新拟定。`,
    `Version ${since.join(', ')} was published after it was drafted: compare and draft anew.`,
    { versions: since },
  );
}

/** The last day before the draft ends, or before a later version first takes over. */
export function lastDay(draft: Placed, versions: readonly Placed[]): string | null {
  const ends = versions
    .filter(({ scopeCode, validFrom }) =>
      scopeCode === draft.scopeCode ? validFrom > draft.validFrom : false,
    )
    .map(({ validFrom }) => addDays(validFrom, -1));
  return [...ends, ...(draft.validTo ? [draft.validTo] : [])].sort()[0] ?? null;
}

/** The versions that hold above the draft's unit at some time while it does. */
export function heldAbove<V extends Placed>(draft: Placed, versions: readonly V[]): V[] {
  const above = draft.path?.split('.').slice(0, -1).join('.') ?? null;
  const until = draft.validTo ?? '9999-12-31';
  const turns = versions
    .flatMap(({ validFrom, validTo }) => [validFrom, ...(validTo ? [addDays(validTo, 1)] : [])])
    .filter((date) => date > draft.validFrom && date <= until);
  const held = [draft.validFrom, ...turns].flatMap((date) => inForceOn(versions, date, above));
  return [...new Set(held)];
}

/** POLICY-STRICTER: a unit asks for no less than what holds above it, while its value holds. */
export function noLess({ own }: PolicyKey, draft: Placed, versions: readonly Placed[]): Decision {
  if (own?.may !== 'AT_LEAST') return accepted();
  const least = heldAbove(draft, versions)
    .map(({ value }) => value)
    .filter((value): value is number => typeof value === 'number')
    .reduce((highest, value) => Math.max(highest, value), 0);
  if (typeof draft.value === 'number' && draft.value >= least) return accepted();
  return refused(
    'POLICY-STRICTER',
    `本单位自定的值不得低于上级在同一时期的要求（${least}）。`,
    `A unit's own value is no lower than what holds above it at that time (${least}).`,
    { least },
  );
}

/** What differs between a draft and the version that it takes the place of. */
export interface PolicyChange {
  /** `value`, `value.<member>`, `validFrom`, `validTo`, `scope`, `instrument` … */
  what: string;
  before: unknown;
  after: unknown;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

function valueChanges(before: unknown, after: unknown): PolicyChange[] {
  if (!isRecord(before) || !isRecord(after)) {
    return same(before, after) ? [] : [{ what: 'value', before, after }];
  }
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .sort()
    .filter((name) => !same(before[name], after[name]))
    .map((name) => ({
      what: `value.${name}`,
      before: before[name] ?? null,
      after: after[name] ?? null,
    }));
}

const CITED = ['validFrom', 'validTo', 'scopeCode', 'instrument', 'article', 'quotation'] as const;

type Cited = Placed & Record<'instrument' | 'article' | 'quotation', string>;

/** Value, time, place and source of a draft beside the version in force; all of it without one. */
export function changesOf(draft: Cited, inForce: Cited | null): PolicyChange[] {
  const rest = CITED.filter((what) => !same(inForce?.[what] ?? null, draft[what])).map((what) => ({
    what: what === 'scopeCode' ? 'scope' : what,
    before: inForce?.[what] ?? null,
    after: draft[what],
  }));
  const value = inForce
    ? valueChanges(inForce.value, draft.value)
    : [{ what: 'value', before: null, after: draft.value }];
  return [...value, ...rest];
}

/** Versions of units below that go on deciding there while the draft does. */
export const keptBelow = <V extends Placed>(
  draft: Placed,
  until: string | null,
  versions: readonly V[],
): V[] =>
  versions.filter(
    ({ path, validFrom, validTo }) =>
      path !== null &&
      path !== draft.path &&
      holds(draft.path, path) &&
      (until === null || validFrom <= until) &&
      (validTo === null || validTo >= draft.validFrom),
  );
