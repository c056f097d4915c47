import type { Actor } from '@yanxiu/subgraph/actor';
import { accepted, denied, refused } from '@yanxiu/subgraph/decision';
import type { Decision, Permission } from '@yanxiu/subgraph/decision';
import { all, inRole, rights } from '@yanxiu/subgraph/permission';
import { halfUp, type ChannelResult, type DimensionResult } from '../project/rules.js';

/** A teacher, whom her token names. */
const herself = (actor: Actor): Permission =>
  all(
    inRole(actor, 'TEACHER'),
    actor.teacher ? accepted() : denied('登录凭证缺少教师编号。', 'The token names no teacher.'),
  );

/** A token is signed for whoever took part. */
export const forParticipants = (eligible: boolean): Permission =>
  eligible
    ? accepted()
    : denied(
        '只有该项目的参训教师可以领取匿名评价凭证。',
        'Only participants of the project may have a token signed.',
      );

/** Who may ask for a token, and have it signed for a project. */
export const may = rights({
  ask: herself,
  sign: (actor: Actor, { eligible }: { eligible: boolean }) =>
    all(herself(actor), forParticipants(eligible)),
});

interface Item {
  dimension: string;
}

/** One answer of 1–5 for each item of the questionnaire. */
export function answersFit(items: readonly Item[], answers: readonly number[]): Decision {
  const whole = answers.every((answer) => Number.isInteger(answer) && answer >= 1 && answer <= 5);
  if (whole && answers.length === items.length) return accepted();
  return refused(
    'EVAL-RELIABLE',
    `须逐项作答，共 ${items.length} 项，每项为 1 至 5 的整数。`,
    `Answer each of the ${items.length} items with a whole number of 1–5.`,
  );
}

/** Responses are taken while the evaluation is open, to the end of the last day. */
export const takesResponses = (
  evaluation: { state: string; deadline: string | null },
  today: string,
): boolean =>
  evaluation.state === 'OPEN' && (evaluation.deadline === null || today <= evaluation.deadline);

export const channelClosed = () =>
  refused(
    'EVAL-THREE',
    '匿名评估渠道未开放或已截止。',
    'The anonymous channel of this project is not open.',
  );

/** An anonymous response comes without login, so that there is no one to note (EVAL-ANON). */
export const withoutLogin = (actor: object | null): Decision =>
  actor === null
    ? accepted()
    : refused(
        'EVAL-ANON',
        '匿名评价不得附带登录凭证：请不带 Authorization 重新提交。',
        'Send an anonymous response without a token: no Authorization header.',
      );

/** Cronbach's alpha in hundredths, half up; null when it is not defined (no variance). */
export function cronbachAlpha(responses: readonly (readonly number[])[]): number | null {
  const items = responses[0]?.length ?? 0;
  if (responses.length < 2 || items < 2) return null;
  if (responses.some(({ length }) => length !== items)) return null;
  const totals = responses.map((answers) => answers.reduce((sum, answer) => sum + answer, 0));
  const ofTotals = scaledVariance(totals);
  if (ofTotals === 0n) return null;
  let ofItems = 0n;
  for (let item = 0; item < items; item += 1) {
    ofItems += scaledVariance(responses.map((answers) => answers[item] ?? 0));
  }
  const k = BigInt(items);
  return halfUp(100n * k * (ofTotals - ofItems), (k - 1n) * ofTotals);
}

/** n·Σx² − (Σx)²: the variance times a factor that cancels out in alpha. */
function scaledVariance(values: readonly number[]): bigint {
  const sum = BigInt(values.reduce((total, value) => total + value, 0));
  const squares = BigInt(values.reduce((total, value) => total + value * value, 0));
  return BigInt(values.length) * squares - sum * sum;
}

/** A sum of answers 1–5 on the scale of 0–100, in hundredths. */
const scaled = (sum: number, count: number): number =>
  halfUp(BigInt(sum - count) * 10_000n, 4n * BigInt(count));

/** Mean of all answers on the scale of 0–100, in hundredths. */
export function overallScore(responses: readonly (readonly number[])[]): number {
  const answers = responses.flat();
  return scaled(
    answers.reduce((sum, answer) => sum + answer, 0),
    answers.length,
  );
}

function dimensionsOf(
  items: readonly Item[],
  responses: readonly (readonly number[])[],
): DimensionResult[] {
  const names = [...new Set(items.map(({ dimension }) => dimension))];
  return names.map((dimension) => {
    const answers = responses.flatMap((response) =>
      response.filter((_answer, index) => items[index]?.dimension === dimension),
    );
    const sum = answers.reduce((total, answer) => total + answer, 0);
    const mean = halfUp(BigInt(sum) * 100n, BigInt(answers.length));
    return { dimension, mean, score: scaled(sum, answers.length) };
  });
}

/**
 * The result of an anonymous channel: nothing but the count from fewer than `minResponses`
 * (EVAL-ANON), with Cronbach's alpha and a warning where it is low or undefined (EVAL-RELIABLE).
 */
export function anonymousResult(
  items: readonly Item[],
  responses: readonly (readonly number[])[],
  policy: { minResponses: number; alphaWarn: number },
): ChannelResult {
  const count = responses.length;
  if (count === 0 || count < policy.minResponses) {
    return withheld(count, {
      zh: `答卷不足 ${policy.minResponses} 份，为保护匿名不提供任何结果（EVAL-ANON）。`,
      en: `Fewer than ${policy.minResponses} responses: no result is shown to anyone (EVAL-ANON).`,
    });
  }
  const alpha = cronbachAlpha(responses);
  return {
    score: overallScore(responses),
    count,
    reliability: alpha,
    measure: 'CRONBACH_ALPHA',
    warning: alpha === null || alpha < policy.alphaWarn,
    reason: null,
    dimensions: dimensionsOf(items, responses),
  };
}

/** A channel of which only the count is told. */
export const withheld = (count: number, reason: { zh: string; en: string }): ChannelResult => ({
  score: null,
  count,
  reliability: null,
  measure: 'CRONBACH_ALPHA',
  warning: false,
  reason,
  dimensions: [],
});
