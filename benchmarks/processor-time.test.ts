import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { processorMs } from './processor-time.ts';

test('a process and what it started are counted together', async () => {
  const burn = 'const end = process.cpuUsage().user + 300_000; while (process.cpuUsage().user < end);';
  const script = `require('node:child_process').execFileSync(process.execPath, ['-e', ${JSON.stringify(burn)}]); console.log('done'); setInterval(() => {}, 1000);`;
  const parent = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  const before = processorMs(parent.pid ?? 0);
  await once(parent.stdout, 'data');
  expect(processorMs(parent.pid ?? 0) - before).toBeGreaterThan(280);
  parent.kill();
  await once(parent, 'close');
});
