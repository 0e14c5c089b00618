/**
 * Writes openapi.json from the server's schemas. With `--check` it writes nothing and fails when the file is not what
 * would be written.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { openapiDocument } from '../server/src/openapi.ts';

const file = resolve(import.meta.dirname, '../openapi.json');
const text = `${JSON.stringify(openapiDocument(), null, 2)}\n`;
if (!process.argv.includes('--check')) {
  writeFileSync(file, text);
} else if (readFileSync(file, 'utf8') !== text) {
  console.error('openapi.json is not what the schemas say: run "node scripts/openapi.ts" and commit it.');
  process.exitCode = 1;
}
