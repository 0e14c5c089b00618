import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, inject, test } from 'vitest';
import { chatRequestSchema } from '@weai/protocol/chat-request';
import { settings } from '../../server/src/config.ts';
import { program } from '../../server/src/cli.ts';
import { catalogueEntry, starterModelId } from '../../server/src/models/catalogue.ts';
import { operationsOf, readDescription } from '../generate/api.ts';
import { sidebar } from '../site/sidebar.ts';
import { listPages } from './blocks.ts';

const site = join(import.meta.dirname, '../dist');
const pages = readdirSync(site, { recursive: true, encoding: 'utf8' }).filter((name) =>
  name.endsWith('index.html'),
);
const html = new Map(pages.map((name) => [addressOf(name), readFileSync(join(site, name), 'utf8')]));
const { environment } = inject('documentedServer');
const address = environment['WEAI_URL'] ?? '';

/** `quickstart/index.html` → `/docs/quickstart/`. */
function addressOf(name: string): string {
  return `/docs/${name.replace(/index\.html$/, '')}`;
}

function idsOf(page: string): Set<string> {
  return new Set(Array.from(page.matchAll(/\sid="([^"]+)"/g), ([, id = '']) => id));
}

describe('links', () => {
  test.each([...html])('of %s lead somewhere', (from, page) => {
    const dead: string[] = [];
    for (const [, link = ''] of page.matchAll(/<a\b[^>]*?\shref="([^"]*)"/g)) {
      const { origin, pathname, hash } = new URL(link, `http://site${from}`);
      if (origin !== 'http://site' || !pathname.startsWith('/docs')) continue;
      const target = html.get(pathname.endsWith('/') ? pathname : `${pathname}/`);
      if (target === undefined) dead.push(link);
      else if (hash !== '' && !idsOf(target).has(decodeURIComponent(hash.slice(1)))) dead.push(link);
    }
    expect([...new Set(dead)]).toEqual([]);
  });

  test.each([...html])('of %s load nothing from elsewhere', (_from, page) => {
    const loaded = Array.from(
      page.matchAll(/<(?:script|img|link|iframe|source)\b[^>]*?\s(?:src|href)="([^"]*)"/g),
    );
    expect(loaded.map(([, link = '']) => link).filter((link) => /^(https?:)?\/\//.test(link))).toEqual([]);
  });

  test('in the menu are to every page, and the other way round', () => {
    const listed = JSON.stringify(sidebar);
    const missing = listPages()
      .map((name) => name.replace(/\.mdx?$/, ''))
      .filter((name) => !name.startsWith('reference/api/') && !listed.includes(`"${name}"`));
    expect(missing).toEqual([]);
  });
});

describe('the reference has every', () => {
  const textOf = (path: string) =>
    (html.get(`/docs/reference/${path}/`) ?? '').replaceAll(/<[^>]*>/g, '').replaceAll('&#x3C;', '<');

  test('path and method of openapi.json', () => {
    const all = [...html]
      .filter(([path]) => path.startsWith('/docs/reference/api/'))
      .map(([, page]) => page.replaceAll(/<[^>]*>/g, ''));
    const shown = all.join('\n');
    const missing = Object.entries(readDescription().paths).flatMap(([path, item]) =>
      operationsOf(item)
        .map(([method]) => `${method.toUpperCase()} ${path}`)
        .filter((operation) => !shown.includes(operation)),
    );
    expect(missing).toEqual([]);
  });

  test('setting', () => {
    const shown = textOf('configuration');
    expect(Object.values(settings).filter(({ name }) => !shown.includes(name))).toEqual([]);
  });

  test('command and option', () => {
    const shown = textOf('cli');
    const missing: string[] = [];
    const look = (command: typeof program, names: string[]): void => {
      if (names.length > 0 && command.commands.length === 0 && !shown.includes(`weai ${names.join(' ')}`))
        missing.push(names.join(' '));
      for (const { long } of command.options)
        if (long && !shown.includes(long)) missing.push(`${names.join(' ')} ${long}`);
      for (const child of command.commands) look(child, [...names, child.name()]);
    };
    look(program, []);
    expect(missing).toEqual([]);
  });

  test('field of a chat request', () => {
    const shown = textOf('compatibility');
    expect(Object.keys(chatRequestSchema.shape).filter((field) => !shown.includes(field))).toEqual([]);
  });
});

test('what is said of the starter’s usual length is the catalogue’s', () => {
  const { usualCompletionTokens = 0 } = catalogueEntry(starterModelId)?.capabilities ?? {};
  const said = new Intl.NumberFormat('en').format(usualCompletionTokens);
  const readme = readFileSync(join(import.meta.dirname, '../../README.md'), 'utf8');
  expect(readme).toContain(`its answers end after ${said} with`);
  expect(html.get('/docs/guides/chat-completions/')).toContain(`${said} for the starter`);
});

describe('the server', () => {
  test('answers /docs with the built site, under a policy that allows each inline script and no other', async () => {
    const answer = await fetch(`${address}/docs/`);
    expect(answer.status).toBe(200);
    expect(await answer.text()).toBe(html.get('/docs/'));
    const policy = answer.headers.get('content-security-policy') ?? '';
    expect(policy).toMatch(/script-src [^;]*'sha256-/);
    expect(policy).not.toMatch(/script-src [^;]*'unsafe-inline'/);
  });

  test('serves the search index and the assets', async () => {
    expect(existsSync(join(site, 'pagefind/pagefind.js'))).toBe(true);
    const entry = await fetch(`${address}/docs/pagefind/pagefind-entry.json`);
    expect(await entry.json()).toMatchObject({ languages: { en: { page_count: expect.any(Number) } } });
    const [, script = ''] = /<script type="module" src="([^"]+)"/.exec(html.get('/docs/') ?? '') ?? [];
    const asset = await fetch(address + script);
    expect([asset.status, asset.headers.get('cache-control')]).toEqual([
      200,
      'public, max-age=31536000, immutable',
    ]);
  });

  test('answers an unknown page with 404 and the site around it', async () => {
    const answer = await fetch(`${address}/docs/no-such-page/`);
    expect(answer.status).toBe(404);
    expect(await answer.text()).toContain('/docs/assets/');
  });
});
