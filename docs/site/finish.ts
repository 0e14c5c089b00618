import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

/**
 * After the build: hashes of the inline scripts and styles, for the server's Content-Security-Policy, and compressed forms of
 * every text file. Pagefind's own integration runs before this one.
 */
export function finishSite() {
  return {
    name: 'weai-finish',
    hooks: {
      'astro:build:done': ({ dir }: { dir: URL }) => finish(fileURLToPath(dir)),
    },
  };
}

const text = new Set(['.html', '.js', '.css', '.json', '.svg']);

function finish(directory: string): void {
  const scripts = new Set<string>();
  const styles = new Set<string>();
  const names = readdirSync(directory, { recursive: true, encoding: 'utf8' });
  for (const name of names.filter((each) => each.endsWith('.html'))) {
    const page = readFileSync(join(directory, name), 'utf8');
    for (const [, attributes = '', content = ''] of page.matchAll(/<script\b([^>]*)>(.*?)<\/script>/gs)) {
      if (!/\bsrc=|type="application\/(ld\+)?json"/.test(attributes)) scripts.add(hash(content));
    }
    for (const [, content = ''] of page.matchAll(/<style\b[^>]*>(.*?)<\/style>/gs)) styles.add(hash(content));
  }
  const policy = { scripts: [...scripts].toSorted(), styles: [...styles].toSorted() };
  writeFileSync(join(directory, 'policy.json'), JSON.stringify(policy));
  for (const name of names.filter((each) => text.has(extname(each)))) {
    const file = join(directory, name);
    const plain = readFileSync(file);
    if (plain.length < 1024) continue;
    writeFileSync(`${file}.gz`, gzipSync(plain, { level: 9 }));
    const quality = { [constants.BROTLI_PARAM_QUALITY]: 9 };
    writeFileSync(`${file}.br`, brotliCompressSync(plain, { params: quality }));
  }
}

function hash(content: string): string {
  return `sha256-${createHash('sha256').update(content).digest('base64')}`;
}
