import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readLines } from './segments.ts';
import { temporaryDirectory } from './testing.ts';

test('lines of any length are read whole between any two of their ends, what is torn or unwanted is left out', async () => {
  const path = join(temporaryDirectory(), 'lines');
  // Around what one read takes, and more than that.
  const length = fc.oneof(fc.nat(300), fc.integer({ min: 131_000, max: 131_200 }), fc.constant(400_000));
  const line = fc
    .record({ length, letter: fc.constantFrom('a', 'b', 'é') })
    .map(({ length: count, letter }) => letter.repeat(count));
  await fc.assert(
    fc.asyncProperty(
      fc.array(line, { maxLength: 12 }),
      fc.nat(12),
      fc.string(),
      async (lines, skipped, torn) => {
        const before = lines.slice(0, skipped).map((each) => `${each}\n`);
        writeFileSync(path, `${lines.map((each) => `${each}\n`).join('')}${torn.replaceAll('\n', '')}`);
        const start = Buffer.byteLength(before.join(''));
        const whole = Buffer.byteLength(lines.map((each) => `${each}\n`).join(''));
        const found: string[] = [];
        let end = start;
        const isWanted = (bytes: Buffer, from: number) => bytes[from] !== 'b'.charCodeAt(0);
        for await (const read of readLines(path, start, whole + Buffer.byteLength(torn), isWanted)) {
          for (const each of read.lines) {
            found.push(each.bytes.toString('utf8'));
            expect(each.end).toBeGreaterThan(end);
            end = each.end;
          }
          expect(read.end).toBeGreaterThanOrEqual(end);
          end = read.end;
        }
        expect(found).toEqual(lines.slice(skipped).filter((each) => !each.startsWith('b')));
        expect(end).toBe(Math.max(start, whole));
      },
    ),
    { numRuns: 60 },
  );
});
