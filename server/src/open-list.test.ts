import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { OpenList, type Place } from './open-list.ts';

test('has what was added and not removed, in the order of adding', () => {
  const steps = fc.array(fc.oneof(fc.constant('add' as const), fc.nat(20)), { maxLength: 60 });
  fc.assert(
    fc.property(steps, (all) => {
      const list = new OpenList<number>();
      const places: Place<number>[] = [];
      let expected: number[] = [];
      for (const [at, step] of all.entries()) {
        if (step === 'add') {
          places.push(list.add(at));
          expected.push(at);
        } else {
          // Some are removed twice, some are not there.
          const place = places[step];
          place?.remove();
          expected = expected.filter((value) => value !== place?.value);
        }
        expect(list.places().map(({ value }) => value)).toEqual(expected);
        expect(list.size).toBe(expected.length);
        expect(places.filter(({ isOpen }) => isOpen).map(({ value }) => value)).toEqual(expected);
      }
    }),
  );
});

test('keeps nothing alive that was removed, where a Set would until a full collection', () => {
  const script = `
    import { getHeapSpaceStatistics } from 'node:v8';
    import { OpenList } from ${JSON.stringify(join(import.meta.dirname, 'open-list.ts'))};
    const oldMegabytes = () =>
      getHeapSpaceStatistics().find(({ space_name: name }) => name === 'old_space').space_used_size / 2 ** 20;
    const churn = (add) => {
      const removals = [];
      let most = 0;
      for (let at = 0; at < 20_000; at += 1) {
        removals.push(add({ data: Array.from({ length: 100 }, (_, index) => ({ index })) }));
        if (removals.length > 64) removals.shift()();
        if (at === 5000) gc();
        if (at > 5000 && at % 100 === 0) most = Math.max(most, oldMegabytes());
      }
      gc();
      return most - oldMegabytes();
    };
    const list = new OpenList();
    const set = new Set();
    const ofList = churn((value) => { const place = list.add(value); return () => place.remove(); });
    const ofSet = churn((value) => { set.add(value); return () => set.delete(value); });
    console.log(JSON.stringify([ofList, ofSet]));`;
  const args = [
    '--expose-gc',
    '--no-warnings',
    '--max-semi-space-size=4',
    '--input-type=module',
    '--eval',
    script,
  ];
  const { stdout, stderr } = spawnSync(process.execPath, args, {
    encoding: 'utf8',
    env: { PATH: process.env.PATH },
  });
  expect(stderr).toBe('');
  const [ofList, ofSet] = JSON.parse(stdout) as [number, number];
  expect(ofList, `megabytes in the old space, of a Set ${ofSet}`).toBeLessThan(ofSet / 4);
});
