import { expect, test } from 'vitest';
import { csvOf } from './csv.ts';

const row = {
  day: 0,
  group: 'k1',
  requests: 1,
  inputTokens: 10,
  cachedTokens: 1,
  outputTokens: 2,
  costUsd: '0.0000001',
  machineUsd: '0.50',
};

test('CSV quotes, and no cell is a formula', () => {
  const csv = csvOf({ rows: [row], idle: [] }, 'key', () => '=HYPERLINK("http://x")');
  expect(csv.split('\r\n')[1]).toBe(`1970-01-01,k1,"'=HYPERLINK(""http://x"")",1,10,1,2,0.0000001,0.5,0.0`);
});

test('money is exact, whatever its size', () => {
  const rows = [{ ...row, costUsd: '98765432.123456789', machineUsd: '10.00' }];
  const csv = csvOf({ rows, idle: [] }, 'key', (group) => group);
  expect(csv.split('\r\n')[1]).toBe('1970-01-01,k1,k1,1,10,1,2,98765432.123456789,10.0,0.0');
});

test('idle time has lines of its own', () => {
  const idle = [{ day: 86_400, deployment: 'large', usd: '0.25' }];
  const lines = csvOf({ rows: [], idle }, 'model', (group) => group).split('\r\n');
  expect(lines[0]).toMatch(/,measured_usd,idle_usd$/);
  expect(lines[1]).toBe('1970-01-02,,idle large,0,0,0,0,0.0,0.0,0.25');
  expect(lines[2]).toBe('');
});
