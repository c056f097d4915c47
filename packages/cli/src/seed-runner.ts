import { setTimeout as sleep } from 'node:timers/promises';
import type { Phase, Step } from '@yanxiu/generator/step';
import { UserError } from './data-lock.js';
import { Enrolments } from './seed-enrolments.js';
import { SeedRefusal, type SeedService } from './seed-service.js';
import type { Service } from '@yanxiu/contracts/topic-access';

/** Commands that a service has before it: enough that it never waits for the next one. */
const IN_FLIGHT = 16;
const POLL_MS = 40;
/** What counts as quick for events to be taken; what is left is not asked for more often. */
const TAKEN_PER_MS = 5;

export type SeedServices = ReadonlyMap<Service, SeedService>;

/** Sends the steps of a plan, phase by phase, and waits until each phase's events are through. */
export class SeedRunner {
  readonly #enrolments = new Enrolments();

  constructor(
    readonly services: SeedServices,
    readonly signal: AbortSignal,
    readonly onStep: (phase: Phase) => void,
  ) {}

  async run(phase: Phase): Promise<void> {
    const byService = [...this.services.keys()].map((name) => ({
      name,
      steps: phase.steps.filter(({ service }) => service === name),
    }));
    await Promise.all(byService.map(({ name, steps }) => this.#pipeline(phase, name, steps)));
    await this.#quiet(phase);
  }

  /** Steps of one service in their order, several of them under way. */
  async #pipeline(phase: Phase, name: Service, steps: readonly Step[]): Promise<void> {
    const underWay: Promise<void>[] = [];
    for (const step of steps) {
      this.signal.throwIfAborted();
      if (underWay.length >= IN_FLIGHT) await underWay.shift();
      const input = await this.#enrolments.resolve(step);
      const done = this.#send(phase, name, step, input);
      // Awaited in turn; a failure of a later one must not be an unhandled one meanwhile.
      done.catch(() => undefined);
      underWay.push(done);
    }
    await Promise.all(underWay);
  }

  async #send(phase: Phase, name: Service, step: Step, input: unknown): Promise<void> {
    const service = this.services.get(name);
    if (!service) throw new Error(`no service ${name}`);
    const answer = service.run(step, input);
    this.#enrolments.observe(step, answer);
    try {
      const result = await answer;
      if (step.expect) throw new UserError(`${told(step)} was to be refused by ${step.expect}`);
      checkResult(step, result);
    } catch (error) {
      // A refusal that names no rule is expected of nobody.
      const expected = step.expect !== undefined && error instanceof SeedRefusal;
      if (!expected || ruleOf(error) !== step.expect) throw explained(step, error);
    }
    this.onStep(phase);
  }

  /** Until nothing is on its way: seen twice, since an event may be between two services. */
  async #quiet(phase: Phase): Promise<void> {
    let seen = 0;
    while (seen < 2) {
      this.signal.throwIfAborted();
      const statuses = await Promise.all(
        [...this.services].map(async ([name, service]) => [name, await service.status()] as const),
      );
      const dead = statuses.find(([, { deadLetters }]) => deadLetters > 0);
      if (dead) {
        const [name, { deadLetters }] = dead;
        throw new UserError(`${name} has ${deadLetters} dead letters after "${phase.name}"`);
      }
      const left = statuses
        .map(([, { outbox, lag, held }]) => outbox + lag + held)
        .reduce((sum, each) => sum + each);
      seen = left === 0 ? seen + 1 : 0;
      if (seen < 2) await sleep(Math.min(1_000, POLL_MS + left / TAKEN_PER_MS));
    }
  }
}

/** Commands that judge many at once must have taken all of them. */
function checkResult(step: Step, result: unknown): void {
  const { rows, results } = result as {
    rows?: { status: string }[];
    results?: { refusal: unknown }[];
  };
  const bad = [
    ...(rows ?? []).filter(({ status }) => status === 'REJECTED'),
    ...(results ?? []).filter(({ refusal }) => refusal),
  ];
  if (bad.length === 0) return;
  throw new UserError(`${told(step)} took not all: ${JSON.stringify(bad.slice(0, 3))}`);
}

function ruleOf(refusal: SeedRefusal): string | null {
  const { rule } = (refusal.extensions ?? {}) as { rule?: string };
  return rule ?? null;
}

const told = (step: Step): string => `the command ${step.service} ${step.command} at ${step.at}`;

function explained(step: Step, error: unknown): Error {
  if (!(error instanceof SeedRefusal)) return error as Error;
  const input = JSON.stringify(step.input).slice(0, 2_000);
  const rule = ruleOf(error) ?? JSON.stringify(error.extensions ?? {});
  return new UserError(
    `${told(step)} was refused (${rule}): ${error.message}\n` +
      `  actor: ${JSON.stringify(step.actor)}\n  input: ${input}`,
  );
}
