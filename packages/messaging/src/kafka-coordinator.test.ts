import { describe, expect, it } from '@jest/globals';
import { untilCoordinated } from './kafka-coordinator.js';

// As kafkajs throws it; its types forbid to make one with a message.
const missing = (): Error =>
  Object.assign(new Error('none yet'), { name: 'KafkaJSGroupCoordinatorNotFound' });

describe('the wait for a coordinator', () => {
  it('asks again while there is none', async () => {
    let asked = 0;
    await untilCoordinated(async () => {
      asked += 1;
      if (asked < 3) throw missing();
    }, 60_000);
    expect(asked).toBe(3);
  });

  it('gives up when the time is over', async () => {
    await expect(untilCoordinated(() => Promise.reject(missing()), -1)).rejects.toThrow('none yet');
  });

  it('passes every other fault on at once', async () => {
    let asked = 0;
    const ask = async (): Promise<void> => {
      asked += 1;
      throw new Error('not authorised');
    };
    await expect(untilCoordinated(ask, 60_000)).rejects.toThrow('not authorised');
    expect(asked).toBe(1);
  });
});
