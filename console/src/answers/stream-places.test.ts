import { expect, test } from 'vitest';
import { takeStreamPlace } from './stream-places.ts';

test('six may stream at once; the seventh takes the first place that gets free, one that gave up takes none', async () => {
  const { signal } = new AbortController();
  const places = await Promise.all([1, 2, 3, 4, 5, 6].map(() => takeStreamPlace(signal)));
  const order: string[] = [];
  const leaving = new AbortController();
  const given = takeStreamPlace(leaving.signal).catch((error: unknown) => order.push(String(error)));
  const seventh = takeStreamPlace(signal).then((free) => (order.push('seventh'), free));
  const eighth = takeStreamPlace(signal).then((free) => (order.push('eighth'), free));
  leaving.abort();
  await given;
  expect(order).toEqual(['AbortError: Given up while it waited']);

  places[0]?.();
  // Freed twice, it is one place still.
  places[0]?.();
  const freeSeventh = await seventh;
  await Promise.resolve();
  expect(order.at(-1)).toBe('seventh');
  freeSeventh();
  const freeEighth = await eighth;
  for (const free of [...places, freeEighth]) free();
  // All are free again.
  await Promise.all([1, 2, 3, 4, 5, 6].map(() => takeStreamPlace(signal)));
});
