import { describe, expect, it, jest } from '@jest/globals';
import { replayEnvironment, systemEnvironment } from './environment.js';

const EVENT_TIME = '2024-03-01T02:00:00.000Z';
const timeOf = (id: string): number => Number.parseInt(id.replace('-', '').slice(0, 12), 16);

describe('the environment in which history is built', () => {
  const environment = replayEnvironment(() => new Date(0));

  it('takes time and ids of what an event causes from the event, not from the last command', () => {
    expect(environment.now(EVENT_TIME).toISOString()).toBe(EVENT_TIME);
    const newId = environment.ids('hours:event-1', EVENT_TIME);
    expect([newId(), newId()].map(timeOf)).toEqual([1, 1].map(() => Date.parse(EVENT_TIME)));
    expect(timeOf(environment.ids('command-1')())).toBe(0);
  });

  it('gives the same ids for the same cause, and others for another', () => {
    const [first, again, other] = ['a', 'a', 'b'].map((cause) => {
      const newId = environment.ids(cause, EVENT_TIME);
      return [newId(), newId()];
    });
    expect(again).toEqual(first);
    expect(new Set([...(first ?? []), ...(other ?? [])]).size).toBe(4);
  });
});

describe('the environment of a running service', () => {
  it('gives ids of the real time, never the same', () => {
    const newId = systemEnvironment().ids('a');
    expect(newId()).not.toBe(newId());
    expect(Math.abs(timeOf(newId()) - Date.now())).toBeLessThan(60_000);
  });

  it('gives ids in their order, whoever asks and however many in a millisecond', () => {
    const makers = ['a', 'b'].map((cause) => systemEnvironment().ids(cause));
    const ids = Array.from({ length: 5_000 }, () => makers.map((newId) => newId())).flat();
    expect(ids).toEqual([...ids].sort());
    expect(new Set(ids).size).toBe(10_000);
    expect(new Set(ids.map(timeOf)).size).toBeLessThan(5_000);
    expect(ids.filter((id) => !/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab]/.test(id))).toEqual(
      [],
    );
    // No two share what follows their time and number.
    expect(new Set(ids.map((id) => id.slice(-11))).size).toBeGreaterThan(9_990);
  });

  it('counts on when the clock is set back', () => {
    const newId = systemEnvironment().ids('a');
    const clock = jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 5_000);
    const before = newId();
    clock.mockRestore();
    expect(newId() > before).toBe(true);
  });
});
