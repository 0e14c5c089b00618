import { expect, test } from 'vitest';
import { type JournalEntry, LineBuffer, parseLine } from './journal-line.ts';
import { settled, started } from './testing.ts';

/** The entries in bytes of whole lines. */
function entriesOf(bytes: Buffer): (JournalEntry | null)[] {
  const lines: Buffer[] = [];
  let from = 0;
  for (let end = bytes.indexOf('\n'); end !== -1; end = bytes.indexOf('\n', from)) {
    lines.push(bytes.subarray(from, end));
    from = end + 1;
  }
  expect(from).toBe(bytes.length);
  return lines.map((line) => parseLine(line));
}

test('lines are read as they were added, however many, long and far from ASCII they are', () => {
  const buffer = new LineBuffer();
  // More than the buffer has room for at first, more again in one line, and few.
  const counts = [300, 1, 2];
  for (const count of counts) {
    const entries = Array.from({ length: count }, (_, index): JournalEntry[] => {
      const start = started({ model_requested: '模型 "é\n\0🦙'.repeat(count === 1 ? 20_000 : index) });
      return [
        { kind: 'started', value: start },
        { kind: 'settled', value: settled(start, { error_code: '\u2028', route: [] }) },
      ];
    }).flat();
    for (const entry of entries) buffer.add(entry);
    expect(buffer.lines).toBe(entries.length);
    expect(entriesOf(buffer.take())).toEqual(entries);
    expect([buffer.lines, buffer.take().length]).toEqual([0, 0]);
  }
});
