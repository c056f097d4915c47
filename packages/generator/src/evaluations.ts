import { evaluator, finance, officer, type Book } from './book.js';
import { addDays, instant } from './calendar.js';
import { EVALUATION, MONEY } from './figures.js';
import { dayOf, reaches, type Running } from './lifecycle.js';
import { creditOf, participantsOf } from './projects.js';
import { uuid7, type Random } from './random.js';

const ITEMS = 10;
const AGENCY = ['design', 'faculty', 'process', 'practice', 'effect'];
const SUPERVISION = ['compliance', 'attendance', 'funds', 'safety', 'records'];

const within = (value: number, low: number, high: number): number =>
  Math.min(high, Math.max(low, Math.round(value)));

function answersOf(random: Random, opinion: number): number[] {
  if (random.chance(EVALUATION.straightLine)) return Array(ITEMS).fill(within(opinion, 1, 5));
  return Array.from({ length: ITEMS }, () => within(random.normal(opinion, 0.5), 1, 5));
}

/** Who took part and was not away for most of it, in the order of their ids. */
const takingPart = ({ plan }: Running): string[] =>
  plan.classes
    .flatMap((row) => participantsOf(row).filter((one) => creditOf(row, one) > 0))
    .map(({ teacherId }) => teacherId)
    .sort();

/** The three channels of a finished project (§3.6), and its payments. */
export function evaluate(book: Book, project: Running, respond: number): void {
  const { plan, random } = project;
  if (plan.level === 'SCHOOL' || !plan.deliverer || !reaches(project, 'EVALUATE')) return;
  const stream = random.stream('evaluation');
  const { mean, deviation, agencyAgrees, response } = EVALUATION;
  const level = mean + plan.deliverer.effect;
  const at = instant(dayOf(project, 'EVALUATE'), '10:00');
  const { id: projectId } = plan;
  const responses = takingPart(project)
    .filter(() => stream.chance(response))
    .slice(0, respond)
    .map((teacherId) => {
      return { teacherId, answers: answersOf(stream, stream.normal(level, deviation)) };
    });
  if (responses.length > 0) {
    book.step('evaluation', 'anonymous.respond', at, officer(plan.organiser), {
      projectId,
      responses,
    });
  }
  const score = (): number => {
    const agreed = agencyAgrees * (level - mean) * 20 + (1 - agencyAgrees) * stream.normal(0, 6);
    return within(86 + agreed + (plan.deliverer?.effect ?? 0) * 4, 30, 100);
  };
  const scores = (keys: readonly string[]) => keys.map((key) => ({ key, score: score() }));
  book.step('evaluation', 'agency.submit', at, evaluator(), {
    id: uuid7(stream, at),
    projectId,
    scores: scores(AGENCY),
    comment: '评估材料齐全，实施过程符合方案。',
  });
  book.step('evaluation', 'supervision.submit', at, officer(plan.organiser), {
    id: uuid7(stream, at),
    projectId,
    scores: scores(SUPERVISION),
    findings: '按方案实施，考勤记录完整。',
    visitedOn: plan.startsOn,
  });
  // Too few answers: the file waits until its deadline has passed, and closes as INSUFFICIENT.
  const enough = responses.length >= EVALUATION.fewest;
  const day = addDays(dayOf(project, 'CLOSE_EVALUATION'), enough ? 0 : EVALUATION.deadline);
  if (!reaches(project, 'CLOSE_EVALUATION') || day >= project.today) return;
  project.evaluatedOn = day;
  const closed = instant(day, '10:00');
  book.step('evaluation', 'project.close', closed, officer(plan.organiser), { projectId });
}

/** What is paid of a commitment: most of it, in two categories. */
export function pay(book: Book, project: Running): void {
  const { plan, random } = project;
  if (plan.budgetFen === 0 || !plan.deliverer || !reaches(project, 'PAY')) return;
  const stream = random.stream('payment');
  const at = instant(dayOf(project, 'PAY'), '15:00');
  const spent = Math.min(1, stream.normal(MONEY.spent, 0.05));
  const parts = { TUITION: 0.6, BOARD: 0.4 } as const;
  for (const [category, share] of Object.entries(parts)) {
    book.step('funding', 'payment.record', at, finance(plan.organiser), {
      id: uuid7(stream, at),
      projectId: plan.id,
      amount: Math.max(1, Math.floor(plan.budgetFen * spent * share)),
      category,
      payee: plan.deliverer.name,
      paidOn: dayOf(project, 'PAY'),
    });
  }
}
