import { ofTier, type Acting } from '@yanxiu/registry/permission';
import { accepted, refused, type Decision } from '@yanxiu/subgraph/decision';
import { all, inRole, rights } from '@yanxiu/subgraph/permission';
import type { InstrumentItem, InstrumentKind } from './entity.js';

/** Who may: an instrument holds for the whole province. */
export const may = rights({
  publish: (actor: Acting) => all(inRole(actor, 'OFFICER'), ofTier(actor, ['PROVINCE'])),
});

const MOST_ITEMS = 100;
/** 针对性, 实效性 (§3.6) and overall satisfaction: every questionnaire has these dimensions. */
const ASKED = ['relevance', 'effect', 'satisfaction'] as const;

/** An instrument can be used: unique keys, the dimensions of §3.6, weights. */
export function publish(
  kind: InstrumentKind,
  title: string,
  items: readonly InstrumentItem[],
): Decision {
  const keys = new Set(items.map(({ key }) => key));
  const filled = items.every(({ key, dimension, zh, en }) => key && dimension && zh && en);
  if (!title.trim() || !filled || keys.size < items.length) {
    return bad(
      '标题、各项的键、维度与文字不能为空，键不能重复',
      'fill in title, keys (once each), dimensions, texts',
    );
  }
  const fewest = kind === 'ANONYMOUS' ? 2 : 1;
  if (items.length < fewest || items.length > MOST_ITEMS) {
    return bad(`须有 ${fewest} 至 ${MOST_ITEMS} 项`, `it has ${fewest} to ${MOST_ITEMS} items`);
  }
  if (items.some(({ weight }) => !Number.isInteger(weight) || weight < 1 || weight > 100)) {
    return bad('权重为 1 至 100 的整数', 'weights are whole numbers of 1–100');
  }
  if (kind !== 'ANONYMOUS') return accepted();
  if (items.some(({ weight }) => weight !== 1)) {
    return bad('问卷各项权重均为 1', 'all items of a questionnaire have the weight 1');
  }
  const missing = ASKED.filter((name) => !items.some(({ dimension }) => dimension === name));
  return missing.length === 0
    ? accepted()
    : bad(
        `问卷须涵盖针对性、实效性与总体满意度，尚缺：${missing.join('、')}`,
        `a questionnaire asks for relevance, effect and satisfaction; missing: ${missing.join(', ')}`,
      );
}

const bad = (zh: string, en: string) =>
  refused('EVAL-RELIABLE', `评估工具不合要求：${zh}。`, `The instrument cannot be used: ${en}.`);
