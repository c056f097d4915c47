import { describe, expect, it } from '@jest/globals';
import { Batcher, shuffled } from './batcher.js';

describe('the batcher', () => {
  it('writes eight at once, shuffled, and answers each with its own result', async () => {
    const batches: number[][] = [];
    const batcher = new Batcher<number, string>(
      async (batch) => {
        batches.push([...batch]);
        return batch.map((item) => `stored ${item}`);
      },
      { size: 8, waitMs: 60_000 },
    );
    for (let round = 0; round < 3; round += 1) {
      const items = [1, 2, 3, 4, 5, 6, 7, 8];
      const answers = await Promise.all(items.map((item) => batcher.submit(item)));
      expect(answers).toEqual(items.map((item) => `stored ${item}`));
    }
    expect(batches.map(({ length }) => length)).toEqual([8, 8, 8]);
    // By chance once in 40 320³.
    expect(batches.every((batch) => batch.every((item, index) => item === index + 1))).toBe(false);
  });

  it('writes fewer after a while, and answers only when they are written', async () => {
    let release = (): void => {};
    const written = new Promise<void>((resolve) => (release = resolve));
    let begin = (): void => {};
    const begun = new Promise<void>((resolve) => (begin = resolve));
    let answered = false;
    const batcher = new Batcher<number, string>(
      async (batch) => {
        begin();
        await written;
        return batch.map(() => 'stored');
      },
      { size: 8, waitMs: 1 },
    );
    const answer = batcher.submit(1).then((result) => {
      answered = true;
      return result;
    });
    await begun;
    expect(answered).toBe(false);
    release();
    await expect(answer).resolves.toBe('stored');
  });

  it('tells every one of a batch that could not be written, and goes on with the next', async () => {
    let fails = true;
    const batcher = new Batcher<number, string>(
      async (batch) => {
        if (fails) throw new Error('no database');
        return batch.map(() => 'stored');
      },
      { size: 2, waitMs: 60_000 },
    );
    const lost = await Promise.allSettled([batcher.submit(1), batcher.submit(2)]);
    expect(lost.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    fails = false;
    expect(await Promise.all([batcher.submit(1), batcher.submit(2)])).toEqual(['stored', 'stored']);
  });
});

describe('shuffled', () => {
  it('puts each item in each place about equally often', () => {
    const places = new Map<string, number>();
    for (let round = 0; round < 4_000; round += 1) {
      shuffled(['a', 'b', 'c', 'd']).forEach((item, place) => {
        places.set(`${item}${place}`, (places.get(`${item}${place}`) ?? 0) + 1);
      });
    }
    expect(places.size).toBe(16);
    // 1 000 expected, sd 27: eight of them to either side.
    for (const times of places.values()) expect(Math.abs(times - 1_000)).toBeLessThan(220);
  });
});
