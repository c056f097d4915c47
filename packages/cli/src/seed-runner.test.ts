import { describe, expect, it } from '@jest/globals';
import type { Step } from '@yanxiu/generator/step';
import { SeedRunner } from './seed-runner.js';
import { SeedRefusal, type SeedService } from './seed-service.js';

const step = (more: Partial<Step> = {}): Step => ({
  service: 'hours',
  command: 'ledger.load',
  at: '2025-01-01T00:00:00.000Z',
  actor: { subject: 'officer', role: 'OFFICER', unit: '140000' },
  input: { idempotencyKey: '1' },
  ...more,
});

/** Sends one step to a service that answers as told; how many steps were done. */
async function send(one: Step, answer: () => Promise<unknown>): Promise<number> {
  const status = () => Promise.resolve({ outbox: 0, lag: 0, held: 0, deadLetters: 0 });
  // Of a service the runner asks two things.
  const service = { run: answer, status } as unknown as SeedService;
  let done = 0;
  const runner = new SeedRunner(
    new Map([['hours', service]]),
    new AbortController().signal,
    () => (done += 1),
  );
  await runner.run({ name: 'phase', steps: [one] });
  return done;
}

const refused = (extensions?: unknown) => () => Promise.reject(new SeedRefusal('no', extensions));

describe('a command that is refused', () => {
  it('stops the seeding, whether or not the refusal names a rule', async () => {
    await expect(send(step(), refused({ rule: 'HOURS-CAP' }))).rejects.toThrow('refused');
    await expect(send(step(), refused({ code: 'BAD_USER_INPUT' }))).rejects.toThrow('refused');
    await expect(send(step(), refused())).rejects.toThrow('refused');
  });

  it('is gone past when just that rule was to refuse it', async () => {
    const expected = step({ expect: 'HOURS-CAP' });
    expect(await send(expected, refused({ rule: 'HOURS-CAP' }))).toBe(1);
    await expect(send(expected, refused({ rule: 'HOURS-ONCE' }))).rejects.toThrow('refused');
    await expect(send(expected, refused())).rejects.toThrow('refused');
    await expect(send(expected, () => Promise.resolve({}))).rejects.toThrow('was to be refused');
  });
});
