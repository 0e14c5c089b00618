import { expect, test } from 'vitest';
import { Reload } from './reload.ts';

function heldLoads() {
  const loads: PromiseWithResolvers<void>[] = [];
  const reload = new Reload(() => {
    const load = Promise.withResolvers<void>();
    loads.push(load);
    return load.promise;
  });
  return { loads, reload };
}

test('those who ask during a load share one that begins after it', async () => {
  const { loads, reload } = heldLoads();
  const done: string[] = [];
  const asked = ['first', 'second', 'third'].map((name) => reload.now().then(() => done.push(name)));
  expect(loads).toHaveLength(1);
  loads[0]?.resolve();
  await asked[0];
  expect(done).toEqual(['first']);
  expect(loads).toHaveLength(2);
  loads[1]?.resolve();
  await Promise.all(asked);
  expect(loads).toHaveLength(2);
  const later = reload.now();
  loads[2]?.resolve();
  await later;
  expect(loads).toHaveLength(3);
});

test('a load that fails says so to those who asked for it, and to nobody else', async () => {
  const { loads, reload } = heldLoads();
  const first = reload.now();
  const second = reload.now();
  loads[0]?.reject(new Error('away'));
  await expect(first).rejects.toThrow('away');
  loads[1]?.resolve();
  await expect(second).resolves.toBeUndefined();
  await expect(reload.idle()).resolves.toBeUndefined();
});
