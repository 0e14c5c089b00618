/**
 * Writes the pages that the code itself describes, below src/content/docs/reference: the API from openapi.json, the commands
 * from the command line's own help, the settings from server/src/config.ts, errors and compatibility from the protocol and the
 * table of engine kinds. They are made at every build and not kept in the repository, so they can't go stale.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { apiPages } from './generate/api.ts';
import { commandPage } from './generate/commands.ts';
import { compatibilityPage } from './generate/compatibility.ts';
import { errorPage } from './generate/errors.ts';
import type { Page } from './generate/page.ts';
import { rolesPage } from './generate/roles.ts';
import { settingsPage } from './generate/settings.ts';

const directory = join(import.meta.dirname, 'src/content/docs/reference');

const pages: Page[] = [
  ...apiPages(),
  errorPage(),
  compatibilityPage(),
  commandPage(),
  settingsPage(),
  rolesPage(),
];

rmSync(directory, { recursive: true, force: true });
for (const { path, title, description, body, order } of pages) {
  const file = join(directory, `${path}.md`);
  mkdirSync(dirname(file), { recursive: true });
  const matter = [
    `title: ${JSON.stringify(title)}`,
    `description: ${JSON.stringify(description)}`,
    ...(order === undefined ? [] : [`sidebar:\n  order: ${order}`]),
    'editUrl: false',
  ];
  writeFileSync(file, `---\n${matter.join('\n')}\n---\n\n${body.trim()}\n`);
}
console.log(`Wrote ${pages.length} pages.`);
