/**
 * Writes openapi.json from the server's schemas, and from it the console's types. With `--check` it writes nothing and
 * fails when a file is not what would be written.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { openapiDocument } from '../server/src/openapi.ts';
import { openapiTypes } from './openapi-types.ts';

const document = openapiDocument();
const files = {
  'openapi.json': `${JSON.stringify(document, null, 2)}\n`,
  'console/src/api/openapi.ts': openapiTypes(document),
};
for (const [name, text] of Object.entries(files)) {
  const file = resolve(import.meta.dirname, '..', name);
  if (!process.argv.includes('--check')) {
    writeFileSync(file, text);
  } else if (readFileSync(file, 'utf8') !== text) {
    console.error(`${name} is not what the schemas say: run "node scripts/openapi.ts" and commit it.`);
    process.exitCode = 1;
  }
}
