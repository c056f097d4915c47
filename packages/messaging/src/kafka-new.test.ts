import { describe, expect, it } from '@jest/globals';
import { untilKnown } from './kafka-new.js';

// As kafkajs throws it; its types forbid to make one with a message.
const missing = (): Error =>
  Object.assign(new Error('none yet'), { name: 'KafkaJSGroupCoordinatorNotFound' });

describe('the wait for a coordinator', () => {
  it('asks again while there is none', async () => {
    let asked = 0;
    await untilKnown(async () => {
      asked += 1;
      if (asked < 3) throw missing();
    }, 60_000);
    expect(asked).toBe(3);
  });

  it('asks again while a topic is not known everywhere, also when kafkajs has retried', async () => {
    const unknown = Object.assign(new Error('unknown'), { type: 'UNKNOWN_TOPIC_OR_PARTITION' });
    const faults: Error[] = [unknown, new Error('retried', { cause: unknown })];
    let asked = 0;
    await untilKnown(async () => {
      asked += 1;
      const fault = faults.shift();
      if (fault) throw fault;
    }, 60_000);
    expect(asked).toBe(3);
  });

  it('gives up when the time is over', async () => {
    await expect(untilKnown(() => Promise.reject(missing()), -1)).rejects.toThrow('none yet');
  });

  it('passes every other fault on at once', async () => {
    let asked = 0;
    const ask = async (): Promise<void> => {
      asked += 1;
      throw new Error('not authorised');
    };
    await expect(untilKnown(ask, 60_000)).rejects.toThrow('not authorised');
    expect(asked).toBe(1);
  });
});
