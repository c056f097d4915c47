import { over, type Acting, type Governed } from '@yanxiu/registry/permission';
import { accepted, refused, type Decision } from '@yanxiu/subgraph/decision';
import { all, inRole, rights } from '@yanxiu/subgraph/permission';

/** Who may, of the evaluation of a project of `organiser`. */
export const may = rights({
  close: (actor: Acting, organiser: Governed) =>
    all(inRole(actor, 'OFFICER'), over(actor, organiser)),
});

/** The three channels of §3.6. */
export const CHANNELS = ['AGENCY', 'ANONYMOUS_ONLINE', 'SUPERVISION'] as const;
export type Channel = (typeof CHANNELS)[number];

/** Policy `evaluation.weights`. */
export type Weights = Record<Channel, number>;

/** Score of one criterion of a rubric, 0–100. */
export interface CriterionScore {
  key: string;
  score: number;
}

export interface DimensionResult {
  dimension: string;
  /** Mean answer 1–5 in hundredths. */
  mean: number;
  /** The mean on 0–100, in hundredths. */
  score: number;
}

/** The result of one channel, with its reliability; all numbers in hundredths. */
export interface ChannelResult {
  score: number | null;
  count: number;
  reliability: number | null;
  measure: 'CRONBACH_ALPHA' | 'CRITERION_SPREAD';
  warning: boolean;
  reason: { zh: string; en: string } | null;
  dimensions: DimensionResult[];
}

export interface ChannelResults {
  agency: ChannelResult;
  anonymous: ChannelResult;
  supervision: ChannelResult;
}

/** `numerator / denominator` rounded half up, exactly; the denominator is positive. */
export function halfUp(numerator: bigint, denominator: bigint): number {
  const doubled = 2n * numerator + denominator;
  const quotient = doubled / (2n * denominator);
  const floor = doubled < 0n && quotient * 2n * denominator !== doubled ? quotient - 1n : quotient;
  return Number(floor);
}

/** Weighted mean of integers, rounded half up; null without weight. */
export function weightedMean(values: readonly { value: number; weight: number }[]): number | null {
  let sum = 0n;
  let weights = 0n;
  for (const { value, weight } of values) {
    sum += BigInt(value) * BigInt(weight);
    weights += BigInt(weight);
  }
  return weights > 0n ? halfUp(sum, weights) : null;
}

/** Weighted mean of the channels in hundredths; null unless all three are there (EVAL-THREE). */
export function compositeOf(
  scores: Record<Channel, number | null>,
  weights: Weights,
): number | null {
  const values = CHANNELS.map((channel) => ({ value: scores[channel], weight: weights[channel] }));
  const known = values.flatMap(({ value, weight }) => (value === null ? [] : [{ value, weight }]));
  return known.length === CHANNELS.length ? weightedMean(known) : null;
}

/** Greatest less smallest. */
export const spreadOf = (values: readonly number[]): number | null =>
  values.length > 0 ? Math.max(...values) - Math.min(...values) : null;

/** Each criterion of the rubric scored once, 0–100; the score of the whole in hundredths. */
export function scoreByRubric(
  rubric: readonly { key: string; weight: number }[],
  scores: readonly CriterionScore[],
): Decision<number> {
  const byKey = new Map(scores.map(({ key, score }) => [key, score]));
  const missing = rubric.filter(({ key }) => !byKey.has(key)).map(({ key }) => key);
  const unknown = scores.filter(({ key }) => !rubric.some((each) => each.key === key));
  const outside = scores.filter(
    ({ score }) => !(Number.isInteger(score) && score >= 0 && score <= 100),
  );
  if (missing.length + unknown.length + outside.length > 0 || byKey.size < scores.length) {
    const expected = rubric.map(({ key }) => key).join(', ');
    return refused(
      'EVAL-RELIABLE',
      `须按量表逐项评分，每项一次，0—100 的整数：${expected}。`,
      `Score each criterion of the rubric once, a whole number of 0–100: ${expected}.`,
      { missing, unknown: unknown.map(({ key }) => key), outside: outside.map(({ key }) => key) },
    );
  }
  const values = rubric.map(({ key, weight }) => ({ value: (byKey.get(key) ?? 0) * 100, weight }));
  return accepted(weightedMean(values) ?? 0);
}

/** Several assessments of one rubric: their mean, and how far its criteria's means lie apart. */
export function rubricResult(
  assessments: readonly { score: number; scores: readonly CriterionScore[] }[],
): ChannelResult {
  const sums = new Map<string, number>();
  for (const { key, score } of assessments.flatMap(({ scores }) => scores)) {
    sums.set(key, (sums.get(key) ?? 0) + score);
  }
  const count = assessments.length;
  const means = [...sums.values()].map((sum) => halfUp(BigInt(sum) * 100n, BigInt(count)));
  return {
    score: weightedMean(assessments.map(({ score }) => ({ value: score, weight: 1 }))),
    count,
    reliability: spreadOf(means),
    measure: 'CRITERION_SPREAD',
    warning: false,
    reason: count > 0 ? null : { zh: '尚无评估。', en: 'Nothing has been submitted.' },
    dimensions: [],
  };
}

/** What a channel lacks for a composite, by name. */
export const missingChannels = (results: ChannelResults): Channel[] => {
  const scores = scoresOf(results);
  return CHANNELS.filter((channel) => scores[channel] === null);
};

export const scoresOf = (results: ChannelResults): Record<Channel, number | null> => ({
  AGENCY: results.agency.score,
  ANONYMOUS_ONLINE: results.anonymous.score,
  SUPERVISION: results.supervision.score,
});

/** A channel takes something in only while the evaluation is open. */
export function requireOpen(evaluation: { state: string }): Decision {
  if (evaluation.state === 'OPEN') return accepted();
  return evaluation.state === 'WAITING'
    ? refused(
        'EVAL-THREE',
        '项目学时尚未认定，评估渠道尚未开放。',
        "The channels open when the project's hours have been recognised.",
      )
    : refused('EVAL-THREE', '该项目的评估已结束。', 'The evaluation of this project is closed.');
}

/** Whether and how an evaluation closes on `today` (EVAL-THREE). */
export function close(
  evaluation: { state: string; deadline: string | null },
  results: ChannelResults,
  weights: Weights,
  minResponses: number,
  today: string,
): Decision<{ outcome: 'COMPOSITE' | 'INSUFFICIENT'; composite: number | null }> {
  const open = requireOpen(evaluation);
  if (!open.accepted) return open;
  const composite = compositeOf(scoresOf(results), weights);
  if (composite !== null) return accepted({ outcome: 'COMPOSITE', composite });
  if (evaluation.deadline !== null && today > evaluation.deadline) {
    return accepted({ outcome: 'INSUFFICIENT', composite: null });
  }
  const missing = missingChannels(results);
  return refused(
    'EVAL-THREE',
    `三种评估缺一不可，尚缺：${missing.join('、')}（匿名评估至少 ${minResponses} 份）；` +
      `期限 ${evaluation.deadline} 之后可按“不足”结束。`,
    `A composite needs all three channels; missing: ${missing.join(', ')} (the anonymous one needs ` +
      `${minResponses} responses). After ${evaluation.deadline} it can be closed as insufficient.`,
    { missing },
  );
}
