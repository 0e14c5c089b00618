import { expect, test } from 'vitest';
import { parseProcessStatus, processActivity, wasStill } from './process-activity.ts';

test('reads state and times, whatever the program is called', () => {
  const text =
    '4711 (a) S 1 (b) T 1 4711 4711 0 -1 4194304 5000 0 12 0 250 31 7 8 20 0 11 0 9000 1000 200 1\n';
  expect(parseProcessStatus(text)).toEqual({ state: 'T', processorTicks: 281 });
});

test.runIf(process.platform === 'linux')('sees this process work', () => {
  const before = processActivity(process.pid);
  const end = performance.now() + 60;
  while (performance.now() < end);
  const after = processActivity(process.pid);
  expect(after?.state).toBe('R');
  expect(after?.processorTicks).toBeGreaterThan(before?.processorTicks ?? Number.NaN);
});

test('knows nothing of a process that is gone', () => {
  expect(processActivity(2 ** 22 + 1)).toBeNull();
});

const at = (processorTicks: number, state: string) => ({ processorTicks, state });
test.each([
  ['sleeps', at(5, 'S'), at(5, 'S'), true],
  ['is stopped', at(5, 'R'), at(5, 'T'), true],
  ['works', at(5, 'S'), at(6, 'S'), false],
  ['waits for a processor', at(5, 'R'), at(5, 'R'), false],
  ['waits for a disk', at(5, 'S'), at(5, 'D'), false],
  ['is gone', at(5, 'S'), null, false],
  ['is not known', null, null, false],
])('of a process that %s', (_, before, after, still) => {
  expect(wasStill(before, after)).toBe(still);
});
