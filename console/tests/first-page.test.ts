import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

const dist = path.resolve(import.meta.dirname, '../dist');
const importStatement = /(?:\bfrom|\bimport)\s*["'](\.[^"']+\.js)["']/g;
const kilobyte = 1000;

/** A script and all that it imports statically, by their paths in the build. */
function loadedWith(file: string, known: Set<string>): Set<string> {
  if (known.has(file)) return known;
  known.add(file);
  const source = readFileSync(path.join(dist, file), 'utf8');
  for (const [, imported = ''] of source.matchAll(importStatement))
    loadedWith(path.join(path.dirname(file), imported), known);
  return known;
}

/** Bytes of a file as most browsers get it; small files are sent as they are. */
function sentBytes(file: string): number {
  const whole = path.join(dist, file);
  return (statSync(`${whole}.br`, { throwIfNoEntry: false }) ?? statSync(whole)).size;
}

test('what index.html loads is under 200 kB of compressed script', () => {
  const page = readFileSync(path.join(dist, 'index.html'), 'utf8');
  const files = new Set<string>();
  for (const [, file = ''] of page.matchAll(/(?:src|href)="\/([^"]+\.js)"/g)) loadedWith(file, files);
  const bytes = [...files].reduce((sum, file) => sum + sentBytes(file), 0);
  console.log(`index.html loads ${Math.round(bytes / kilobyte)} kB of script in ${files.size} files`);
  expect(files.size).toBeGreaterThan(1);
  expect(bytes).toBeGreaterThan(50 * kilobyte);
  expect(bytes).toBeLessThan(200 * kilobyte);
});
