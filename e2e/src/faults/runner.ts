import { Random } from '@yanxiu/generator/random';
import { until } from '@yanxiu/testkit/waiting';
import { Trial, type Case } from './case.js';
import { Client } from './client.js';
import { auditBaseline, type AuditBaseline } from './invariants/commands.js';
import { checkAll } from './invariants/check.js';
import { copyLedgers } from './invariants/ledgers.js';
import type { Rebuilds } from './invariants/rebuilds.js';
import { Load } from './load.js';
import { prepareProvince, type Province } from './province.js';
import { untilHeard, untilQuiet } from './quiet.js';
import { Stage, type StageOptions, type TransportKind } from './stage.js';

/** How long recovery may take: measured in the full run, generous in CI. */
export interface Limits {
  backMs: number;
  drainedMs: number;
  /** How long a client repeats one command. */
  patienceMs: number;
  /** How long a fault may take to be hit. */
  hitMs: number;
}

export interface Result {
  id: string;
  transport: TransportKind;
  seed: number;
  verdict: 'passed' | 'FAILED' | 'VOID';
  injected: number;
  hit: number;
  lost: number;
  doubled: number;
  acknowledged: number;
  lines: string[];
  /** Seconds from the end of the fault until a new command's event was taken elsewhere. */
  back: number | undefined;
  /** Seconds from the end of the load until everything was taken. */
  drained: number | undefined;
  tookSeconds: number;
}

const emptyResult = ({ id }: Case, transport: TransportKind, seed: number): Result => ({
  ...{ id, transport, seed, verdict: 'passed' },
  ...{ injected: 0, hit: 0, lost: 0, doubled: 0, acknowledged: 0, lines: [] },
  ...{ back: undefined, drained: undefined, tookSeconds: 0 },
});

/** A case that never began, since its platform did not start. */
export const notStarted = (
  each: Case,
  transport: TransportKind,
  seed: number,
  error: unknown,
): Result => ({
  ...emptyResult(each, transport, seed),
  verdict: 'VOID',
  lines: [`did not start: ${error instanceof Error ? error.message : String(error)}`],
});

/** Acknowledged commands before the fault, and again after it. */
const WARM_UP = 15;
const AFTERWARDS = 25;

/** One platform and all the cases that run on it, one after the other. */
export class Runner {
  static readonly #open = new Set<Stage>();
  readonly #client: Client;
  #count = 0;

  private constructor(
    readonly stage: Stage,
    client: Client,
    readonly province: Province,
    readonly audit: AuditBaseline,
    readonly limits: Limits,
  ) {
    this.#client = client;
  }

  static async open(options: StageOptions, limits: Limits): Promise<Runner> {
    const stage = await Stage.open(options);
    Runner.#open.add(stage);
    try {
      const client = new Client(stage.system, `f${Date.now().toString(36)}`, limits.patienceMs);
      const audit = await auditBaseline(stage);
      const province = await prepareProvince(stage, client);
      return new Runner(stage, client, province, audit, limits);
    } catch (error) {
      await stage.close();
      throw error;
    }
  }

  /** Ends what is still running, when the runner is told to stop in the middle. */
  static async closeAll(): Promise<void> {
    for (const stage of Runner.#open) await stage.close();
  }

  async close(): Promise<void> {
    Runner.#open.delete(this.stage);
    await this.stage.close();
  }

  async run(each: Case, seed: number, rebuilds: Rebuilds = 'none'): Promise<Result> {
    const begun = performance.now();
    const load = new Load(this.#client, this.province, seed, this.#count++);
    const random = new Random(seed, `case ${each.id}`);
    const trial = new Trial(this.stage, this.#client, load, random, this.limits.hitMs);
    const result = emptyResult(each, this.stage.transport, seed);
    const first = this.#client.acknowledged.length;
    try {
      await this.#underLoad(each, trial, result, rebuilds);
    } catch (error) {
      trial.wrong.push(error instanceof Error ? error.message : String(error));
      await load.stop().catch(() => undefined);
    }
    result.acknowledged = this.#client.acknowledged.length - first;
    result.injected = trial.injected;
    result.hit = trial.hit;
    result.lines.push(...trial.notes, ...trial.wrong.map((text) => `wrong: ${text}`));
    if (trial.wrong.length > 0) result.verdict = 'FAILED';
    else if (result.verdict === 'passed') {
      const needed = trial.injected * (1 - (each.mayMiss ?? 0));
      if (trial.injected === 0 || trial.hit < needed) result.verdict = 'VOID';
    }
    result.tookSeconds = (performance.now() - begun) / 1_000;
    return result;
  }

  async #underLoad(each: Case, trial: Trial, result: Result, rebuilds: Rebuilds): Promise<void> {
    const { stage, load, client } = trial;
    const ledgers = await copyLedgers(stage);
    await load.start();
    await this.#acknowledged(trial, WARM_UP);
    await each.run(trial).catch((error: unknown) => trial.wrong.push(String(error)));
    if (each.ruins) return load.stop().catch(() => undefined);
    const over = performance.now();
    const { backMs, drainedMs } = this.limits;
    await untilHeard(stage, await load.probe(), backMs).catch((error: unknown) =>
      trial.wrong.push(`I10 ${String(error)}`),
    );
    result.back = (performance.now() - over) / 1_000;
    if (result.back * 1_000 > backMs) {
      trial.wrong.push(`I10 traffic is back after ${result.back.toFixed(1)} s`);
    }
    await this.#acknowledged(trial, AFTERWARDS);
    // Whatever does not come to an end is looked at all the same: the invariants say what is amiss.
    await load.stop().catch((error: unknown) => trial.wrong.push(String(error)));
    await untilQuiet(stage, drainedMs).then(
      (seconds) => (result.drained = seconds),
      (error: unknown) => trial.wrong.push(`I10 ${String(error)}`),
    );
    const findings = await checkAll(stage, client, { audit: this.audit, ledgers, rebuilds });
    result.lost = findings.lost.length;
    result.doubled = findings.doubled.length;
    result.lines.push(...findings.lines());
    if (!findings.clean) result.verdict = 'FAILED';
  }

  #acknowledged(trial: Trial, more: number): Promise<unknown> {
    const from = trial.client.acknowledged.length;
    return until(() => trial.client.acknowledged.length >= from + more || trial.load.failure, {
      timeoutMs: this.limits.backMs + this.limits.drainedMs,
      everyMs: 50,
      message: `${more} commands to be acknowledged`,
    });
  }
}
