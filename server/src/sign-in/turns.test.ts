import { expect, test } from 'vitest';
import { Turns } from './turns.ts';

test('lets in so many at once, the others in order, and refuses who would wait too long', async () => {
  const turns = new Turns({ atOnce: 2, mostWaiting: 3 });
  const begun: number[] = [];
  const ends: (() => void)[] = [];
  const done = Array.from({ length: 6 }, (_, index) =>
    turns.run(() => {
      begun.push(index);
      const { promise, resolve } = Promise.withResolvers<void>();
      ends.push(resolve);
      return promise;
    }),
  );
  await expect(done[5]).rejects.toMatchObject({ code: 'rate_limit_exceeded', retryAfterSeconds: 5 });
  expect(begun).toEqual([0, 1]);
  for (let index = 0; index < 5; index += 1) {
    ends[index]?.();
    await done[index];
    await Promise.resolve();
    expect(begun).toEqual(Array.from({ length: Math.min(5, index + 3) }, (_, each) => each));
  }
});

test('a failure gives its turn back', async () => {
  const turns = new Turns({ atOnce: 1, mostWaiting: 1 });
  const failed = turns.run(() => Promise.reject(new Error('no')));
  const next = turns.run(() => Promise.resolve('next'));
  await expect(failed).rejects.toThrow('no');
  expect(await next).toBe('next');
  expect(await turns.run(() => Promise.resolve('last'))).toBe('last');
});
