import { expect, test } from 'vitest';
import { formatBytes, formatDuration, formatProgress, ProgressPrinter, SpeedMeter } from './progress.ts';

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1.0 kB'],
  [98_362_432, '98.4 MB'],
  [999_960_000, '1.0 GB'],
  [42_520_398_400, '42.5 GB'],
])('%i bytes are %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

test.each([
  [0, '0s'],
  [75, '1m 15s'],
  [3_700, '1h 1m'],
])('%i seconds are %s', (seconds, text) => {
  expect(formatDuration(seconds)).toBe(text);
});

test('a transfer is told in one line', () => {
  expect(formatProgress({ bytes: 25e6, totalBytes: 100e6, bytesPerSecond: 5e6 })).toBe(
    '25%  25.0 MB of 100.0 MB  5.0 MB/s  15s left',
  );
  expect(formatProgress({ bytes: 25e6, totalBytes: null, bytesPerSecond: 0 })).toBe('25.0 MB  0 B/s');
});

test('speed is that of the last five seconds', () => {
  const meter = new SpeedMeter();
  expect(meter.measure(1_000_000, 0)).toBe(0);
  expect(meter.measure(3_000_000, 1000)).toBe(2_000_000);
  for (let second = 2; second <= 10; second += 1) meter.measure(3_000_000, second * 1000);
  expect(meter.measure(3_000_000, 11_000)).toBe(0);
});

function printed(isTTY: boolean): string[] {
  const written: string[] = [];
  let nowMs = 0;
  const output = { isTTY, columns: 80, write: (text: string) => written.push(text) };
  const printer = new ProgressPrinter('tiny', output, () => nowMs);
  for (let step = 0; step <= 10; step += 1) {
    nowMs = step * 1000;
    printer.update({ bytes: step * 10, totalBytes: 100, bytesPerSecond: 10 });
  }
  printer.finish();
  printer.finish();
  return written;
}

test('a terminal gets a bar that fits, drawn in place, and a fresh line at the end', () => {
  const written = printed(true);
  expect(written).toHaveLength(12);
  expect(written.at(-1)).toBe('\n');
  expect(written[5]).toContain('####');
  for (const text of written.slice(0, -1)) expect(text.replace('\r\u001B[2K', '').length).toBeLessThan(80);
});

test('a log gets a line every five seconds and the last one', () => {
  const written = printed(false);
  expect(written.map((line) => /\d+%/.exec(line)?.[0])).toEqual(['0%', '50%', '100%']);
  expect(written.every((line) => line.startsWith('tiny: ') && line.endsWith('\n'))).toBe(true);
});
